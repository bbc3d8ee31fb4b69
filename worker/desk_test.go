package worker

import (
	"context"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
)

// desk is a worker over a real store and fixtures, with two receivers that
// remember what they were told.
type desk struct {
	t       *testing.T
	now     func() time.Time
	path    string // of the database
	store   *store.Store
	worker  *Worker
	plan    Plan
	sources []*fixture
	box     map[string]*box
	log     *logbook
}

// newDesk watches one organization for each name.
func newDesk(t *testing.T, now func() time.Time, organizations ...string) *desk {
	t.Helper()
	d := &desk{t: t, now: now, box: map[string]*box{"team": {now: now}, "pager": {now: now}}, log: &logbook{}}
	d.path = newDatabase(t)
	d.open()
	t.Cleanup(func() {
		if err := d.store.Close(); err != nil {
			t.Error(err)
		}
	})
	minutely := cron.Every(time.Minute)
	d.plan = Plan{
		Rules: []evaluate.Rule{{Alert: "LimitPressure", Condition: pressure(), KeepFiringFor: 15 * time.Minute, RepeatInterval: time.Hour}},
		Tree:  testTree(), RulesFile: "test.yaml",
		Receivers: notify.Receivers{"team": {Kind: "webhook", Channel: d.box["team"]}, "pager": {Kind: "webhook", Channel: d.box["pager"]}},
		Schedule:  Schedule{Usage: minutely, Limits: cron.Every(15 * time.Minute), Attribution: cron.Every(5 * time.Minute), Location: time.UTC},
		Retention: 90 * 24 * time.Hour,
	}
	for _, name := range organizations {
		f := newFixture(now)
		f.id = "org-" + name
		d.sources = append(d.sources, f)
		d.plan.Organizations = append(d.plan.Organizations, Organization{
			Slot: name, Name: name, Source: f, Mode: "auto", Settle: 5 * time.Minute, Backfill: 2 * time.Hour,
		})
	}
	d.worker = d.newWorker()
	return d
}

func (d *desk) open() {
	d.t.Helper()
	var err error
	if d.store, err = store.Open(context.Background(), d.path, store.Options{}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) newWorker() *Worker {
	return &Worker{Store: d.store, Log: zerolog.New(d.log), Now: d.now, BackfillPages: rate.Inf}
}

func testTree() route.Tree {
	return route.Tree{
		Root: &route.Node{
			Receiver: "team", GroupBy: []string{"alertname", "organization", "model_group"},
			GroupWait: 10 * time.Second, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour,
		},
		SystemReceiver: "team", Order: []string{"team", "pager"},
		Receivers: map[string]route.ReceiverOptions{"team": {SendResolved: true}, "pager": {SendResolved: true}},
	}
}

// ready prepares the worker without running it, for tests that call its jobs.
func (d *desk) ready() *desk {
	d.t.Helper()
	if err := d.worker.prepare(); err != nil {
		d.t.Fatal(err)
	}
	d.apply()
	return d
}

// apply puts the plan in force, as a reload does.
func (d *desk) apply() {
	d.t.Helper()
	if _, err := d.worker.adopt(context.Background(), d.plan); err != nil {
		d.t.Fatal(err)
	}
}

// again is another process over the same database, after this one was killed.
func (d *desk) again() {
	d.t.Helper()
	if err := d.store.Close(); err != nil {
		d.t.Fatal(err)
	}
	d.open()
	d.worker = d.newWorker()
	d.ready()
}

func (d *desk) account(i int) *account { return d.worker.accounts[i] }

// do runs a job of the organization as the schedule does, and gives its error.
func (d *desk) do(name string, organization int) error {
	d.t.Helper()
	for _, j := range d.worker.jobs(d.worker.Plan()) {
		if j.name == name && (j.account == nil || j.account == d.account(organization)) {
			at := d.worker.moment()
			err := d.worker.guarded(context.Background(), j, at)
			d.worker.record(context.Background(), j, at, 0, err)
			return err
		}
	}
	d.t.Fatalf("there is no job %s", name)
	return nil
}

// must runs a job that has to succeed.
func (d *desk) must(name string, organization int) {
	d.t.Helper()
	if err := d.do(name, organization); err != nil {
		d.t.Fatalf("job %s at %s: %v", name, d.now().Format("15:04:05"), err)
	}
}

// deliver lets what is due now and within the group_wait be sent.
func (d *desk) deliver(c *clock) {
	c.pass(15 * time.Second)
	d.worker.Deliver(context.Background())
	c.pass(-15 * time.Second)
}

// troubles are the names of what is wrong with the service, with what it is about.
func (d *desk) troubles() (out []string) {
	d.t.Helper()
	d.view(func(tx *store.Tx) error {
		all, err := tx.Troubles()
		for _, t := range all {
			out = append(out, t.Name+" "+t.Organization+t.Subject)
		}
		return err
	})
	return out
}

func (d *desk) view(f func(*store.Tx) error) {
	d.t.Helper()
	if err := d.store.View(context.Background(), f); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) update(f func(*store.Tx) error) {
	d.t.Helper()
	if err := d.store.Update(context.Background(), f); err != nil {
		d.t.Fatal(err)
	}
}

// outbox lists every message, oldest first.
func (d *desk) outbox() (out []store.Message) {
	d.t.Helper()
	d.view(func(tx *store.Tx) error {
		all, err := tx.Outbox(store.OutboxFilter{})
		for _, m := range all {
			out = append([]store.Message{m}, out...)
		}
		return err
	})
	return out
}
