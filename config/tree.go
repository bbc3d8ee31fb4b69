package config

import (
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Bounds on what a file may hold once its aliases are written out: far more
// than any real file, far less than what a bomb of aliases needs.
const (
	maxNodes = 100_000
	maxDepth = 64
)

// coreTags are the tags a value may have. Others would be ignored, so they are refused.
var coreTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!timestamp", "!!merge"}

// resolver writes a file's nodes out: aliases and merge keys replaced by what
// they stand for, ${VAR} by its value. Positions are those of where a thing was
// written.
type resolver struct {
	*report
	env   func(string) (string, bool)
	nodes int
	open  []*yaml.Node // the anchors being written out, to find one that holds itself
}

// resolve returns a copy of n that later steps may read without a thought for aliases.
func (r *resolver) resolve(n *yaml.Node, depth int) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return r.alias(n, depth)
	}
	c := &yaml.Node{Kind: n.Kind, Tag: n.ShortTag(), Value: n.Value, Style: n.Style, Line: n.Line, Column: n.Column}
	if r.nodes++; r.stopped || r.nodes > maxNodes || depth > maxDepth {
		r.stop(n)
		return c
	}
	if !slices.Contains(coreTags, c.Tag) {
		r.fault(c, "unknown tag: leave it out, and quote a value that begins with !")
		return c
	}
	switch n.Kind {
	case yaml.MappingNode:
		r.mapping(c, n, depth)
	case yaml.SequenceNode:
		for _, item := range n.Content {
			c.Content = append(c.Content, r.resolve(item, depth+1))
		}
	case yaml.ScalarNode:
		if c.Tag == "!!str" {
			r.expand(c)
		}
	}
	return c
}

// stop ends the writing out, once.
func (r *resolver) stop(n *yaml.Node) {
	if !r.stopped {
		r.stopped = true
		r.fault(n, "too much for one file: more than %d values after aliases are written out, or nested deeper than %d", maxNodes, maxDepth)
	}
}

// alias writes out what an alias stands for.
func (r *resolver) alias(n *yaml.Node, depth int) *yaml.Node {
	if slices.Contains(r.open, n.Alias) {
		c := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line, Column: n.Column}
		r.fault(c, "the anchor %q holds itself", n.Value)
		return c
	}
	r.open = append(r.open, n.Alias)
	c := r.resolve(n.Alias, depth)
	r.open = r.open[:len(r.open)-1]
	return c
}

// mapping writes out the keys and values of n into c: its own first, then those
// it merges. A key that stands twice is reported at the second. Lists under one
// key are joined so that nothing in the second is lost to later checks.
func (r *resolver) mapping(c, n *yaml.Node, depth int) {
	first := map[string]int{} // key → index of its value in c.Content
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], r.resolve(n.Content[i+1], depth+1)
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			r.fault(key, "a key is a word, not %s", describe(key))
			continue
		}
		if key.ShortTag() == "!!merge" {
			merged = append(merged, value)
			continue
		}
		at, twice := first[key.Value]
		if twice {
			r.fault(n.Content[i], "duplicate key %q (first at %d:%d)", key.Value, c.Content[at-1].Line, c.Content[at-1].Column)
			if both := c.Content[at]; both.Kind == yaml.SequenceNode && value.Kind == yaml.SequenceNode {
				both.Content = append(both.Content, value.Content...)
				continue
			}
		} else {
			first[key.Value] = len(c.Content) + 1
		}
		name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key.Value, Line: n.Content[i].Line, Column: n.Content[i].Column}
		c.Content = append(c.Content, name, value)
	}
	for _, m := range merged {
		r.merge(c, m, first)
	}
}

// merge adds to c what it does not have itself of m, the value of a << key: a
// mapping, or a list of them of which the first counts most.
func (r *resolver) merge(c, m *yaml.Node, have map[string]int) {
	switch m.Kind {
	case yaml.SequenceNode:
		for _, each := range m.Content {
			r.merge(c, each, have)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(m.Content); i += 2 {
			if _, has := have[m.Content[i].Value]; !has {
				have[m.Content[i].Value] = len(c.Content) + 1
				c.Content = append(c.Content, m.Content[i], m.Content[i+1])
			}
		}
	default:
		r.fault(m, "<< merges mappings, not %s", describe(m))
	}
}

// expand replaces the variables of a text.
func (r *resolver) expand(c *yaml.Node) {
	value, err := expand(c.Value, r.env)
	_, unset := errors.AsType[unsetError](err)
	switch {
	case unset && r.unset != nil:
		r.unset[c], r.bad[c] = err.Error(), true
	case err != nil:
		r.fault(c, "%s", err)
	case value == "" && c.Value != "" && r.unset != nil:
		r.unset[c], r.bad[c] = "the variables in it are empty", true
	}
	c.Value = value // empty after an error
}

// isNull reports whether n is a value left empty.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// describe says what n is, for messages. It never says what a text is: that
// may be a secret.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch strings.TrimPrefix(n.ShortTag(), "!!") {
	case "int", "float":
		return "a number"
	case "bool":
		return "true or false"
	case "null":
		return "nothing"
	}
	return "a text"
}

// value returns the value of a key of a mapping, nil if it has none.
func value(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// spot returns the value at the end of a way of keys, or the last mapping on the
// way that exists: the position of a bad value, or of what a missing one is missing from.
func spot(n *yaml.Node, way ...string) *yaml.Node {
	for _, key := range way {
		next := value(n, key)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// item returns the i-th value of a list, or the list if it has none: a value
// standing alone is a list of one.
func item(n *yaml.Node, i int) *yaml.Node {
	if n.Kind == yaml.SequenceNode && i < len(n.Content) {
		return n.Content[i]
	}
	return n
}
