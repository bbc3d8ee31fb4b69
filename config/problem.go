package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	File    string // as the user named it; empty where no file is to blame
	Line    int    // from 1; zero where the whole file is meant
	Column  int    // from 1, in characters
	Message string // what is wrong, and what would be right
}

// String is the problem as compilers print it: file:line:column: message.
func (p Problem) String() string {
	switch {
	case p.File == "":
		return p.Message
	case p.Line == 0:
		return fmt.Sprintf("%s: %s", p.File, p.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// Errors is everything that is wrong with a file, by position. It is what
// [Load] returns as its error.
type Errors []Problem

// Error is one problem a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// sorted returns the problems by position, each once.
func (e Errors) sorted() Errors {
	sorted := slices.Clone(e)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(sorted)
}

// report collects what is wrong with one file.
type report struct {
	file     string
	problems Errors
	bad      map[*yaml.Node]bool // values already complained about
	warnings []string
	// part: sections may be missing, since only some are asked for.
	part bool
	// unset holds why a value is not known here, where variables that are not set
	// are no problems; nil where they are.
	unset   map[*yaml.Node]string
	stopped bool // the file is too much, which has been reported
}

// fault reports a problem at a node. A value that has one already is left
// alone: its second problem would follow from the first.
func (r *report) fault(n *yaml.Node, format string, args ...any) {
	if r.bad[n] {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.bad[n] = true
	}
	r.problems = append(r.problems, Problem{r.file, n.Line, n.Column, fmt.Sprintf(format, args...)})
}

// missing reports what a mapping lacks, unless a key or value in it that the
// message speaks of is bad: then it is there, only misspelt or not readable.
func (r *report) missing(n *yaml.Node, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	words := strings.FieldsFunc(message, func(c rune) bool { return !isKeyLetter(c) })
	words = slices.DeleteFunc(words, func(w string) bool { return len(w) < 3 })
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, val := n.Content[i], n.Content[i+1]
			if !r.ok(key) && nearest(key.Value, words) != "" || !r.ok(val) && slices.Contains(words, key.Value) {
				return
			}
		}
	}
	r.fault(n, "%s", message)
}

// wrongType reports a value that is not what it should be, so that nothing is
// said about what would be in it.
func (r *report) wrongType(n *yaml.Node, want string) {
	r.fault(n, "want %s, got %s", want, describe(n))
	r.bad[n] = true
}

// isKeyLetter reports whether keys may have a letter in them.
func isKeyLetter(c rune) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
}

// ok reports whether nothing has been said against a value.
func (r *report) ok(n *yaml.Node) bool { return !r.bad[n] }

// warn notes what works but deserves a look.
func (r *report) warn(n *yaml.Node, format string, args ...any) {
	r.warnings = append(r.warnings, Problem{r.file, n.Line, n.Column, fmt.Sprintf(format, args...)}.String())
}
