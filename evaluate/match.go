package evaluate

import (
	"unicode/utf8"

	"alerter/usage"
)

// Match narrows a rule to some series. Each list holds globs (* and ?) for a
// label; an empty list matches everything. The workspace of the whole
// organization is "", which * matches too.
type Match struct {
	Organization []string `json:"organization,omitempty" yaml:"organization,omitempty"`
	Workspace    []string `json:"workspace,omitempty" yaml:"workspace,omitempty"`
	ModelGroup   []string `json:"model_group,omitempty" yaml:"model_group,omitempty"`
	Limiter      []string `json:"limiter,omitempty" yaml:"limiter,omitempty"`
}

// Accepts reports whether every list has a glob that matches its label.
func (m Match) Accepts(l usage.Labels) bool {
	return anyGlob(m.Organization, l.Organization) && anyGlob(m.Workspace, l.Workspace) &&
		anyGlob(m.ModelGroup, l.ModelGroup) && anyGlob(m.Limiter, l.Limiter)
}

func anyGlob(globs []string, label string) bool {
	if len(globs) == 0 {
		return true
	}
	for _, g := range globs {
		if glob(g, label) {
			return true
		}
	}
	return false
}

// glob reports whether all of text matches the pattern, in which * stands for
// any run of characters and ? for one. On a mismatch it goes back to the newest
// star and lets it take one character more, which is enough: earlier stars never
// need to.
func glob(pattern, text string) bool {
	star, retry := -1, 0
	p, t := 0, 0
	for t < len(text) {
		_, size := utf8.DecodeRuneInString(text[t:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, t
			p++
		case p < len(pattern) && pattern[p] == '?':
			p, t = p+1, t+size
		case p < len(pattern) && pattern[p] == text[t]:
			p, t = p+1, t+1
		case star >= 0:
			_, size = utf8.DecodeRuneInString(text[retry:])
			retry += size
			p, t = star+1, retry
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
