package worker

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"alerter/evaluate"
	"alerter/fetch"
	"alerter/fetch/simulate"
	"alerter/notify"
	"alerter/store"
)

// start is a minute of the worlds, far enough from midnight for both sides.
var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const (
	testKey   = "sk-ant-admin01-test"
	testOrg   = "5a1c3a4e-8f5d-4d7e-9a43-0c5f6b1d2e70"
	prodID    = "wrkspc_prod"
	defaultID = "wrkspc_default"
	testModel = "claude-opus-5-5"
	testLimit = 1000 // output tokens per minute
)

// world is a worker over a real store and the simulated Admin API, on a clock
// that stands still until it is moved.
type world struct {
	t      *testing.T
	mu     sync.Mutex
	at     time.Time
	sim    *simulate.Server
	server *httptest.Server
	path   string
	store  *store.Store
	worker *Worker
	plan   Plan
	box    map[string]*box // by receiver
}

// box is a receiver that remembers what it was told.
type box struct {
	mu    sync.Mutex
	got   []notify.Message
	tries []time.Time               // when it was sent to, by now
	now   func() time.Time          // nil: not kept
	fail  func(n int) error         // what the nth send answers, from 1, without taking the message; nil: accepted
	after func(n int) error         // the same, though it has taken the message
	wait  func(ctx context.Context) // before it answers anything; nil: it answers at once
	anew  string                    // the key of the message that begins its thread anew
	lacks string                    // what each message that it takes is shown without
}

// Send remembers the message, unless it is to fail before that.
func (b *box) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if b.wait != nil {
		b.wait(ctx)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at := time.Time{}
	if b.now != nil {
		at = b.now()
	}
	b.tries = append(b.tries, at)
	if b.fail != nil {
		if err := b.fail(len(b.tries)); err != nil {
			return notify.Receipt{}, err
		}
	}
	b.got = append(b.got, m)
	if b.after != nil {
		if err := b.after(len(b.tries)); err != nil {
			return notify.Receipt{}, err
		}
	}
	return notify.Receipt{ID: m.Key, Anew: b.anew != "" && m.Key == b.anew, Without: b.lacks}, nil
}

// told is what the receiver heard, as "12:08 fired warning".
func (b *box) told() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, m := range b.got {
		for _, it := range m.Items {
			name := ""
			if m.Kind == notify.KindSystem {
				name = " " + it.Alert.Labels["alertname"]
			}
			out = append(out, m.At.Format("15:04")+" "+string(it.Reason)+" "+string(it.Alert.Severity)+name)
		}
	}
	return out
}

// newWorld is one organization with one limit, used as said, and reported in
// full as soon as a minute is over.
func newWorld(t *testing.T, used func(minute time.Time) int64) *world {
	t.Helper()
	return newLateWorld(t, used, simulate.Reporting{})
}

// newLateWorld is one whose usage shows as late and as roughly as said.
func newLateWorld(t *testing.T, used func(minute time.Time) int64, reporting simulate.Reporting) *world {
	t.Helper()
	return newLongWorld(t, used, reporting, 6*time.Hour)
}

