package worker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"

	"alerter/evaluate"
	"alerter/fetch/simulate"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

// bursts is usage that comes near the limit every now and then, the same for the
// same seed.
func bursts(seed uint64) func(time.Time) int64 {
	return func(minute time.Time) int64 {
		block := minute.Truncate(20 * time.Minute)
		r := rand.New(rand.NewPCG(seed, uint64(block.Unix())))
		level := []int64{0, 200, 400, 860, 930, 1000}[r.IntN(6)]
		jitter := rand.New(rand.NewPCG(seed, uint64(minute.Unix())))
		return level * (90 + jitter.Int64N(20)) / 100
	}
}

// roughly is how the reports of the replayed days lag, grow and are corrected.
func roughly(seed uint64) simulate.Reporting {
	return simulate.Reporting{
		Lag: 4 * time.Minute, AnalyticsLag: time.Minute, Growing: 3 * time.Minute,
		Corrected: 0.3, CorrectedAfter: 13 * time.Minute, Seed: seed,
	}
}

// live is what a run did, in the order it did.
type live struct {
	Transitions []evaluate.Transition
	Notices     []string
	Cases       []evaluate.Case
	Messages    map[string]route.Message
	Withheld    map[string]bool // what was not sent, see withheldKey
}

// withheldKey names a decision not to send; that info is not sent is noted once an
// episode.
func withheldKey(at time.Time, s route.Suppression) string {
	if s.Reason == route.SuppressedInfo {
		at = s.FiredAt
	}
	return fmt.Sprint(at.Format(time.RFC3339Nano), s.Receiver, s.Fingerprint, s.FiredAt.Format(time.RFC3339Nano), s.Reason)
}

// Promises 2 and 6: every step is made again from what is stored, as it was
// known then, and comes to the same.
func TestReplayingWhatIsStoredGivesWhatTheLiveRunGave(t *testing.T) {
	t.Parallel()
	seeds, blocks, used, long := uint64(3), 1, bursts, 6*time.Hour
	if testing.Short() {
		seeds = 1
	}
	if days, _ := strconv.Atoi(os.Getenv("ALERTER_REPLAY_DAYS")); days > 0 { // one long run, of `make replay`
		seeds, blocks, long = 1, days*24*60/eventfulMinutes+1, time.Duration(days+1)*24*time.Hour
		used = recorded(t, os.Getenv("ALERTER_REPLAY_TRACE"))
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newLongWorld(t, used(seed), roughly(seed), long)
			log := &logbook{}
			w.worker.Log = zerolog.New(log)
			w.plan.Rules = append(w.plan.Rules,
				evaluate.Rule{Alert: "HighUtilization", Condition: &evaluate.Threshold{Warning: 0.9, Over: evaluate.Duration(5 * time.Minute)}, For: 2 * time.Minute, KeepFiringFor: 5 * time.Minute},
				evaluate.Rule{Alert: "DataStale", Condition: stale()},
				evaluate.Rule{Alert: "LimitChanged", Condition: &evaluate.LimitChange{Severity: evaluate.Warning}},
			)
			if _, err := w.worker.adopt(context.Background(), w.plan); err != nil {
				t.Fatal(err)
			}
			for range blocks {
				w.eventfulHours(seed)
			}
			want := w.lived(log)
			got := w.replayed()
			if len(want.Transitions) < 10 || len(want.Messages) < 5 {
				t.Errorf("only %d transitions and %d messages: too calm to show anything", len(want.Transitions), len(want.Messages))
			}
			sameNumber := cmp.Comparer(func(a, b evaluate.Number) bool { return a == b || !a.Known() && !b.Known() })
			if diff := cmp.Diff(want.Transitions, got.Transitions, sameNumber); diff != "" {
				t.Errorf("transitions (-live +replay):\n%s", diff)
			}
			if diff := cmp.Diff(want.Notices, got.Notices); diff != "" {
				t.Errorf("notices (-live +replay):\n%s", diff)
			}
			if diff := cmp.Diff(want.Cases, got.Cases); diff != "" || len(want.Cases) == 0 {
				t.Errorf("%d warnings and what followed (-live +replay):\n%s", len(want.Cases), diff)
			}
			w.compareMessages(got.Messages)
			if diff := cmp.Diff(want.Withheld, got.Withheld); diff != "" || len(want.Withheld) == 0 {
				t.Errorf("%d decisions not to send (-live +replay):\n%s", len(want.Withheld), diff)
			}
		})
	}
}

