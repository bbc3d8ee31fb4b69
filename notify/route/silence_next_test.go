package route_test

import (
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
)

func TestASilenceThatAnotherTakesOverFromIsNotSaidToEnd(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	matcher := parseMatcher(t, `alertname="LimitPressure"`)
	alert := evaluate.Alert{
		Fingerprint: "a1", Rule: "LimitPressure", Kind: "pressure", State: evaluate.Firing,
		Severity: evaluate.Warning, Worst: evaluate.Warning, FiredAt: began, PendingAt: began,
	}
	tree := route.Tree{
		Root:      &route.Node{Receiver: "team", GroupInterval: time.Minute, RepeatInterval: 24 * time.Hour},
		Receivers: map[string]route.ReceiverOptions{"team": {SendResolved: true}}, Order: []string{"team"},
	}
	first := route.Step(began, tree, route.Input{Notices: []evaluate.Notice{{At: began, Reason: evaluate.Fired, Alert: alert}}})
	silence := func(id string, from, to time.Duration) route.Silence {
		return route.Silence{ID: id, Matchers: []route.Matcher{matcher}, StartsAt: began.Add(from), EndsAt: began.Add(to), UpdatedAt: began}
	}
	for name, c := range map[string]struct {
		next route.Silence
		want int
	}{
		"no other":         {silence("b", 3*time.Hour, 4*time.Hour), 1},
		"with a gap":       {silence("b", 61*time.Minute, 4*time.Hour), 1},
		"one takes over":   {silence("b", 55*time.Minute, 4*time.Hour), 0},
		"right at its end": {silence("b", time.Hour, 4*time.Hour), 0},
	} {
		out := route.Step(began.Add(50*time.Minute), tree, route.Input{
			Groups: first.Groups, Alerts: []evaluate.Alert{alert},
			Silences: []route.Silence{silence("a", time.Minute, time.Hour), c.next},
		})
		if got := len(out.Messages); got != c.want {
			t.Errorf("%s: got %d messages %+v, want %d", name, got, out.Messages, c.want)
		}
	}
}
