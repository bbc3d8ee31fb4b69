package worker

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

// noticed is that the alert of that name is so bad at a moment after the start;
// empty: that it is over.
type noticed struct {
	after    time.Duration
	alert    string
	severity evaluate.Severity
}

// withholding is how something comes not to be sent.
type withholding struct {
	reason, cause string
	tree          func(*route.Tree)
	before        func(*desk) // before the first step
	last          func(*desk) // before the last one
	notices       []noticed   // a step each
}

func withholdings() []withholding {
	everything := []route.Matcher{{Name: "alertname", Op: "=", Value: "LimitPressure"}}
	warns := noticed{0, "a", evaluate.Warning}
	return []withholding{
		{reason: route.SuppressedInfo, notices: []noticed{{0, "a", evaluate.Info}}},
		{reason: route.SuppressedEased, notices: []noticed{{0, "a", evaluate.Critical}, {time.Minute, "a", evaluate.Warning}}},
		{
			reason: route.SuppressedResolved, notices: []noticed{warns, {time.Minute, "a", ""}},
			tree: func(tree *route.Tree) { tree.Receivers["team"] = route.ReceiverOptions{} },
		},
		{reason: route.SuppressedUnsent, notices: []noticed{warns, {5 * time.Second, "a", ""}}},
		{
			reason: route.SuppressedReceiver, notices: []noticed{warns, {time.Minute, "a", ""}},
			last: func(d *desk) {
				d.plan.Tree.Root.Receiver, d.plan.Tree.SystemReceiver, d.plan.Tree.Order = "pager", "pager", []string{"pager"}
				delete(d.plan.Tree.Receivers, "team")
				d.apply()
			},
		},
		{
			// It eases, which waits for the group's interval, and gets worse again meanwhile.
			reason: route.SuppressedOutdated, notices: []noticed{{0, "a", evaluate.Critical}, {time.Minute, "a", evaluate.Warning}, {2 * time.Minute, "a", evaluate.Critical}},
			tree: func(tree *route.Tree) { tree.Root.NotifyEased = true },
		},
		{
			reason: route.SuppressedSilence, cause: "id", notices: []noticed{warns},
			before: func(d *desk) {
				d.update(func(tx *store.Tx) error {
					_, err := tx.PutSilence(route.Silence{Matchers: everything, CreatedBy: "anna", Comment: "load test", EndsAt: start.Add(time.Hour)}, start)
					return err
				})
			},
		},
		{
			reason: route.SuppressedInhibition, cause: "worse", notices: []noticed{{0, "worse", evaluate.Critical}, {time.Minute, "a", evaluate.Warning}},
			tree: func(tree *route.Tree) {
				tree.Inhibit = []route.InhibitRule{{
					Source: []route.Matcher{{Name: "severity", Op: "=", Value: "critical"}}, Target: []route.Matcher{{Name: "severity", Op: "=", Value: "warning"}},
				}}
			},
		},
		{
			reason: route.SuppressedMuted, cause: "noon", notices: []noticed{warns},
			tree: func(tree *route.Tree) {
				child := *tree.Root
				child.MuteTimeIntervals = []string{"noon"}
				tree.Root.Routes = []*route.Node{&child}
				tree.Intervals = map[string][]route.TimeInterval{"noon": {{Times: []route.Range{{First: 12 * 60, Last: 13 * 60}}}}}
			},
		},
		{
			reason: route.SuppressedFlapping, notices: []noticed{warns, {time.Minute, "a", ""}, {10 * time.Minute, "a", evaluate.Warning}, {20 * time.Minute, "a", ""}, {30 * time.Minute, "a", evaluate.Warning}},
			tree: func(tree *route.Tree) { tree.Root.Flap = route.Flap{Changes: 3, Within: time.Hour} },
		},
	}
}