// eventfulMinutes is how long eventfulHours are.
const eventfulMinutes = 270

// eventfulHours are four and a half hours with a tick in each minute, a raised and a removed
// limit, a report that stops, is late and is refused, and back-fill beside the ticks.
func (w *world) eventfulHours(seed uint64) {
	w.t.Helper()
	ctx := context.Background()
	var outage int
	fault := func(f simulate.Fault) {
		var err error
		if outage, err = w.sim.Inject(f); err != nil {
			w.t.Fatal(err)
		}
	}
	late := simulate.Fault{Kind: simulate.LateAnalytics, Lateness: 8 * time.Minute}
	change := func(value *int64) {
		err := w.sim.Change(simulate.Change{Group: "rlg_opus", Limiter: "output_tokens_per_minute", Value: value})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	for minute := range eventfulMinutes {
		w.pass(time.Minute)
		switch minute {
		case 60:
			change(new(int64(1200)))
		case 100:
			fault(simulate.Fault{Kind: simulate.StopReporting})
		case 150, 185, 210:
			w.sim.Clear(outage) // the report had ended with minutes it showed in part
		case 165:
			fault(late)
		case 190:
			fault(simulate.Fault{Kind: simulate.NotEnrolled})
		case 240:
			change(nil)
		case 250:
			change(new(int64(900)))
		}
		if minute%15 == 0 {
			w.limits()
		}
		_ = w.worker.Tick(ctx, w.account(), w.now())
		w.pass(20 * time.Second)
		w.worker.Deliver(ctx)
		if minute%7 == int(seed) {
			_ = w.worker.Backfill(ctx, w.account(), w.now())
			_ = w.worker.Attribute(ctx, w.account(), w.now())
		}
		w.pass(-20 * time.Second)
	}
}

// lived is what the store and the log say of the live run.
func (w *world) lived(log *logbook) (l live) {
	w.t.Helper()
	l.Messages, l.Withheld = map[string]route.Message{}, map[string]bool{}
	w.view(func(tx *store.Tx) error {
		all, err := tx.Transitions(start, w.now().Add(time.Minute))
		for _, tr := range all {
			l.Transitions = append(l.Transitions, tr.Transition)
		}
		if err != nil {
			return err
		}
		rows, err := tx.Outbox(store.OutboxFilter{})
		for _, m := range rows {
			l.Messages[m.Key] = route.Message{Key: m.Key}
		}
		if err != nil {
			return err
		}
		if l.Cases, err = tx.Cases(testOrg, start); err != nil {
			return err
		}
		withheld, err := tx.Withheld(store.WithheldFilter{})
		for _, n := range withheld {
			l.Withheld[withheldKey(n.At, n.Suppression)] = true
		}
		return err
	})
	for _, line := range log.lines("alert changed") {
		l.Notices = append(l.Notices, fmt.Sprint(line["fingerprint"], " ", line["state"], " ", line["severity"], " ", line["reason"]))
	}
	return l
}

// replayed makes every step again, from nothing but what is stored.
func (w *world) replayed() (l live) {
	w.t.Helper()
	l.Messages, l.Withheld = map[string]route.Message{}, map[string]bool{}
	w.view(func(tx *store.Tx) error {
		org, _, err := tx.Organization(testOrg)
		if err != nil {
			return err
		}
		rules, back, err := enabledRules(tx)
		if err != nil {
			return err
		}
		ticks, err := tx.Ticks(testOrg, start, w.now().Add(time.Minute))
		if err != nil {
			return err
		}
		var last time.Time
		var prior []evaluate.Alert
		var records evaluate.Records
		groups := map[route.GroupRef]route.Group{}
		for _, at := range ticks {
			facts, _, err := tx.FactsKnown(org, at, back, w.plan.Organizations[0].Settle)
			if err != nil {
				return err
			}
			facts.SteppedAt = last
			if facts.Changes, err = tx.Changes(testOrg, last, at); err != nil {
				return err
			}
			res := evaluate.Step(at, rules, &facts, prior)
			changed := records.Step(at, &facts, &res)
			records.Keep(changed)
			l.follow(changed)
			l.take(at, w.plan.Tree, res, groups)
			last, prior = at, res.Alerts
		}
		return nil
	})
	return l
}

// follow brings the cases up to date, in the store's order.
func (l *live) follow(changed []evaluate.Case) {
	for _, c := range changed {
		i := slices.IndexFunc(l.Cases, func(o evaluate.Case) bool {
			return o.Fingerprint == c.Fingerprint && o.Severity == c.Severity && o.At.Equal(c.At)
		})
		switch {
		case i < 0:
			l.Cases = append(l.Cases, c)
		case c.Void:
			l.Cases = slices.Delete(l.Cases, i, i+1)
		default:
			l.Cases[i] = c
		}
	}
}

// take adds what a step came to.
func (l *live) take(at time.Time, tree route.Tree, res evaluate.Result, groups map[route.GroupRef]route.Group) {
	l.Transitions = append(l.Transitions, res.Transitions...)
	for _, n := range res.Notices {
		l.Notices = append(l.Notices, fmt.Sprint(n.Alert.Fingerprint, " ", n.Alert.State, " ", n.Alert.Severity, " ", n.Reason))
	}
	var prior []route.Group
	for _, g := range groups {
		prior = append(prior, g)
	}
	route.Refresh(prior, res.Alerts)
	out := route.Step(at, tree, route.Input{Notices: res.Notices, Groups: prior})
	for _, m := range out.Messages {
		l.Messages[m.Key] = m
	}
	for _, key := range out.Cancelled {
		delete(l.Messages, key)
	}
	for _, s := range out.Suppressed {
		l.Withheld[withheldKey(at, s)] = true
	}
	for _, g := range out.Groups {
		groups[g.Ref()] = g
	}
}

// compareMessages compares the replay's messages with the outbox, field by field.
func (w *world) compareMessages(replayed map[string]route.Message) {
	w.t.Helper()
	type message struct {
		Key, Receiver, Group, Reason string
		SendAt, NotAfter             time.Time
		About                        []evaluate.Fingerprint
	}
	var want, got []message
	w.view(func(tx *store.Tx) error {
		rows, err := tx.Outbox(store.OutboxFilter{})
		for _, m := range rows {
			want = append(want, message{m.Key, m.Receiver, m.GroupKey, string(m.Reason), m.SendAt, m.NotAfter, slices.Sorted(slices.Values(m.Fingerprints))})
		}
		return err
	})
	for _, m := range replayed {
		row := message{m.Key, m.Receiver, m.GroupKey, string(m.Reason), m.SendAt, m.NotAfter, nil}
		for _, it := range m.Items {
			row.About = append(row.About, it.Fingerprint)
		}
		slices.Sort(row.About)
		got = append(got, row)
	}
	byKey := cmpopts.SortSlices(func(a, b message) bool { return a.Key < b.Key })
	if diff := cmp.Diff(want, got, byKey); diff != "" {
		w.t.Errorf("messages (-live +replay):\n%s", diff)
	}
}

func (w *world) view(f func(*store.Tx) error) {
	w.t.Helper()
	if err := w.store.View(context.Background(), f); err != nil {
		w.t.Fatal(err)
	}
}

// A chunk of the past that was read before a step and stored after it is not
// shown to that step, live or replayed.
func TestWhatIsStoredAfterAStepIsNotKnownToIt(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.must(usageJob, 0)
	d.sources[0].before(func(_ context.Context, call string) {
		if call == "read analytics" { // while the back-fill is on its way, a tick is made
			d.sources[0].before(nil)
			c.pass(time.Minute)
			d.must(usageJob, 0)
		}
	})
	d.must(backfillJob, 0)
	stepped := c.now()
	from := start.Add(-90 * time.Minute)
	count := func(minutes func(func(usage.Minute, error) bool)) (n int) {
		for range minutes {
			n++
		}
		return n
	}
	d.view(func(tx *store.Tx) error {
		if n := count(tx.MinutesKnown("org-acme", from, from.Add(20*time.Minute), stepped)); n != 0 {
			t.Errorf("the step knew %d minutes that were stored after it", n)
		}
		if n := count(tx.MinutesKnown("org-acme", from, from.Add(20*time.Minute), stepped.Add(tick))); n != 20 {
			t.Errorf("got %d minutes from then on, want 20", n)
		}
		return nil
	})
}
