package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestAliasesAndMergesStandForWhatTheyName(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, small+`
rules:
  - alert: Low
    pressure: &levels {warning: 70%, critical: 90%}
    match: &only {limiter: [output_tokens_per_minute]}
  - alert: High
    pressure: {<<: *levels, critical: 95%}
    match: *only
  - alert: Both
    pressure: {<<: [{warning: 60%}, *levels]}
`)
	show, err := c.Show()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"warning: 70%\n      critical: 95%", "warning: 60%\n      critical: 90%"} {
		if !strings.Contains(string(show), want) {
			t.Errorf("got\n%s\nwant %q in it", show, want)
		}
	}
	if got := c.Rules[1].Match.Limiter; !slices.Equal(got, []string{"output_tokens_per_minute"}) {
		t.Errorf("got limiter %q, want the aliased one", got)
	}
}

func TestAMistakeUnderAnAnchorIsReportedWhereItIsWritten(t *testing.T) {
	t.Parallel()
	text := small + "rules:\n  - {alert: A, stale: &s {warning: soon}}\n  - {alert: B, stale: *s}\n"
	_, err := LoadBytes("rules.yaml", []byte(text), environment)
	if want := `rules.yaml:5:36: "soon" is not a duration: write 90s, 5m, 1h30m or 30d`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s once", err, want)
	}
}

func TestBombsAreRefused(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	for name, text := range map[string]string{
		"aliases": bomb.String(),
		"depth":   "a: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n",
		"width":   "a: [" + strings.Repeat("x,", maxNodes) + "x]\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadBytes("rules.yaml", []byte(small+text), environment)
			if err == nil || !strings.Contains(err.Error(), "too much for one file") {
				t.Errorf("got %.200v, want it refused as too much", err)
			}
		})
	}
}

func TestAliasedKeysAndNestedMistakesDoNotEndTheReading(t *testing.T) {
	t.Parallel()
	text := `
organizations: [{&k admin_key: "${ANTHROPIC_ADMIN_KEY}"}]
receivers: [{name: console, console: {}}]
web: {*k : x, ? {a: b} : c}
`
	_, err := LoadBytes("rules.yaml", []byte(text), environment)
	want := "rules.yaml:4:7: unknown key \"admin_key\"\nrules.yaml:4:17: a key is a word, not a mapping"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