// Every decision not to send is a row and is counted, once.
func TestWhatIsNotSentIsNotedWithItsReasonAndCountedOnce(t *testing.T) {
	t.Parallel()
	for _, h := range withholdings() {
		t.Run(h.reason, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			d := newDesk(t, c.now, "acme")
			if h.tree != nil {
				h.tree(&d.plan.Tree)
			}
			d.worker.Metrics = NewMetrics()
			d.ready()
			if h.before != nil {
				h.before(d)
			}
			alerts := map[string]evaluate.Alert{}
			for i, n := range h.notices {
				if i == len(h.notices)-1 {
					if got := d.withheld(); len(got) > 0 {
						t.Errorf("got %q before the last step, want nothing", got)
					}
					if h.last != nil {
						h.last(d)
					}
				}
				d.takes(alerts, n)
			}
			want := []string{fmt.Sprintf("team a %s %s", h.reason, h.cause)}
			if diff := cmp.Diff(want, d.withheld()); diff != "" {
				t.Errorf("not sent (-want +got):\n%s", diff)
			}
			d.checkCounted()
			d.takes(alerts, h.notices[len(h.notices)-1])
			if diff := cmp.Diff(want, d.withheld()); diff != "" {
				t.Errorf("not sent after the same step again (-want +got):\n%s", diff)
			}
			d.checkCounted()
		})
	}
}

// takes takes the step of the routes that a notice leads to.
func (d *desk) takes(alerts map[string]evaluate.Alert, n noticed) {
	d.t.Helper()
	at := start.Add(n.after)
	a, there := alerts[n.alert]
	switch {
	case n.severity == "":
		a.State, a.ResolvedAt = evaluate.Resolved, at
	case !there || a.State != evaluate.Firing:
		a = evaluate.Alert{
			Fingerprint: evaluate.Fingerprint(n.alert), Rule: "LimitPressure", Kind: "pressure", State: evaluate.Firing, FiredAt: at,
			Subject: evaluate.Subject{ID: usage.ID{OrganizationID: "org-acme"}},
		}
	}
	if n.severity != "" {
		a.Severity, a.Worst = n.severity, n.severity
	}
	alerts[n.alert] = a
	var out routed
	d.update(func(tx *store.Tx) (err error) {
		out, err = d.worker.route(tx, at, usage.Organization{ID: "org-acme"},
			[]evaluate.Notice{{At: at, Alert: a}}, slices.Collect(maps.Values(alerts)))
		return err
	})
	d.worker.followUp(out)
}

// withheld is what was not sent, newest first: to whom, of which alert, and why. A
// silence's id, which is random, is called that.
func (d *desk) withheld() (out []string) {
	d.t.Helper()
	d.view(func(tx *store.Tx) error {
		list, err := tx.Withheld(store.WithheldFilter{})
		for _, w := range list {
			if w.Reason == route.SuppressedSilence && len(w.Cause) == 36 {
				w.Cause = "id"
			}
			out = append(out, fmt.Sprintf("%s %s %s %s", w.Receiver, w.Fingerprint, w.Reason, w.Cause))
		}
		return err
	})
	return out
}

// checkCounted holds the metric against the rows.
func (d *desk) checkCounted() {
	d.t.Helper()
	want := map[string]float64{}
	d.view(func(tx *store.Tx) error {
		list, err := tx.Withheld(store.WithheldFilter{})
		for _, w := range list {
			want["alerter_notifications_suppressed_total[reason="+w.Reason+"]"]++
		}
		return err
	})
	registry := prometheus.NewRegistry()
	registry.MustRegister(d.worker.Metrics.suppress)
	if diff := cmp.Diff(want, metricsOf(d.t, registry)); diff != "" {
		d.t.Errorf("counted (-rows +metric):\n%s", diff)
	}
}

// A step that is not kept decided nothing: it is made again.
func TestWhatAStepThatIsNotKeptDidNotSendIsNotCounted(t *testing.T) {
	t.Parallel()
	d, c := newShortStory(t)
	d.plan.Tree.Receivers["team"] = route.ReceiverOptions{}
	d.worker.Metrics = NewMetrics()
	d.apply()
	for i := 0; i < storyLength && len(d.box["team"].got) == 0; i++ {
		d.cycle(c)
	}
	heal := breakTable(t, d.path, "INSERT", "ticks")
	for range storyLength {
		d.cycle(c)
	}
	if got := d.withheld(); len(got) > 0 {
		t.Errorf("got %q while no step is kept, want nothing", got)
	}
	d.checkCounted()
	heal()
	for range storyLength {
		d.cycle(c)
	}
	if got := d.withheld(); len(got) != 1 {
		t.Errorf("got %q, want that the end is not told", got)
	}
	d.checkCounted()
}
