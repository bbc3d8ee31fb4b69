package config

import (
	"encoding/json"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Show returns the effective configuration as YAML: defaults filled in, aliases
// and variables replaced, secrets as <secret>. But for the secrets it can be
// loaded again, from the same folder, and means the same.
func (c *Config) Show() ([]byte, error) {
	n, err := toNode(c.file)
	if err != nil {
		return nil, fmt.Errorf("show the configuration: %w", err)
	}
	escapeAll(n)
	return yaml.Dump(n, yaml.WithLineWidth(-1), yaml.WithCompactSeqIndent(false))
}

// ShowValues returns the same as values of JSON, in which a dollar is a dollar.
func (c *Config) ShowValues() (map[string]any, error) {
	text, err := yaml.Dump(c.file)
	if err != nil {
		return nil, fmt.Errorf("show the configuration: %w", err)
	}
	var values map[string]any
	if err := yaml.Load(text, &values); err != nil {
		return nil, fmt.Errorf("show the configuration: %w", err)
	}
	return values, nil
}

// toNode is v as YAML nodes.
func toNode(v any) (*yaml.Node, error) {
	text, err := yaml.Dump(v)
	if err != nil {
		return nil, err
	}
	return fromText(text)
}

// fromText is the node that a text holds.
func fromText(text []byte) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Load(text, &document); err != nil {
		return nil, err
	}
	return document.Content[0], nil
}

// escapeAll writes every text so that its dollars survive being loaded.
func escapeAll(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		n.Value = escape(n.Value)
	}
	for _, below := range n.Content {
		escapeAll(below)
	}
}

// MarshalYAML writes the rule with its condition under the kind's name, and the
// condition's other keys beside it.
func (k ruleKeys) MarshalYAML() (any, error) {
	type commonKeys ruleKeys // without this method
	n, err := toNode(commonKeys(k))
	if err != nil {
		return nil, err
	}
	// By its JSON, which is what is stored: levels that the file leaves to their
	// defaults are in it.
	text, err := json.Marshal(k.condition)
	if err != nil {
		return nil, err
	}
	all, err := fromText(text)
	if err != nil {
		return nil, err
	}
	plainStyle(all)
	under, beside := emptyMapping(all), []*yaml.Node{}
	for i := 0; i+1 < len(all.Content); i += 2 {
		key, val := all.Content[i], all.Content[i+1]
		if slices.Contains(k.kind.Keys, key.Value) {
			beside = append(beside, key, val)
		} else {
			under.Content = append(under.Content, key, val)
		}
	}
	kind := []*yaml.Node{word(k.condition.Kind()), under}
	n.Content = slices.Insert(n.Content, 2, append(kind, beside...)...) // behind the alert's name
	return n, nil
}

// MarshalYAML writes the receiver with its settings under the kind's name.
func (k receiverKeys) MarshalYAML() (any, error) {
	type commonKeys receiverKeys // without this method
	n, err := toNode(commonKeys(k))
	if err != nil {
		return nil, err
	}
	own, err := toNode(k.settings)
	if err != nil {
		return nil, err
	}
	n.Content = slices.Insert(n.Content, 2, word(k.kind), own) // behind the name
	return n, nil
}

// plainStyle takes the quotes and braces of JSON off.
func plainStyle(n *yaml.Node) {
	n.Style = 0
	for _, below := range n.Content {
		plainStyle(below)
	}
}

// word is a node that holds a word.
func word(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
}
