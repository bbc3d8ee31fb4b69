// Package product runs the product's own rules and routes over the cases of the
// scoreboard: [evaluate.Step] and [route.Step] with the rules.yaml that is shipped.
package product

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"alerter"
	"alerter/bench/earlywarn"
	"alerter/config"
	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// settle is when a minute counts as complete: as soon as the case shows it.
const settle = earlywarn.Lag * time.Minute

// begin is the time that stands for minute 0 of a trace.
var begin = time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)

// Setting is one rule and the routes its notices take.
type Setting struct {
	Rule evaluate.Rule
	Tree route.Tree
}

// Shipped is the pressure rule and the routes of the rules.yaml that the
// program carries, with every default.
func Shipped() (Setting, error) {
	anyKey := func(string) (string, bool) { return "sk-ant-admin-none", true }
	c, err := config.LoadBytes("rules.yaml", alerter.Rules, anyKey)
	if err != nil {
		return Setting{}, fmt.Errorf("read the shipped rules.yaml: %w", err)
	}
	i := slices.IndexFunc(c.Rules, func(r evaluate.Rule) bool { return r.Condition.Kind() == "pressure" })
	if i < 0 {
		return Setting{}, errors.New("read the shipped rules.yaml: it has no pressure rule")
	}
	return Setting{Rule: c.Rules[i], Tree: c.Tree}, nil
}

// Warning is the level at which the rule warns, 0 to 1; zero if it is no pressure rule.
func (s Setting) Warning() float64 {
	if p, ok := s.Rule.Condition.(*evaluate.Pressure); ok {
		return float64(p.Warning)
	}
	return 0
}

// Message is something that a receiver is told.
type Message struct {
	Minute   float64 // of the step that decided it, since the start of the trace
	Reason   evaluate.Reason
	Severity evaluate.Severity
}

// Messages steps the setting through a case, minute by minute, and returns what
// is told after the warm-up. The warm-up is stepped through too: an alert that
// fires at its end goes on.
func (s Setting) Messages(c earlywarn.Case) []Message {
	r := newRun(s, c)
	var told []Message
	for minute := earlywarn.Lag + 1; minute < len(c.Usage); minute++ {
		for _, m := range r.step(minute) {
			if m.Minute >= c.WarmUp {
				told = append(told, m)
			}
		}
	}
	return told
}

// Warned are the minutes of the messages at warning or worse that have one of
// the reasons. Each minute is there once.
func Warned(messages []Message, reasons ...evaluate.Reason) []float64 {
	var minutes []float64
	for _, m := range messages {
		if m.Severity.Rank() >= evaluate.Warning.Rank() && slices.Contains(reasons, m.Reason) {
			minutes = append(minutes, m.Minute)
		}
	}
	return slices.Compact(minutes)
}

// run is a case under way.
type run struct {
	setting Setting
	rules   []evaluate.Rule
	points  []usage.Point // of the whole case
	back    int           // how many of them a step is shown
	facts   usage.Facts
	alerts  []evaluate.Alert
	groups  []route.Group
}

func newRun(s Setting, c earlywarn.Case) *run {
	points := make([]usage.Point, len(c.Usage))
	for i, share := range c.Usage {
		points[i] = usage.Point{Used: share * c.Limit, Limit: c.Limit}
	}
	limiter := usage.InputTokensCacheAware
	if c.Dimension == earlywarn.Output {
		limiter = usage.OutputTokens
	}
	org := usage.Organization{ID: c.Trace, Name: c.Trace}
	group := usage.Group{ID: "rlg_bench", Type: usage.ModelGroup, Name: "Bench"}
	return &run{
		setting: s, rules: []evaluate.Rule{s.Rule}, points: points,
		back: int(s.Rule.Condition.Lookback() / time.Minute),
		facts: usage.Facts{
			Organization: org, Groups: map[string]usage.Group{group.ID: group}, Settle: settle,
			Series: []usage.Series{{
				ID:     usage.ID{OrganizationID: org.ID, GroupID: group.ID, Limiter: limiter},
				Labels: usage.Labels{Organization: org.Name, ModelGroup: group.Name, Limiter: string(limiter)},
			}},
		},
	}
}

// show sets the facts to what is visible at that minute, and returns its time.
func (r *run) show(minute int) time.Time {
	seen := minute - earlywarn.Lag
	first := max(seen-r.back, 0)
	series := &r.facts.Series[0]
	series.From = begin.Add(time.Duration(first) * time.Minute)
	series.Points = r.points[first:seen]
	series.Settled = len(series.Points)
	return begin.Add(time.Duration(minute) * time.Minute)
}

// step shows the rule what is visible at that minute, and returns what is told.
func (r *run) step(minute int) []Message {
	at := r.show(minute)
	res := evaluate.Step(at, r.rules, &r.facts, r.alerts)
	r.facts.SteppedAt, r.alerts = at, res.Alerts
	route.Refresh(r.groups, r.alerts)
	if len(res.Notices) == 0 && !r.due(at) {
		return nil
	}
	out := route.Step(at, r.setting.Tree, route.Input{Notices: res.Notices, Groups: r.groups})
	r.keep(out.Groups)
	var told []Message
	for _, m := range out.Messages {
		for _, it := range m.Items {
			told = append(told, Message{Minute: float64(minute), Reason: it.Reason, Severity: it.Severity})
		}
	}
	return told
}

// due reports whether a group must be looked at though nothing happened.
func (r *run) due(at time.Time) bool {
	return slices.ContainsFunc(r.groups, func(g route.Group) bool { return !g.Next.IsZero() && !g.Next.After(at) })
}

// keep puts the groups that changed in place of what they were.
func (r *run) keep(changed []route.Group) {
	for _, g := range changed {
		r.groups = slices.DeleteFunc(r.groups, func(old route.Group) bool { return old.Ref() == g.Ref() })
		if len(g.Members) > 0 {
			r.groups = append(r.groups, g)
		}
	}
}
