package notify

import (
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

func TestHindsightSaysHowTheWarningTurnedOut(t *testing.T) {
	t.Parallel()
	minutes := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	at := func(minute int, shown float64) evaluate.LimitReached {
		return evaluate.LimitReached{At: minutes(minute), Shown: evaluate.Number(shown)}
	}
	for want, change := range map[string]func(*evaluate.Alert){
		"warned 23 min ahead: the limit was reached at 09:29 UTC": func(a *evaluate.Alert) { a.LimitReached = at(-29, 0.88) },
		"not visible in advance: the limit was reached at 09:01 UTC; 5 min before, the report showed 58 % of what the bucket can take": func(a *evaluate.Alert) {
			a.LimitReached = at(-57, 0.58)
		},
		"warned too late: the limit was reached at 09:01 UTC; 5 min before, the report showed 88 % of what the bucket can take": func(a *evaluate.Alert) {
			a.LimitReached = at(-57, 0.88)
		},
		"warned too late: the limit was reached at 09:02 UTC; 5 min before, the report showed 70 % of what the bucket can take": func(a *evaluate.Alert) {
			a.LimitReached, a.Kind = at(-56, 0.7), kindThreshold
		},
		"warned too late: the limit was reached at 09:06 UTC": func(a *evaluate.Alert) {
			a.LimitReached = evaluate.LimitReached{At: minutes(-52), Shown: evaluate.Unknown()}
		},
		"the limit may have been reached: no minute of the report shows it for certain": func(a *evaluate.Alert) { a.LimitReached = evaluate.LimitReached{} },
		"the limit was not reached, as far as the report shows":                         func(a *evaluate.Alert) { a.LimitReached, a.Peak = evaluate.LimitReached{}, 0.9 },
		"": func(a *evaluate.Alert) { a.Labels.Limiter = string(usage.TokensPerDay) },
	} {
		a := resolvedAlert() // warned of at 09:06, 52 minutes before noon
		change(&a)
		if got := (telling{alert: a, reason: evaluate.ReasonResolved, at: noon}).hindsight(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestHindsightIsSilentBeforeThereIsAny(t *testing.T) {
	t.Parallel()
	withdrawn := resolvedAlert()
	withdrawn.LimitReached.At = noon
	for _, c := range []telling{
		{alert: pressureAlert(), reason: evaluate.Fired, at: noon},
		{alert: staleAlert(), reason: evaluate.ReasonResolved, at: noon},
		{alert: withdrawn, reason: evaluate.ReasonWithdrawn, at: noon},
	} {
		if got := c.hindsight(); got != "" {
			t.Errorf("%s of %s: got %q, want nothing", c.reason, c.alert.Rule, got)
		}
	}
}
