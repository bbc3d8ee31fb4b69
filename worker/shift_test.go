package worker

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"

	"alerter/store"
)

// newRun is a desk in the bubble's time, whose usage is near the limit from now
// on for twenty minutes.
func newRun(t *testing.T, organizations ...string) *desk {
	t.Helper()
	d := newDesk(t, time.Now, organizations...)
	began := time.Now().Truncate(time.Minute)
	for _, f := range d.sources {
		f.used = func(minute time.Time) int64 {
			if !minute.Before(began) && minute.Before(began.Add(20*time.Minute)) {
				return 970
			}
			return 200
		}
	}
	return d
}

// pass lets time pass in the bubble, and everything that follows happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestTheJobsRunOnTheirSchedule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		d.plan.Organizations[0].Backfill = 0
		stop := d.run(t)
		if !d.worker.Ready() {
			t.Error("the worker runs and says it is not ready")
		}
		pass(30*time.Minute + 30*time.Second)
		for call, want := range map[string]int{
			"read analytics": 1 + 30 + 1, // at start, each minute, and one hour again
			"limits":         1 + 2,
			"read keys":      1 + 6,
		} {
			if got := len(d.sources[0].calls(call)); got != want {
				t.Errorf("%q was asked %d times in half an hour, want %d", call, got, want)
			}
		}
		if got := d.box["team"].told(); len(got) != 1 || got[0] != "00:08 fired warning" {
			t.Errorf("heard %q, want the warning after eight minutes", got)
		}
		stop()
		if n := len(d.log.lines("job did not succeed, will run again")); n != 0 {
			t.Errorf("%d jobs did not succeed", n)
		}
	})
}

func TestAScheduleOfFiveFieldsIsKeptInItsTimeZone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		schedule, err := cron.ParseStandard("10 2 * * *")
		if err != nil {
			t.Fatal(err)
		}
		d.plan.Schedule.Limits, d.plan.Schedule.Location = schedule, time.FixedZone("two hours east", 2*60*60)
		stop := d.run(t)
		d.sources[0].forget()
		pass(20 * time.Minute)
		calls := d.sources[0].calls("limits")
		if len(calls) != 1 || calls[0].at.UTC().Format("15:04") != "00:10" {
			t.Errorf("limits were read at %v, want once at 00:10 UTC", calls)
		}
		stop()
	})
}

func TestAFasterClockRunsTheJobsMoreOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		began := time.Now()
		d.now = func() time.Time { return began.Add(60 * time.Since(began)) }
		d.sources[0].now = d.now
		d.worker = d.newWorker()
		d.worker.OnTime = func(s cron.Schedule) cron.Schedule {
			return hurried{Schedule: s, began: began}
		}
		stop := d.run(t)
		pass(10 * time.Second)
		if n := len(d.ticks()); n < 10 || n > 11 {
			t.Errorf("evaluated %d times in ten seconds of sixty, want ten or eleven", n)
		}
		stop()
	})
}

// hurried is a schedule of a time that runs sixty times as fast.
type hurried struct {
	cron.Schedule
	began time.Time
}

func (h hurried) Next(t time.Time) time.Time {
	virtual := h.began.Add(60 * t.Sub(h.began))
	return h.began.Add(h.Schedule.Next(virtual).Sub(h.began) / 60)
}

func TestAJobNeverRunsBesideItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		d.worker.CallTimeout = time.Hour
		running, most := 0, 0
		d.sources[0].before(func(_ context.Context, call string) {
			if call != "read keys" { // the attribution job
				return
			}
			running++
			most = max(most, running)
			time.Sleep(4*time.Minute + 30*time.Second)
			running--
		})
		d.plan.Schedule.Attribution = cron.Every(time.Minute)
		stop := d.run(t)
		pass(30 * time.Minute)
		if most != 1 {
			t.Errorf("%d runs of one job at once, want 1", most)
		}
		if n := len(d.sources[0].calls("read analytics")); n < 30 {
			t.Errorf("the other jobs ran %d times in half an hour, want 30: they do not wait for it", n)
		}
		stop()
		pass(5 * time.Minute) // the call that does not listen ends
	})
}

func TestCallsThatHangDoNotKeepTheNextRunFromItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		d.plan.Schedule.Usage = cron.Every(20 * time.Second)
		var mu sync.Mutex
		var longest time.Duration
		d.sources[0].before(func(ctx context.Context, call string) {
			if call == "read analytics" {
				began := time.Now()
				<-ctx.Done()
				mu.Lock()
				defer mu.Unlock()
				longest = max(longest, time.Since(began))
			}
		})
		stop := d.run(t)
		pass(5 * time.Minute)
		stop()
		if longest == 0 || longest > d.worker.CallTimeout {
			t.Errorf("a call took %s, want %s at most", longest, d.worker.CallTimeout)
		}
		if n := len(d.ticks()); n < 15 {
			t.Errorf("evaluated %d times in five minutes, want 15: what is known is evaluated", n)
		}
	})
}

func TestAJobThatPanicsIsReportedAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		d.sources[0].before(func(_ context.Context, call string) {
			if call == "read keys" {
				panic("attribution is broken")
			}
		})
		stop := d.run(t)
		pass(8 * time.Minute)
		if got := d.troubles(); got != nil {
			t.Errorf("got troubles %q after two runs, want none yet", got)
		}
		pass(4 * time.Minute)
		if diff := cmp.Diff([]string{"AlerterJobFailing acmeattribution"}, d.troubles()); diff != "" {
			t.Errorf("troubles (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"00:08 fired warning", "00:10 fired warning AlerterJobFailing"}, d.box["team"].told()); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
		lines := d.log.lines("job panicked")
		if len(lines) != 3 || lines[0]["error"] != "attribution is broken" || lines[0]["stack"] == "" {
			t.Errorf("got %d log lines, want 3 with the cause and the stack", len(lines))
		}
		d.sources[0].before(nil)
		pass(6 * time.Minute)
		if got := d.troubles(); got != nil {
			t.Errorf("got troubles %q after a good run, want none", got)
		}
		stop()
	})
}

func TestAStopCancelsTheCallsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		stop := d.run(t)
		pass(90 * time.Second)
		d.sources[0].before(func(ctx context.Context, _ string) { <-ctx.Done() })
		pass(40 * time.Second)
		began := time.Now()
		stop()
		if took := time.Since(began); took > time.Second {
			t.Errorf("the stop took %s, want no time", took)
		}
		if n := len(d.log.lines("job did not succeed, will run again")); n != 0 {
			t.Errorf("%d jobs are said not to have succeeded, want none: they were stopped", n)
		}
	})
}

func TestAWorkerWithoutAStoreOrAClockSaysSo(t *testing.T) {
	t.Parallel()
	if err := (&Worker{Now: time.Now}).Run(t.Context(), Plan{}); err == nil || err.Error() != "worker: Store is not set" {
		t.Errorf("got %v", err)
	}
	if err := (&Worker{Store: new(store.Store)}).Once(t.Context(), Plan{}); err == nil || err.Error() != "worker: Now is not set" {
		t.Errorf("got %v", err)
	}
}
