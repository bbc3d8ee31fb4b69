package evaluate

import (
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"alerter/usage"
)

func TestGlobIsAnchored(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "anything at/all", true}, {"?", "", false}, {"?", "ü", true},
		{"a*", "ab", true}, {"a*", "ba", false}, {"*a", "ba", true}, {"*a", "ab", false}, {"a?c", "abc", true}, {"a?c", "ac", false},
		{"*ab*ab", "ababab", true}, {"*aab", "aaab", true}, {"a*b*c", "a-b-b-d", false}, {"Claude *", "Claude Opus 5", true},
		{"[a]", "a", false}, {"[a]", "[a]", true}, {"**", "x", true}, {"a", "A", false}, {"*ü?", "xüy", true},
	} {
		if got := glob(c.pattern, c.text); got != c.want {
			t.Errorf("glob(%q, %q): got %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
}

func TestGlobAgreesWithPathMatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(rapid.RuneFrom([]rune("ab*?ü")), 0, 8, -1).Draw(t, "pattern")
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abü")), 0, 10, -1).Draw(t, "text")
		want, err := path.Match(pattern, text)
		if err != nil || strings.Contains(text, "/") {
			t.Skip()
		}
		if got := glob(pattern, text); got != want {
			t.Fatalf("glob(%q, %q): got %v, want %v", pattern, text, got, want)
		}
	})
}

func TestMatchNeedsEveryList(t *testing.T) {
	t.Parallel()
	labels := usage.Labels{Organization: "acme", ModelGroup: "Claude Opus 5", Limiter: "output_tokens_per_minute"}
	for _, c := range []struct {
		match Match
		want  bool
	}{
		{Match{}, true},
		{Match{Workspace: []string{"*"}}, true},
		{Match{Workspace: []string{""}}, true},
		{Match{Workspace: []string{"payments"}}, false},
		{Match{Limiter: []string{"input_*", "output_*"}, Organization: []string{"acme"}}, true},
		{Match{Limiter: []string{"output_*"}, Organization: []string{"other"}}, false},
		{Match{ModelGroup: []string{"*Sonnet*"}}, false},
	} {
		if got := c.match.Accepts(labels); got != c.want {
			t.Errorf("%+v: got %v, want %v", c.match, got, c.want)
		}
	}
}
