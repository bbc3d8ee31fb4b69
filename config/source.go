package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxFile is the size in bytes above which a file is taken for a mistake.
const maxFile = 1 << 20

// readFile reads a file of at most maxFile bytes. A pipe is fine, so that
// /dev/stdin can be checked.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, Errors{{File: path, Message: "read the file: " + reason(err)}}
	}
	if info.IsDir() {
		return nil, Errors{{File: path, Message: "is a folder: name the file in it"}}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, Errors{{File: path, Message: "read the file: " + reason(err)}}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, Errors{{File: path, Message: "read the file: " + reason(err)}}
	}
	return b, nil
}

// reason is why a file could not be used, without the path that stands before it already.
func reason(err error) string {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// parse turns a file's bytes into the mapping at its top.
func parse(name string, b []byte) (*yaml.Node, Errors) {
	if len(b) > maxFile {
		return nil, Errors{{File: name, Message: "is larger than 1 MiB: this is not a rules file"}}
	}
	if p, bad := badCharacter(b); bad {
		p.File = name
		return nil, Errors{p}
	}
	var documents []yaml.Node
	if err := yaml.Load(b, &documents, yaml.WithAllDocuments()); err != nil {
		return nil, syntaxErrors(name, b, err)
	}
	if len(documents) > 1 {
		second := documents[1]
		return nil, Errors{{name, second.Line, second.Column, "a second document begins here: one file is one document"}}
	}
	if len(documents) == 0 || len(documents[0].Content) == 0 || isNull(documents[0].Content[0]) {
		return nil, Errors{{name, 1, 1, "the file is empty: it needs at least organizations and receivers"}}
	}
	root := documents[0].Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, Errors{{name, root.Line, root.Column, "want keys and values (organizations: …), got " + describe(root)}}
	}
	return root, nil
}

// badCharacter finds the first byte that is not UTF-8 and the first character
// that YAML does not allow, for which the library knows no position.
func badCharacter(b []byte) (Problem, bool) {
	line, column := 1, 1
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size == 1:
			return Problem{Line: line, Column: column, Message: "this is not UTF-8: save the file as UTF-8"}, true
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r >= 0x7f && r < 0xa0 && r != 0x85, r == 0xfffe, r == 0xffff:
			return Problem{Line: line, Column: column, Message: fmt.Sprintf("control character %U: remove it", r)}, true
		case r == '\n':
			line, column = line+1, 0
		case r == '\ufeff' && line == 1 && column == 1:
			column = 0 // editors do not show a byte order mark
		}
		b = b[size:]
		column++
	}
	return Problem{}, false
}

// syntaxErrors gives the library's errors our form.
func syntaxErrors(name string, b []byte, err error) Errors {
	var all []*yaml.LoadError
	if many, ok := errors.AsType[*yaml.LoadErrors](err); ok {
		all = many.Errors
	} else if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		all = []*yaml.LoadError{one}
	}
	var problems Errors
	for _, e := range all {
		p := Problem{name, max(1, e.Mark.Line), max(1, e.Mark.Column), advise(e.Message)}
		if startsWithTab(b, p.Line) {
			p.Column = 1
			p.Message = "the line begins with a tab: YAML is indented with spaces"
		} else if e.ContextMsg != "" && e.ContextMark.Line != 0 {
			p.Message += fmt.Sprintf(" (%s that began at %d:%d)", e.ContextMsg, e.ContextMark.Line, e.ContextMark.Column)
		}
		problems = append(problems, p)
	}
	if len(problems) == 0 {
		problems = Errors{{name, 1, 1, err.Error()}}
	}
	return problems.sorted()
}

// advise says what to do about the syntax errors people make, and takes out what
// may be a password.
func advise(message string) string {
	switch {
	case strings.HasPrefix(message, "unknown anchor"):
		return "unknown anchor: quote a value that begins with *"
	case strings.HasPrefix(message, "mapping values are not allowed"):
		return message + ": quote a value that holds a colon and a space, and check the indentation"
	case strings.HasPrefix(message, "did not find expected"): // a bracket that something before it keeps open
		return message + ": close every bracket and quote, and quote a value that begins with #"
	case strings.HasPrefix(message, "found character that cannot start any token"):
		return message + ": quote a value that begins with @, ` or %"
	}
	return message
}

// startsWithTab reports whether the line, counted from 1, is indented with a tab.
func startsWithTab(b []byte, line int) bool {
	for i := 1; i < line; i++ {
		_, rest, found := bytes.Cut(b, []byte("\n"))
		if !found {
			return false
		}
		b = rest
	}
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	return len(b) > 0 && b[0] == '\t'
}
