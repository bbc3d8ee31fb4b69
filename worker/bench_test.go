package worker

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

// crowd is an organization of many limits: models times workspaces, each
// workspace with its own limit of three limiters. As a Source it answers at
// once, so that what is measured is ours.
type crowd struct {
	org    usage.Organization
	models []string
	combos []*usage.Combination
	used   atomic.Int64 // of each limit, in percent; 0: 20
}

const crowdLimit = 1000

func newCrowd(models, workspaces int) *crowd {
	c := &crowd{org: usage.Organization{ID: "org", Name: "crowd"}}
	for m := range models {
		c.models = append(c.models, fmt.Sprintf("model-%03d", m))
	}
	c.org.Workspaces = []usage.Workspace{{ID: "wrkspc_default", Name: "Default", Default: true}}
	for i := range workspaces {
		ws := usage.Workspace{ID: fmt.Sprintf("wrkspc_%04d", i), Name: fmt.Sprintf("team-%04d", i)}
		c.org.Workspaces = append(c.org.Workspaces, ws)
		for _, model := range c.models {
			c.combos = append(c.combos, &usage.Combination{Model: model, WorkspaceID: ws.ID, ServiceTier: "standard", Speed: "standard", Product: "messages_api"})
		}
	}
	return c
}

func (c *crowd) Organization(context.Context) (usage.Organization, error) { return c.org, nil }
func (c *crowd) Workspaces(context.Context) ([]usage.Workspace, error)    { return c.org.Workspaces, nil }
func (c *crowd) Keys(context.Context) ([]usage.Key, error)                { return nil, nil }

func (c *crowd) OrganizationLimits(context.Context) (usage.Reading, error) {
	return c.reading("", crowdLimit*int64(len(c.org.Workspaces))), nil
}

func (c *crowd) WorkspaceLimits(_ context.Context, id string) (usage.Reading, error) {
	return c.reading(id, crowdLimit), nil
}

func (c *crowd) reading(workspace string, value int64) usage.Reading {
	r := usage.Reading{WorkspaceID: workspace}
	for _, model := range c.models {
		r.Entries = append(r.Entries, usage.Entry{
			Group: usage.Group{ID: "rlg_" + model, Type: usage.ModelGroup, Name: model, Models: []string{model}},
			Limits: []usage.Value{
				{Limiter: usage.RequestsPerMinute, Value: value}, {Limiter: usage.InputTokensCacheAware, Value: value}, {Limiter: usage.OutputTokens, Value: value},
			},
		})
	}
	return r
}

func (c *crowd) Probe(_ context.Context, _ usage.SourceKind, at time.Time) (time.Time, error) {
	return at.Truncate(time.Minute).Add(-time.Minute), nil
}

func (c *crowd) Usage(_ context.Context, q usage.Query) (usage.Answer, error) {
	used := cmp.Or(c.used.Load(), 20) * crowdLimit / 100
	a := usage.Answer{ReadAt: q.To, Newest: q.To.Add(-time.Minute)}
	for at := q.From; at.Before(q.To); at = at.Add(time.Minute) {
		m := usage.Minute{Start: at, ReadAt: q.To, Source: q.Source, Buckets: make([]usage.Bucket, len(c.combos))}
		for i, of := range c.combos {
			n := used + int64(i+at.Minute())%17
			m.Buckets[i] = usage.Bucket{Of: of, Counts: usage.Counts{Requests: n, UncachedInput: n, Output: n}}
		}
		a.Minutes = append(a.Minutes, m)
	}
	return a, nil
}

// bench is a worker over a crowd, with two hours of minutes stored.
type bench struct {
	*testing.B
	crowd  *crowd
	worker *Worker
	at     time.Time
}

