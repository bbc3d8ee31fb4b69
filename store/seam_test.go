package store

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// level is a condition that says what it is told to of a few limits.
type level struct{ of []evaluate.Severity }

func (level) Kind() string            { return "level" }
func (level) Lookback() time.Duration { return 0 }
func (level) Check() error            { return nil }
func (l level) Verdicts(time.Time, evaluate.Match, *usage.Facts) iter.Seq[evaluate.Verdict] {
	return func(yield func(evaluate.Verdict) bool) {
		for i, severity := range l.of {
			v := evaluate.Verdict{
				Subject: evaluate.Subject{ID: usage.ID{OrganizationID: "org", GroupID: string(rune('a' + i))}},
				Labels:  usage.Labels{Organization: "acme", ModelGroup: string(rune('a' + i%2))},
				AtLeast: severity, AtMost: severity, Reading: evaluate.Reading{Value: evaluate.Number(severity.Rank())},
			}
			if severity == "gone" || !yield(v) {
				return
			}
		}
	}
}

// run is a service that keeps its alerts and groups in memory.
type run struct {
	tree   route.Tree
	at     time.Time
	alerts []evaluate.Alert
	groups map[route.GroupRef]route.Group
}

func (r *run) step(at time.Time, rules []evaluate.Rule) (evaluate.Result, route.Result) {
	res := evaluate.Step(at, rules, &usage.Facts{SteppedAt: r.at}, r.alerts)
	var prior []route.Group
	for _, g := range r.groups {
		prior = append(prior, g)
	}
	out := route.Step(at, r.tree, route.Input{Notices: res.Notices, Groups: prior})
	for _, g := range out.Groups {
		r.groups[g.Ref()] = g
		if len(g.Members) == 0 {
			delete(r.groups, g.Ref())
		}
	}
	r.at, r.alerts = at, res.Alerts
	return res, out
}

// stepStored is the same by a service that remembers nothing but what is stored.
func stepStored(s *Store, tree route.Tree, at time.Time, rules []evaluate.Rule) (res evaluate.Result, out route.Result, err error) {
	err = s.Update(context.Background(), func(tx *Tx) error {
		last, err := tx.LastTick("org")
		if err != nil {
			return err
		}
		prior, err := tx.Alerts("org")
		if err != nil {
			return err
		}
		res = evaluate.Step(at, rules, &usage.Facts{SteppedAt: last}, prior)
		var prints []evaluate.Fingerprint
		for _, n := range res.Notices {
			prints = append(prints, n.Alert.Fingerprint)
		}
		refs, err := tx.GroupsOf(prints)
		if err != nil {
			return err
		}
		groups, err := tx.Groups(append(refs, route.Keys(tree, res.Notices, nil)...), at)
		if err != nil {
			return err
		}
		out = route.Step(at, tree, route.Input{Notices: res.Notices, Groups: groups})
		for _, err := range []error{tx.PutAlerts(res.Changed), tx.PutGroups(out.Groups), tx.PutTick("org", at, "")} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	return res, out, err
}

// told is what messages say, and when they go.
func told(out route.Result) (lines []string) {
	for _, m := range out.Messages {
		for _, it := range m.Items {
			lines = append(lines, m.Receiver+" "+m.GroupKey+" "+string(it.Reason)+" "+string(it.Severity)+" of "+
				it.FiredAt.Format(time.TimeOnly)+" at "+m.SendAt.Truncate(time.Millisecond).Format(time.RFC3339Nano))
		}
	}
	return append(lines, out.Cancelled...)
}

func drawTree(t *rapid.T) route.Tree {
	root := &route.Node{
		Receiver: "r", GroupBy: []string{"model_group"}, GroupWait: rapid.SampledFrom([]time.Duration{0, 90 * time.Second}).Draw(t, "wait"),
		GroupInterval: 5 * time.Minute, RepeatInterval: time.Hour, NotifyEased: rapid.Bool().Draw(t, "eased"),
	}
	below := *root
	matcher, err := route.ParseMatcher(`severity="critical"`)
	if err != nil {
		t.Fatal(err)
	}
	below.Receiver, below.Matchers, below.Continue = "q", []route.Matcher{matcher}, true
	root.Routes = []*route.Node{&below}
	return route.Tree{Root: root, Order: []string{"r", "q"}, Receivers: map[string]route.ReceiverOptions{"r": {SendResolved: true}, "q": {}}}
}

// Promise 2: what is stored is enough to go on, at whatever fraction of a second
// the steps are made.
func TestAServiceThatOnlyReadsItsDatabaseTellsTheSame(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	rapid.Check(t, func(t *rapid.T) {
		err := s.Update(context.Background(), func(tx *Tx) error {
			for _, table := range []string{"alerts", "message_groups", "message_group_members", "ticks"} {
				if _, err := tx.exec("DELETE FROM " + table); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		memory := &run{tree: drawTree(t), groups: map[route.GroupRef]route.Group{}}
		rule := evaluate.Rule{Alert: "R", KeepFiringFor: 2 * time.Minute, RepeatInterval: 30 * time.Minute}
		severities := rapid.SampledFrom([]evaluate.Severity{evaluate.None, evaluate.Info, evaluate.Warning, evaluate.Critical, "gone"})
		at := t0
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			at = at.Add(time.Duration(rapid.IntRange(2000, 40*60_000_000).Draw(t, "pause")) * time.Microsecond)
			rule.Condition = level{rapid.SliceOfN(severities, 3, 3).Draw(t, "severities")}
			rules := []evaluate.Rule{rule}
			res, want := memory.step(at, rules)
			stored, got, err := stepStored(s, memory.tree, at, rules)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(res.Transitions) != fmt.Sprint(stored.Transitions) { // values may be NaN
				t.Fatalf("%s: got transitions %+v, want %+v", at, stored.Transitions, res.Transitions)
			}
			if !slices.Equal(told(got), told(want)) {
				t.Fatalf("%s: got\n%q, want\n%q", at, told(got), told(want))
			}
		}
	})
}
