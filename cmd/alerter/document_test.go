package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// document is one file of the documentation.
type document struct {
	path string // below the repository
	text string
}

// documents are all that people are given to read.
func documents(t *testing.T) []document {
	t.Helper()
	var all []document
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "deploy/*.md", "peers/*/*.md"} {
		files, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			path, err := filepath.Rel(filepath.Join("..", ".."), file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, document{path, string(b)})
		}
	}
	if len(all) < 5 {
		t.Fatalf("got %d documents, want at least README and docs/", len(all))
	}
	return all
}

// fence is a fenced block: its language and its text.
var fence = regexp.MustCompile("(?ms)^ *```([a-z]*)\n(.*?)^ *```$")

// blocks are the document's blocks in one of the languages.
func (d document) blocks(languages ...string) []string {
	var found []string
	for _, m := range fence.FindAllStringSubmatch(d.text, -1) {
		for _, language := range languages {
			if m[1] == language {
				found = append(found, m[2])
			}
		}
	}
	return found
}

// comment is what a shell leaves out.
var comment = regexp.MustCompile(`(^|\s)#.*$`)

// shellCommands are the commands of the document's shell blocks, one each.
func (d document) shellCommands() []string {
	var all []string
	for _, block := range d.blocks("sh", "bash", "shell", "console") {
		block = strings.ReplaceAll(block, "\\\n", " ")
		for line := range strings.Lines(block) {
			line = comment.ReplaceAllString(strings.TrimPrefix(strings.TrimSpace(line), "$ "), "")
			for _, separator := range []string{"&&", "||", "|", ";"} {
				line = strings.ReplaceAll(line, separator, "\x00")
			}
			for command := range strings.SplitSeq(line, "\x00") {
				if command = strings.TrimSpace(command); command != "" {
					all = append(all, command)
				}
			}
		}
	}
	return all
}

// code is what stands in backticks within a line.
var code = regexp.MustCompile("`([^`\n]+)`")

// prose is the text without its blocks.
func (d document) prose() string { return fence.ReplaceAllString(d.text, "") }

// mentions are the words behind `alerter` wherever the prose has them in backticks.
func (d document) mentions() [][]string {
	var all [][]string
	for _, m := range code.FindAllStringSubmatch(d.prose(), -1) {
		if words := strings.Fields(m[1]); len(words) > 1 && words[0] == "alerter" {
			all = append(all, words[1:])
		}
	}
	return all
}

// commandLine is the program's own command line.
func commandLine() *kong.Kong {
	p := &program{out: io.Discard, err: io.Discard}
	return p.parser()
}

// resolve finds the command that words begin with, or says which word is none.
// Words after a command are its arguments; flags are looked up.
func resolve(model *kong.Application, words []string) (command *kong.Node, unknown string) {
	node := model.Node
	for i := 0; i < len(words); i++ {
		name, _, hasValue := strings.Cut(words[i], "=")
		if strings.HasPrefix(name, "--") {
			flag := flagOf(node, strings.TrimPrefix(name, "--"))
			if flag == nil {
				return node, words[i]
			}
			if !flag.IsBool() && !hasValue {
				i++
			}
			continue
		}
		if child := childOf(node, words[i]); child != nil {
			node = child
		} else if len(node.Positional) == 0 {
			return node, words[i]
		}
	}
	return node, ""
}

func childOf(n *kong.Node, name string) *kong.Node {
	for _, c := range n.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func flagOf(n *kong.Node, name string) *kong.Flag {
	for _, group := range n.AllFlags(false) {
		for _, f := range group {
			if f.Name == name {
				return f
			}
		}
	}
	return nil
}
