package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"alerter/store"
)

// whatChanged says what applying a file did to a rule, setting by setting.
func whatChanged(c store.RuleChange) string {
	before, after := ruleSettings(c.Before), ruleSettings(c.After)
	switch c.Kind {
	case store.RuleAdded:
		return "added (" + after["kind"] + ")"
	case store.RuleRemoved:
		return "removed; its alerts are withdrawn"
	}
	all := maps.Clone(before)
	maps.Copy(all, after)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if before[name] != after[name] {
			parts = append(parts, fmt.Sprintf("%s %s → %s", name, settingText(name, before[name]), settingText(name, after[name])))
		}
	}
	return "changed: " + strings.Join(parts, ", ")
}

// settingText is a setting's value; one that is not there is no level, or no
// narrower choice of series.
func settingText(name, value string) string {
	switch {
	case value != "":
		return value
	case strings.HasPrefix(name, "match."):
		return "all"
	}
	return "none"
}

// ruleSettings are a stored rule's settings by the keys that they have in a file.
func ruleSettings(spec json.RawMessage) map[string]string {
	settings := map[string]string{}
	var rule map[string]json.RawMessage
	if json.Unmarshal(spec, &rule) != nil {
		return settings // there is no rule
	}
	for name, raw := range rule {
		var below map[string]json.RawMessage
		if json.Unmarshal(raw, &below) != nil {
			settings[name] = plainText(raw)
			continue
		}
		for key, value := range below {
			if name == "match" {
				key = "match." + key
			}
			settings[key] = plainText(value)
		}
	}
	if settings["repeat_interval"] == "0s" {
		settings["repeat_interval"] = "the route's"
	}
	return settings
}

// plainText is a JSON value without the quotation marks of texts.
func plainText(raw json.RawMessage) string {
	return strings.ReplaceAll(string(raw), `"`, "")
}
