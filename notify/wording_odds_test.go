package notify

import (
	"testing"
	"time"

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

func TestALimitsOwnHistoryTakesThePlaceOfTheTable(t *testing.T) {
	t.Parallel()
	a := pressureAlert()
	own := evaluate.Counted{Cases: 24, Within15: 4, Within60: 9, Since: noon.Add(-89*24*time.Hour - time.Hour)}
	a.Reading.Odds.Own = &own
	const want = "in the last 90 days 9 of 24 such warnings of this limit were followed by reaching it within an hour (38 %, between 21 and 57 %), 4 of them within 15 min"
	for reason, want := range map[evaluate.Reason]string{
		evaluate.Fired: want, evaluate.Escalated: want,
		evaluate.Reminder: "followed such a minute within 15 min in 6 % of cases, within the hour in 21 % (counted on four recorded 14-day traces)",
	} {
		if got := (telling{alert: a, reason: reason, at: noon}).odds(); got != want {
			t.Errorf("%s: got %q, want %q", reason, got, want)
		}
	}
	if got, want := View(a).Annotations["odds"], capital(want); got != want {
		t.Errorf("annotation: got %q, want %q", got, want)
	}
}

func TestAFewCasesAreNotMadeMoreOf(t *testing.T) {
	t.Parallel()
	for want, own := range map[string]evaluate.Counted{
		"in the last 24 h 0 of 20 such warnings of this limit were followed by reaching it within an hour (0 %, between 0 and 16 %)":                                 {Cases: 20, Since: noon.Add(-24 * time.Hour)},
		"in the last 2 days 20 of 20 such warnings of this limit were followed by reaching it within an hour (100 %, between 84 and 100 %), 0 of them within 15 min": {Cases: 20, Within60: 20, Since: noon.Add(-25 * time.Hour)},
	} {
		if got := ownOddsWords(own, noon); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
