package notify

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
)

func TestTheConsoleBreaksLinesBetweenWordsAndBelowTheirText(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"  From 09:50 to 10:02 you used much":   "  From 09:50 to 10:02\n  you used much",
		"  Limit      output tokens per minute": "  Limit      output\n             tokens\n             per\n             minute",
		"  To do      - Begin with prod":        "  To do      - Begin\n               with\n               prod",
		"  a-word-that-is-longer-than-a-line x": "  a-word-that-is-longer-than-a-line\n  x",
		"  prod · Ärger mit Öl":                 "  prod · Ärger mit Öl",
		"":                                      "",
	} {
		if diff := cmp.Diff(want, Wrap(line, 21, hanging(line))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
	const long = "a line that nobody breaks where there is no terminal"
	if got := Wrap(long, 0, 2); got != long {
		t.Errorf("got %q, want it as it is", got)
	}
}

func TestAMessageFitsTheTerminalAndSaysTheSame(t *testing.T) {
	t.Parallel()
	printed := func(columns int) string {
		var b strings.Builder
		c, err := New("console", jsonSettings("{}"), Env{Now: fixedNow, Out: &b, Columns: columns})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Send(t.Context(), Compose(routed(evaluate.Fired, pressureAlert()), page)); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	narrow := printed(60)
	for line := range strings.Lines(narrow) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 60 && strings.Count(strings.TrimSpace(line), " ") > 0 && !strings.Contains(line, "https://") {
			t.Errorf("got %d columns, want at most 60: %s", n, line)
		}
	}
	if diff := cmp.Diff(strings.Fields(printed(0)), strings.Fields(narrow)); diff != "" {
		t.Errorf("words (-wide +narrow):\n%s", diff)
	}
}