func newBench(b *testing.B, series int, receiver notify.Channel) *bench {
	b.Helper()
	const models = 10
	w := &bench{B: b, crowd: newCrowd(models, max(1, series/models/3-1)), at: start}
	st, err := store.Open(context.Background(), filepath.Join(b.TempDir(), "alerter.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	w.worker = &Worker{Store: st, Log: zerolog.Nop(), Now: func() time.Time { return w.at }, BackfillPages: rate.Inf}
	minutely := cron.Every(time.Minute)
	plan := Plan{
		Organizations: []Organization{{Slot: "crowd", Source: w.crowd, Mode: "analytics", Settle: 5 * time.Minute, Backfill: 2 * time.Hour}},
		Rules: []evaluate.Rule{
			{Alert: "LimitPressure", Condition: pressure(), KeepFiringFor: 15 * time.Minute, RepeatInterval: time.Hour},
			{Alert: "DataStale", Condition: stale()},
			{Alert: "LimitChanged", Condition: limitChange()},
		},
		Tree: route.Tree{
			Root:  &route.Node{Receiver: "hook", GroupBy: []string{"alertname", "organization", "model_group"}, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour},
			Order: []string{"hook"}, SystemReceiver: "hook", Receivers: map[string]route.ReceiverOptions{"hook": {SendResolved: true}},
		},
		Receivers: notify.Receivers{"hook": {Kind: "webhook", Channel: receiver}},
		Schedule:  Schedule{Usage: minutely, Limits: minutely, Attribution: minutely, Location: time.UTC}, Retention: 90 * 24 * time.Hour,
	}
	must(b, w.worker.prepare())
	must(b, w.worker.begin(context.Background(), plan))
	must(b, w.worker.Limits(context.Background(), w.account(), w.at))
	w.tick() // the first reads two hours
	return w
}

func stale() evaluate.Condition {
	kind, _ := evaluate.KindOf("stale")
	return kind.New()
}

func limitChange() evaluate.Condition {
	kind, _ := evaluate.KindOf("limit_change")
	return kind.New()
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (w *bench) account() *account { return w.worker.accounts[0] }

func (w *bench) tick() {
	w.Helper()
	w.at = w.at.Add(time.Minute)
	must(w.B, w.worker.Tick(context.Background(), w.account(), w.at))
}

// measured runs do b.N times and reports CPU and peak memory beside the rest.
func (w *bench) measured(do func()) {
	runtime.GC()
	debug.FreeOSMemory()
	// The kernel's own peak is set back, so that it is of this run alone.
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	before := cpu()
	w.ReportAllocs()
	for w.Loop() {
		do()
	}
	w.ReportMetric(float64((cpu()-before).Microseconds())/1000/float64(w.N), "cpu-ms/op")
	if peak := peakMiB(); peak > 0 {
		w.ReportMetric(peak, "peak-MiB")
	}
}

func cpu() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// peakMiB is the process's peak resident memory, 0 where the kernel does not say.
func peakMiB() float64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		var kib float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kib); n == 1 {
			return kib / 1024
		}
	}
	return 0
}

type deaf struct{}

func (deaf) Send(context.Context, notify.Message) (notify.Receipt, error) {
	return notify.Receipt{}, nil
}

// A tick over 120 stored minutes: twenty are read again and compared, all are
// joined and evaluated.
func BenchmarkTick(b *testing.B) {
	for _, series := range []int{500, 1000, 10000} {
		b.Run(fmt.Sprintf("%d_series", series), func(b *testing.B) {
			w := newBench(b, series, deaf{})
			w.measured(w.tick)
		})
	}
}

// A tick in which every alert fires already: nothing is new, nothing is sent.
func BenchmarkStillFiring(b *testing.B) {
	w := newBench(b, 10000, deaf{})
	w.crowd.used.Store(97)
	for range 16 {
		w.tick()
	}
	w.measured(w.tick)
}

// Every alert fires in one tick, and everything is delivered to a webhook on
// loopback.
func BenchmarkBurst(b *testing.B) {
	for _, series := range []int{1000, 10000} {
		b.Run(fmt.Sprintf("%d_alerts", series), func(b *testing.B) {
			var posts atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { posts.Add(1) }))
			defer server.Close()
			channel, err := notify.New("webhook", jsonSettings(fmt.Sprintf(`{"url":%q,"allow_private_networks":true,"format":"alertmanager"}`, server.URL)),
				notify.Env{Now: time.Now})
			must(b, err)
			var used time.Duration
			for b.Loop() {
				b.StopTimer()
				w := newBench(b, series, channel)
				w.crowd.used.Store(97)
				for range 7 {
					w.tick()
				}
				before := cpu()
				b.StartTimer()
				w.tick() // the eighth minute at 97 % is the warning
				w.worker.Deliver(context.Background())
				used += cpu() - before
			}
			b.ReportMetric(float64(used.Microseconds())/1000/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(posts.Load())/float64(b.N), "posts/op")
		})
	}
}

// Every alert begins to fire in one tick, at info: nothing is sent, which is noted.
func BenchmarkInfo(b *testing.B) {
	var spent time.Duration
	for b.Loop() {
		b.StopTimer()
		w := newBench(b, 10000, deaf{})
		w.crowd.used.Store(80)
		before := cpu()
		b.StartTimer()
		w.tick()
		spent += cpu() - before
	}
	b.ReportMetric(float64(spent.Milliseconds())/float64(b.N), "cpu-ms/op")
}

// From an empty folder to a worker that is ready for its first cycle.
func BenchmarkStartToReady(b *testing.B) {
	for b.Loop() {
		st, err := store.Open(context.Background(), filepath.Join(b.TempDir(), "alerter.db"), store.Options{Lock: true})
		must(b, err)
		w := &Worker{Store: st, Log: zerolog.Nop(), Now: func() time.Time { return start }}
		must(b, w.prepare())
		must(b, w.begin(context.Background(), Plan{Tree: route.Tree{Root: &route.Node{Receiver: "hook"}}}))
		must(b, st.Close())
	}
}
