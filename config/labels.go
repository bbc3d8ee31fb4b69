package config

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// matcherValue checks that a matcher asks for something an alert can have. The
// severities are a closed list. The alert names are this file's, but rules can be
// applied from elsewhere; the limiters are the API's, which may have new ones any
// day: for these a slip can only be supposed.
func (c *checks) matcherValue(at *yaml.Node, m route.Matcher) {
	switch m.Name {
	case "severity":
		severities := texts(evaluate.Severities[:])
		if !asksFor(m, severities) {
			c.fault(at, "%s no alert%s: severities are %s%s", does(m), didYouMean(m.Value, severities), strings.Join(severities, ", "), wholeValue(m))
		}
	case "alertname":
		var names []string
		for _, r := range c.file.Rules {
			names = append(names, r.Alert)
		}
		if len(names) > 0 && !asksFor(m, names) {
			c.warn(at, "%s no rule of this file%s%s", does(m), didYouMean(m.Value, names), wholeValue(m))
		}
	case "limiter":
		limiters := texts(usage.Limiters[:])
		if m.Value != "" && !asksFor(m, limiters) {
			c.warn(at, "%s no limiter that is known%s%s", does(m), didYouMean(m.Value, limiters), wholeValue(m))
		}
	}
}

// does is what a matcher does to something, in words.
func does(m route.Matcher) string {
	if strings.HasPrefix(m.Op, "!") {
		return m.String() + " leaves out"
	}
	return m.String() + " matches"
}

// wholeValue reminds of what is often forgotten of expressions.
func wholeValue(m route.Matcher) string {
	if strings.HasSuffix(m.Op, "~") {
		return "; an expression must match the whole value"
	}
	return ""
}

// asksFor reports whether a matcher tells any of the values from the others: = or
// =~ takes it, != or !~ leaves it out.
func asksFor(m route.Matcher, values []string) bool {
	negative := strings.HasPrefix(m.Op, "!")
	for _, v := range values {
		if m.Matches(map[string]string{m.Name: v}) != negative {
			return true
		}
	}
	return false
}

// matchLimiters warns of globs that no known limiter has a name for.
func (c *checks) matchLimiters(rule *yaml.Node, match evaluate.Match) {
	limiters := texts(usage.Limiters[:])
	list := spot(rule, "match", "limiter")
	for i, glob := range match.Limiter {
		only := evaluate.Match{Limiter: []string{glob}}
		known := false
		for _, l := range limiters {
			known = known || only.Accepts(usage.Labels{Limiter: l})
		}
		if glob != "" && !known {
			c.warn(item(list, i), "%q matches no limiter that is known%s", glob, didYouMean(strings.Trim(glob, "*"), limiters))
		}
	}
}

// texts are values of a text type as texts.
func texts[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}
