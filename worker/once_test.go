package worker

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
)

func TestOnceDoesOneCycleAndDeliversAtOnce(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	c.pass(10 * time.Minute) // at 97 % since ten minutes
	by := d.plan.Tree.Root.GroupBy
	d.plan.Tree.Root.Routes = []*route.Node{{Receiver: "pager", GroupBy: by, GroupWait: time.Hour, GroupInterval: time.Hour, RepeatInterval: time.Hour}}
	if err := d.worker.Once(context.Background(), d.plan); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"12:10 fired warning"}, d.box["pager"].told()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	if d.plan.Tree.Root.Routes[0].GroupWait != time.Hour {
		t.Error("the caller's routes were changed")
	}
	// A second run tells nothing twice.
	c.pass(time.Minute)
	d.worker = d.newWorker()
	if err := d.worker.Once(context.Background(), d.plan); err != nil {
		t.Fatal(err)
	}
	if got := d.box["pager"].told(); len(got) != 1 {
		t.Errorf("heard %q after a second run, want no more", got)
	}
}

func TestOnceReturnsWhatDidNotSucceed(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Heartbeat = Heartbeat{URL: "http://127.0.0.1:1/", Every: time.Minute}
	broken := errors.New("no answer")
	d.sources[0].breaks(broken, "read keys")
	if err := d.worker.Once(context.Background(), d.plan); !errors.Is(err, broken) {
		t.Errorf("got %v, want what the attribution job answered", err)
	}
	if d.minutesOf("org-acme", c.now()) == 0 {
		t.Error("the other jobs were not done")
	}
}

func TestOnceSaysOnceThatAKeyIsRefused(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme", "umbrella")
	for _, s := range d.sources {
		s.breaks(refusal{code: 401}, "organization")
	}
	err := d.worker.Once(context.Background(), d.plan)
	if got, want := err.Error(), "answered 401"; strings.Count(got, want) != 2 {
		t.Errorf("got %q, want %q once for each organization", got, want)
	}
	if got := d.log.lines("job did not succeed, will run again"); got != nil {
		t.Errorf("got log lines %v, want what is returned not to be logged too", got)
	}
}

func TestWhatIsOlderThanTheRetentionIsPruned(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Retention = 24 * time.Hour
	d.plan.Rules = []evaluate.Rule{staleRule()}
	d.ready()
	d.must(limitsJob, 0)
	d.must(usageJob, 0)
	old := d.minutesOf("org-acme", start)
	c.pass(26 * time.Hour)
	d.must(usageJob, 0)
	d.must("prune", 0)
	if got := d.minutesOf("org-acme", start); old == 0 || got != 0 {
		t.Errorf("got %d of %d minutes after they were pruned, want none", got, old)
	}
	if d.minutesOf("org-acme", c.now()) == 0 {
		t.Error("new minutes were pruned too")
	}
	heal := breakTable(t, d.path, "DELETE", "ticks")
	c.pass(48 * time.Hour)
	if err := d.do("prune", 0); err == nil {
		t.Error("what could not be pruned is no error")
	}
	heal()
}