// newLongWorld is one whose usage goes on for so long.
func newLongWorld(t *testing.T, used func(minute time.Time) int64, reporting simulate.Reporting, long time.Duration) *world {
	t.Helper()
	w := &world{t: t, at: start, path: newDatabase(t), box: map[string]*box{}}
	w.box["team"], w.box["pager"] = &box{now: w.now}, &box{now: w.now}
	sim, err := simulate.New(simulate.Config{
		Organization: simulate.Organization{
			ID: testOrg, Name: "Acme",
			Workspaces: []simulate.Workspace{{ID: defaultID, Name: "Default", Default: true, CreatedAt: start.AddDate(0, -1, 0)}, {ID: prodID, Name: "prod", CreatedAt: start.AddDate(0, -1, 0)}},
			Groups: []simulate.Group{{
				ID: "rlg_opus", RateLimitID: "rl_opus", Type: "model_group", Name: "Claude Opus 5.5", Models: []string{testModel},
				Limits: []simulate.Limit{{Type: "output_tokens_per_minute", Value: testLimit}},
			}},
		},
		Traffic:   simulate.Traffic{Epoch: start.Add(-3 * time.Hour), Streams: []simulate.Stream{stream(used, long)}},
		Reporting: reporting,
		Now:       w.now, AdminKeys: []string{testKey},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.sim = sim
	w.server = httptest.NewServer(sim)
	t.Cleanup(w.server.Close)
	w.plan = w.newPlan()
	w.open()
	return w
}

// stream is a workspace's traffic, exactly as used says for each minute from three
// hours before the start.
func stream(used func(time.Time) int64, long time.Duration) simulate.Stream {
	s := simulate.Stream{Workspace: prodID, Model: testModel, Product: "messages_api", ServiceTier: "standard", Speed: "standard"}
	for m := start.Add(-3 * time.Hour); m.Before(start.Add(long)); m = m.Add(time.Minute) {
		if n := used(m); n > 0 {
			s.Rows = append(s.Rows, simulate.Row{At: m, Counts: simulate.Counts{Requests: 1, Output: n}})
		}
	}
	return s
}

func (w *world) newPlan() Plan {
	minutely := cron.Every(time.Minute)
	return Plan{
		Organizations: []Organization{{
			Slot: "acme", Mode: "auto", Settle: 5 * time.Minute, Backfill: 2 * time.Hour,
			Source: &fetch.Client{BaseURL: w.server.URL, Key: func() (string, error) { return testKey, nil }, Now: w.now, UserAgent: "alerter/test"},
		}},
		Rules: []evaluate.Rule{
			{Alert: "LimitPressure", Condition: pressure(), KeepFiringFor: 15 * time.Minute, RepeatInterval: time.Hour},
		},
		RulesFile: "test.yaml",
		Tree:      testTree(),
		Receivers: notify.Receivers{"team": {Kind: "webhook", Channel: w.box["team"]}, "pager": {Kind: "webhook", Channel: w.box["pager"]}},
		Schedule:  Schedule{Usage: minutely, Limits: cron.Every(15 * time.Minute), Attribution: cron.Every(5 * time.Minute), Location: time.UTC},
		Retention: 90 * 24 * time.Hour,
	}
}

func pressure() evaluate.Condition {
	kind, _ := evaluate.KindOf("pressure")
	return kind.New()
}

// open starts a new process over the same database.
func (w *world) open() {
	w.t.Helper()
	st, err := store.Open(context.Background(), w.path, store.Options{Lock: true})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = st.Close() })
	w.store = st
	w.worker = &Worker{Store: st, Log: zerolog.New(zerolog.NewTestWriter(w.t)).Level(zerolog.WarnLevel), Now: w.now, BackfillPages: rate.Inf}
	if err := w.worker.prepare(); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.worker.adopt(context.Background(), w.plan); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) account() *account { return w.worker.accounts[0] }

// pass moves the clock on by d.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

// limits reads names and limits.
func (w *world) limits() {
	w.t.Helper()
	if err := w.worker.Limits(context.Background(), w.account(), w.now()); err != nil {
		w.t.Fatalf("read limits: %v", err)
	}
}

// minutes lets n minutes pass, with a tick in each, and everything that becomes
// due delivered.
func (w *world) minutes(n int) {
	w.t.Helper()
	for range n {
		w.pass(time.Minute)
		if err := w.worker.Tick(context.Background(), w.account(), w.now()); err != nil {
			w.t.Fatalf("tick at %s: %v", w.now().Format("15:04"), err)
		}
		w.pass(15 * time.Second)
		w.worker.Deliver(context.Background())
		w.pass(-15 * time.Second)
	}
}

// told is what a receiver heard, as "12:08 fired warning".
func (w *world) told(receiver string) []string { return w.box[receiver].told() }
