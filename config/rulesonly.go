package config

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// elsewhere are the sections that say nothing of what fires and who is told.
var elsewhere = []string{"organizations", "storage", "receivers", "web", "heartbeat"}

// LoadRules is [Load] for those who only want rules and routes, to try them where
// the service's keys and secrets are not: what is wrong with other sections, such
// as a variable that is not set, is left to Load. What they hold is not to be used,
// but for the settle times of the organizations. A file may hold nothing but rules:
// then the Tree has no root, and nobody is told.
func LoadRules(path string, env func(string) (string, bool)) (*Config, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return LoadRulesBytes(path, b, env)
}

// LoadRulesBytes is LoadRules of what a file of that name holds.
func LoadRulesBytes(name string, b []byte, env func(string) (string, bool)) (*Config, error) {
	r := &report{file: name, bad: map[*yaml.Node]bool{}, part: true}
	check := r.read(b, env)
	if check == nil {
		return nil, r.problems.sorted()
	}
	c := check.all()
	c.Path = name
	root, _ := parse(name, b)
	problems := slices.DeleteFunc(r.problems, func(p Problem) bool {
		return slices.Contains(elsewhere, sectionAt(root, p.Line, p.Column))
	})
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	return c, nil
}

// sectionAt is the top key whose value a place is in; empty for none.
func sectionAt(root *yaml.Node, line, column int) string {
	section := ""
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, val := root.Content[i], root.Content[i+1]
		if after(val, line, column) {
			break
		}
		section = key.Value
		if after(key, line, column+1) {
			section = "" // the key itself
		}
	}
	return section
}

// after reports whether n begins behind a place.
func after(n *yaml.Node, line, column int) bool {
	return n.Line > line || n.Line == line && n.Column > column
}
