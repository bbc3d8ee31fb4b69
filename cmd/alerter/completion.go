package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

// Run prints a script that completes this program's command line. It is made from the
// commands themselves, and asks nothing of the program while it completes.
func (c completionCommand) Run(p *program, ctx *kong.Context) error {
	script := map[string]func([]junction) string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[c.Shell]
	_, err := io.WriteString(p.out, script(junctions(ctx.Model.Node, "")))
	return err
}

// junction is a place on the command line, and what may come there.
type junction struct {
	way      string       // the commands before it, with a space before each
	commands []*kong.Node // what may come next
	own      []*kong.Flag // flags that this command has and those above it do not
	flags    []*kong.Flag // all of them
	words    []string     // the values of an argument that is one of a few words
}

// junctions are a command's place, and those of all commands below it.
func junctions(n *kong.Node, way string) []junction {
	j := junction{way: way, commands: n.Children, own: n.Flags}
	for _, group := range n.AllFlags(true) {
		j.flags = append(j.flags, group...)
	}
	for _, argument := range n.Positional {
		if argument.Enum != "" {
			j.words = append(j.words, argument.EnumSlice()...)
		}
	}
	all := []junction{j}
	for _, child := range n.Children {
		all = append(all, junctions(child, way+" "+child.Name)...)
	}
	return all
}

// next are the words that may come here, but for flags.
func (j junction) next() []string {
	words := j.words
	for _, c := range j.commands {
		words = append(words, c.Name)
	}
	return words
}

// quote writes a text as all three shells read it.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// ways are all that are commands, as patterns of a case.
func ways(all []junction, separator string) string {
	var quoted []string
	for _, j := range all[1:] {
		quoted = append(quoted, quote(j.way))
	}
	return strings.Join(quoted, separator)
}

// flagValues are the branches of a case by what was typed before the cursor: the
// values where a flag takes one of a few, else none, which leaves it to file names. A
// flag of a command may also stand behind the commands below it.
func flagValues(all []junction, branch func(pattern string, values []string) string) string {
	var out strings.Builder
	for _, j := range all {
		for _, f := range j.own {
			if f.IsBool() {
				continue
			}
			var values []string
			if f.Enum != "" {
				values = f.EnumSlice()
			}
			out.WriteString(branch(quote(j.way)+"*"+quote(" --"+f.Name), values))
		}
	}
	return out.String()
}

const bashScript = `# bash completion for alerter: source <(alerter completion bash)
_alerter() {
	local at= word commands= flags=
	local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
	# --flag=value is three words to bash.
	if [ "$cur" = = ]; then cur=; elif [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case "$at $word" in
		%s) at="$at $word" ;;
		esac
	done
	COMPREPLY=()
	case "$at $before" in
%s	esac
	case "$at" in
%s	esac
	case "$cur" in -*) commands=$flags ;; esac
	COMPREPLY=($(compgen -W "$commands" -- "$cur"))
}
complete -o default -F _alerter alerter
`

func bashCompletion(all []junction) string {
	values := flagValues(all, func(pattern string, values []string) string {
		return fmt.Sprintf("\t%s) COMPREPLY=($(compgen -W %s -- \"$cur\")); return ;;\n", pattern, quote(strings.Join(values, " ")))
	})
	var places strings.Builder
	for _, j := range all {
		var flags []string
		for _, f := range j.flags {
			flags = append(flags, "--"+f.Name)
		}
		fmt.Fprintf(&places, "\t%s) commands=%s flags=%s ;;\n", quote(j.way), quote(strings.Join(j.next(), " ")), quote(strings.Join(flags, " ")))
	}
	return fmt.Sprintf(bashScript, ways(all, "|"), values, places.String())
}

const zshScript = `#compdef alerter
# zsh completion for alerter: source <(alerter completion zsh)
_alerter() {
	local at= word
	local -a commands flags values
	for word in ${words[2,CURRENT-1]}; do
		case "$at $word" in
		(%s) at="$at $word" ;;
		esac
	done
	case "$at ${words[CURRENT-1]}" in
%s	esac
	case "$at" in
%s	esac
	if [[ $words[CURRENT] == -* ]]; then
		_describe -o flag flags
	elif (( $#commands )); then
		_describe command commands
	else
		_files
	fi
}
if [ "$funcstack[1]" = _alerter ]; then _alerter "$@"; else compdef _alerter alerter; fi
`

func zshCompletion(all []junction) string {
	values := flagValues(all, func(pattern string, values []string) string {
		if len(values) == 0 {
			return fmt.Sprintf("\t(%s) _files; return ;;\n", pattern)
		}
		return fmt.Sprintf("\t(%s) values=(%s); _describe value values; return ;;\n", pattern, strings.Join(values, " "))
	})
	var places strings.Builder
	for _, j := range all {
		commands := append([]string(nil), j.words...)
		for _, c := range j.commands {
			commands = append(commands, quote(c.Name+":"+c.Help))
		}
		var flags []string
		for _, f := range j.flags {
			flags = append(flags, quote("--"+f.Name+":"+f.Help))
		}
		fmt.Fprintf(&places, "\t(%s)\n\t\tcommands=(%s)\n\t\tflags=(%s) ;;\n", quote(j.way), strings.Join(commands, " "), strings.Join(flags, " "))
	}
	return fmt.Sprintf(zshScript, ways(all, "|"), values, places.String())
}

const fishScript = `# fish completion for alerter: alerter completion fish | source
function __alerter_at
	set -l at ''
	for word in (commandline -opc)[2..]
		switch "$at $word"
			case %s
				set at "$at $word"
		end
	end
	test "$at" = "$argv[1]"
end
`

func fishCompletion(all []junction) string {
	var out strings.Builder
	fmt.Fprintf(&out, fishScript, ways(all, " "))
	for _, j := range all {
		here := fmt.Sprintf("complete -c alerter -n %s", quote("__alerter_at "+quote(j.way)))
		for _, c := range j.commands {
			fmt.Fprintf(&out, "%s -f -a %s -d %s\n", here, quote(c.Name), quote(c.Help))
		}
		if len(j.words) > 0 {
			fmt.Fprintf(&out, "%s -f -a %s\n", here, quote(strings.Join(j.words, " ")))
		}
		if j.way == "" {
			here = "complete -c alerter" // these flags may stand anywhere
		}
		for _, f := range j.own {
			fmt.Fprintf(&out, "%s -l %s%s -d %s\n", here, f.Name, fishValue(f), quote(f.Help))
		}
	}
	return out.String()
}

// fishValue says what comes behind a flag.
func fishValue(f *kong.Flag) string {
	switch {
	case f.IsBool():
		return ""
	case f.Enum != "":
		return " -x -a " + quote(strings.Join(f.EnumSlice(), " "))
	}
	return " -r"
}
