package worker

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

// daily is when the digests of these tests come.
func daily(t *testing.T) cron.Schedule {
	t.Helper()
	schedule, err := cron.ParseStandard("TZ=UTC 0 13 * * *")
	if err != nil {
		t.Fatal(err)
	}
	return schedule
}

// digesting is a desk whose team wants digests. Up to ten past noon a fifth of the limit
// is used, from then on a third more than all of it.
func digesting(t *testing.T) (*desk, *clock) {
	t.Helper()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.sources[0].used = func(minute time.Time) int64 {
		if minute.Before(start.Add(10 * time.Minute)) {
			return testLimit / 5
		}
		return testLimit * 4 / 3
	}
	d.plan.Digests, d.plan.Schedule.Digest = []string{"team"}, daily(t)
	d.ready()
	d.must(limitsJob, 0)
	return d, c
}

// cycles lets so many minutes pass, with a cycle in each.
func (d *desk) cycles(c *clock, n int) {
	d.t.Helper()
	for range n {
		c.pass(time.Minute)
		d.must(usageJob, 0)
	}
}

// digests are the digests that a receiver heard.
func (b *box) digests() (out []notify.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.got {
		if m.Kind == notify.KindDigest {
			out = append(out, m)
		}
	}
	return out
}

func TestADigestSaysHowLimitsFared(t *testing.T) {
	t.Parallel()
	d, c := digesting(t)
	d.must(backfillJob, 0)
	d.cycles(c, 50)
	d.must(digestJob, 0)
	d.deliver(c)
	got := d.box["team"].digests()
	if len(got) != 1 {
		t.Fatalf("got %d digests, want one", len(got))
	}
	m := got[0]
	if m.Title != "[DIGEST] A limit was reached once, without a warning" || m.Key != "digest/team/2026-11-23T12:35:00Z" {
		t.Errorf("got %s: %s", m.Key, m.Title)
	}
	n := m.Digest
	if !n.From.Before(start) || !n.To.Equal(start.Add(35*time.Minute)) || n.Limits != 1 || n.Unseen != 0 {
		t.Errorf("got %d limits (%d unseen) from %s to %s", n.Limits, n.Unseen, n.From, n.To)
	}
	if len(n.Closest) != 1 || n.Closest[0].Labels["model_group"] != "Claude Opus 5.5" || len(n.Gaps) != 0 {
		t.Errorf("got %+v, gaps %v", n.Closest, n.Gaps)
	}
	all := d.outbox()
	if last := all[len(all)-1]; last.Reason != "digest" || last.System || len(last.Fingerprints) != 0 {
		t.Errorf("got a row %+v, want one about no alert", last)
	}
	if got := d.box["pager"].digests(); len(got) != 0 {
		t.Errorf("got %d digests of who wants none", len(got))
	}
}

func TestTheSameDigestTwiceIsOneMessage(t *testing.T) {
	t.Parallel()
	d, c := digesting(t)
	d.cycles(c, 30)
	d.must(digestJob, 0)
	d.must(digestJob, 0)
	d.cycles(c, 20)
	d.must(digestJob, 0) // the next one is not due before 13:00
	d.again()
	d.must(digestJob, 0)
	d.deliver(c)
	if got := d.box["team"].digests(); len(got) != 1 {
		t.Errorf("got %d digests, want one", len(got))
	}
}

func TestADigestGoesOnWhereTheLastOneEnded(t *testing.T) {
	t.Parallel()
	d, c := digesting(t)
	d.cycles(c, 30)
	d.must(digestJob, 0)
	d.deliver(c)
	d.cycles(c, 30)
	d.must(digestJob, 0)
	d.deliver(c)
	got := d.box["team"].digests()
	if len(got) != 2 || !got[1].Digest.From.Equal(got[0].Digest.To) || !got[1].Digest.To.Equal(start.Add(45*time.Minute)) {
		t.Fatalf("got %d digests, want a second one from the first one's end to 12:45", len(got))
	}
	// One that was given up leaves its time to the next.
	d.box["team"].fail = func(int) error { return notify.Permanent(context.Canceled) }
	c.pass(24 * time.Hour)
	d.must(digestJob, 0)
	d.deliver(c)
	d.box["team"].fail = nil
	c.pass(24 * time.Hour)
	d.must(digestJob, 0)
	d.deliver(c)
	got = d.box["team"].digests()
	if len(got) != 3 || !got[2].Digest.From.Equal(got[1].Digest.To) {
		t.Fatalf("got %d digests, want a third one from the second one's end", len(got))
	}
	if lost := got[2].Digest.Undelivered; len(lost) != 1 || lost[0].Receiver != "team" {
		t.Errorf("got %v, want what was not delivered told", lost)
	}
	if gaps := got[2].Digest.Gaps; len(gaps) != 1 || gaps[0].Organization != "acme" || gaps[0].Missing < (47*time.Hour).Seconds() {
		t.Errorf("got %v, want the two days nobody read", gaps)
	}
	// Nobody wants to read of more than a week.
	c.pass(30 * 24 * time.Hour)
	d.must(digestJob, 0)
	d.deliver(c)
	got = d.box["team"].digests()
	if last := got[len(got)-1].Digest; last.To.Sub(last.From) != 7*24*time.Hour {
		t.Errorf("got a digest of %s, want a week", last.To.Sub(last.From))
	}
}

func TestADigestThatWasMissedIsMadeAtTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, time.Now, "acme")
		d.plan.Digests, d.plan.Schedule.Digest = []string{"team"}, cron.Every(30*time.Minute)
		stop := d.run(t)
		time.Sleep(5 * time.Minute)
		stop()
		if got := d.box["team"].digests(); len(got) != 0 {
			t.Errorf("got %d digests in the first minutes, want the schedule to be waited for", len(got))
		}
		d.worker = d.newWorker()
		stop = d.run(t)
		time.Sleep(31 * time.Minute)
		stop()
		if got := d.box["team"].digests(); len(got) != 1 {
			t.Errorf("got %d digests after half an hour, want one", len(got))
		}
		time.Sleep(time.Hour)
		d.worker = d.newWorker()
		stop = d.run(t)
		time.Sleep(time.Minute)
		stop()
		if got := d.box["team"].digests(); len(got) != 2 {
			t.Errorf("got %d digests after an outage, want the missed one at the start", len(got))
		}
	})
}

func TestOnceSendsTheFirstDigestAndThoseThatAreDue(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Digests, d.plan.Schedule.Digest = []string{"team"}, daily(t)
	for i, want := range []int{1, 1, 2} {
		c.pass([]time.Duration{30, 15, 30}[i] * time.Minute) // the schedule is 13:00
		d.worker = d.newWorker()
		if err := d.worker.Once(context.Background(), d.plan); err != nil {
			t.Fatal(err)
		}
		if got := len(d.box["team"].digests()); got != want {
			t.Errorf("at %s: got %d digests, want %d", c.now().Format("15:04"), got, want)
		}
	}
}

func TestWithoutAReceiverThatWantsDigestsThereIsNoSuchJob(t *testing.T) {
	t.Parallel()
	d := newDesk(t, newClock().now, "acme").ready()
	for _, j := range d.worker.jobs(d.worker.Plan()) {
		if j.name == digestJob {
			t.Error("got a job, want none")
		}
	}
}

func TestADigestOfWhoWantsNoneAnyMoreIsGivenUp(t *testing.T) {
	t.Parallel()
	d, c := digesting(t)
	d.cycles(c, 30)
	d.must(digestJob, 0)
	d.plan.Digests = nil
	d.apply()
	d.deliver(c)
	all := d.outbox()
	if last := all[len(all)-1]; last.State != store.MessageDead || !strings.Contains(last.LastError, "takes no digests any more") {
		t.Errorf("got %s: %s, want it given up", last.State, last.LastError)
	}
}

func TestADigestThatCannotBeReadSaysWhose(t *testing.T) {
	t.Parallel()
	d, c := digesting(t)
	d.cycles(c, 30)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := d.worker.Digest(ctx, c.now()); err == nil || !strings.Contains(err.Error(), "digest for team: ") {
		t.Errorf("got %v, want an error that names the receiver", err)
	}
}

func TestAReceiverIsToldOfTheLimitsThatItsRoutesLeadTo(t *testing.T) {
	t.Parallel()
	matcher := func(text string) []route.Matcher {
		m, err := route.ParseMatcher(text)
		if err != nil {
			t.Fatal(err)
		}
		return []route.Matcher{m}
	}
	tree := route.Tree{Root: &route.Node{Receiver: "root", Routes: []*route.Node{
		{Receiver: "oncall", Matchers: matcher(`severity="critical"`), Continue: true},
		{Receiver: "payments", Matchers: matcher(`workspace=~"payments.*"`), Terms: route.Terms{EscalateTo: "boss"}},
		{Receiver: "blind", Matchers: matcher(`alertname="DataStale"`)},
	}}}
	stale, _ := evaluate.KindOf("stale")
	rules := []evaluate.Rule{
		{Alert: "LimitPressure", Condition: pressure(), Match: evaluate.Match{ModelGroup: []string{"Claude*"}}},
		{Alert: "DataStale", Condition: stale.New()},
	}
	ours := usage.Labels{ModelGroup: "Claude Opus 5", Workspace: "payments-eu"}
	whole, other := usage.Labels{ModelGroup: "Claude Opus 5"}, usage.Labels{ModelGroup: "Other"}
	got := map[string][]bool{}
	for _, receiver := range []string{"root", "oncall", "payments", "boss", "blind", "manager"} {
		hears := hears(tree, rules, receiver)
		got[receiver] = []bool{hears(ours), hears(whole), hears(other)}
	}
	want := map[string][]bool{
		"root": {false, true, false}, "oncall": {true, true, false}, "payments": {true, false, false}, "boss": {true, false, false},
		"blind": {false, false, false}, "manager": {true, true, true}, // no route names it
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
