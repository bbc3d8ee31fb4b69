package notify

import (
	"testing"

	"alerter/evaluate"
)

func TestOddsAreCountedAndWhatIsRareHasNoNumber(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		odds  evaluate.Odds
		first bool
	}{
		"followed a first warning like this one within the hour in 45 % of cases":               {evaluate.Odds{Within15: 0.06, Within60: 0.21, Warned60: 0.45}, true},
		"followed such a minute within 15 min in 6 % of cases, within the hour in 21 %":         {evaluate.Odds{Within15: 0.06, Within60: 0.21, Warned60: 0.45}, false},
		"followed such a minute within 15 min in 30 % of cases, within the hour in 51 % (here)": {evaluate.Odds{Within15: 0.3, Within60: 0.51, Warned60: 0.45, Source: "here"}, true},
		"followed such a minute within the hour in 5 % of cases, rarely within 15 min":          {evaluate.Odds{Within15: 0.01, Within60: 0.05}, false},
		"rarely followed such a minute within the hour (here)":                                  {evaluate.Odds{Within60: 0.01, Source: "here"}, true},
		"rarely followed such a minute within the hour":                                         {evaluate.Odds{}, false},
	} {
		if got := oddsWords(c.odds, c.first); got != want {
			t.Errorf("%+v: got %q, want %q", c.odds, got, want)
		}
	}
}
