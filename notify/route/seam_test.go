package route_test

import (
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// level is a condition that says what it is told to say of one limit.
type level struct{ is *evaluate.Severity }

func (level) Kind() string            { return "level" }
func (level) Lookback() time.Duration { return 0 }
func (level) Check() error            { return nil }
func (l level) Verdicts(time.Time, evaluate.Match, *usage.Facts) iter.Seq[evaluate.Verdict] {
	return slices.Values([]evaluate.Verdict{{
		Subject: evaluate.Subject{ID: usage.ID{OrganizationID: "org-1", GroupID: "rlg_opus"}},
		AtLeast: *l.is, AtMost: *l.is, Reading: evaluate.Reading{Value: 1},
	}})
}

// seam is the two steps as the service joins them, minute by minute.
type seam struct {
	tree   route.Tree
	alerts []evaluate.Alert
	groups []route.Group
	at     time.Time
}

// look makes one step of each and returns what is told from it.
func (s *seam) look(at time.Time, severity evaluate.Severity) (told []string) {
	rule := evaluate.Rule{Alert: "R", Condition: level{&severity}}
	res := evaluate.Step(at, []evaluate.Rule{rule}, &usage.Facts{SteppedAt: s.at}, s.alerts)
	out := route.Step(at, s.tree, route.Input{Notices: res.Notices, Groups: s.groups})
	groups := map[route.GroupRef]route.Group{}
	for _, g := range slices.Concat(s.groups, out.Groups) {
		groups[g.Ref()] = g
	}
	s.groups = s.groups[:0:0]
	for _, g := range groups {
		s.groups = append(s.groups, g)
	}
	s.alerts, s.at = res.Alerts, at
	for _, m := range out.Messages {
		for _, it := range m.Items {
			told = append(told, m.Receiver+" "+string(it.Reason)+" "+string(it.Severity))
		}
	}
	return told
}

// What a receiver hears of an alert whose severity goes up and down within one
// episode, step by step.
func TestReceiversHearWhatSeveritiesComeTo(t *testing.T) {
	t.Parallel()
	const info, warning, critical = evaluate.Info, evaluate.Warning, evaluate.Critical
	type look struct {
		after    time.Duration // the look before
		severity evaluate.Severity
		want     []string
	}
	plain := "receiver team\nroute team wait=0s interval=5m repeat=1h"
	for name, c := range map[string]struct {
		tree  string
		looks []look
	}{
		"info is shown and not sent, and the first level that is sent is fired": {plain, []look{
			{0, info, nil}, {time.Minute, warning, []string{"team fired warning"}},
			{time.Minute, evaluate.None, []string{"team resolved warning"}},
		}},
		"info alone is never heard of, not by its end either": {plain, []look{
			{0, info, nil}, {5 * time.Hour, info, nil}, {time.Minute, evaluate.None, nil},
		}},
		"nobody is reminded of info, and of a warning that is back in time": {plain, []look{
			{0, warning, []string{"team fired warning"}}, {time.Minute, info, nil}, {2 * time.Hour, info, nil},
			{time.Minute, warning, []string{"team reminder warning"}}, {time.Minute, warning, nil},
			{time.Hour, warning, []string{"team reminder warning"}},
		}},
		"a warning that is back soon is not told again before a reminder is due": {plain, []look{
			{0, warning, []string{"team fired warning"}}, {time.Minute, info, nil}, {time.Minute, warning, nil},
			{time.Hour, warning, []string{"team reminder warning"}},
		}},
		"a reminder says critical when it is critical again": {plain, []look{
			{0, critical, []string{"team fired critical"}}, {time.Minute, warning, nil}, {time.Minute, critical, nil},
			{time.Hour, critical, []string{"team reminder critical"}},
		}},
		"what was taken back while it waited is told when it is back": {"receiver team\nroute team wait=5m interval=5m repeat=1h", []look{
			{0, warning, []string{"team fired warning"}}, {time.Minute, info, nil}, {time.Hour, warning, []string{"team fired warning"}},
		}},
		"a route by severity is taken again": {
			"receiver team\nreceiver oncall\nroute team wait=0s interval=5m repeat=1h\n  route oncall matcher=severity=\"critical\"",
			[]look{
				{0, critical, []string{"oncall fired critical"}}, {time.Minute, warning, []string{"team fired warning"}},
				{time.Minute, critical, nil}, {time.Hour, critical, []string{"oncall reminder critical"}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &seam{tree: parseTree(t, c.tree)}
			at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
			for i, l := range c.looks {
				at = at.Add(l.after)
				if diff := cmp.Diff(l.want, s.look(at, l.severity)); diff != "" {
					t.Errorf("look %d, %s at %s (-want +got):\n%s", i, l.severity, at.Format("15:04"), diff)
				}
			}
		})
	}
}
