package worker

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/store"
	"alerter/usage"
)

// spans are the stretches that the calls asked for, as "10:00-11:00".
func spans(calls []question) (out []string) {
	for _, q := range calls {
		out = append(out, q.from.Format("15:04")+"-"+q.to.Format("15:04"))
	}
	return out
}

func TestThePastIsFilledInNewestFirstAfterTheFirstEvaluation(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Organizations[0].Backfill = 4 * time.Hour
	var progress []string
	d.worker.OnBackfill = func(organization string, done, all time.Duration) {
		progress = append(progress, fmt.Sprint(organization, " ", done, " of ", all))
	}
	d.ready()
	d.worker.bringUp(context.Background(), d.worker.Plan(), d.account(0))
	if diff := cmp.Diff([]string{"12:00:00"}, d.ticks()); diff != "" {
		t.Errorf("evaluated at (-want +got):\n%s", diff)
	}
	// The first poll has read the newest hour.
	want := []string{"11:00-12:00", "10:00-11:00", "09:00-10:00", "08:00-09:00", "07:40-08:00"}
	if diff := cmp.Diff(want, spans(d.sources[0].calls("read analytics"))); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	wantProgress := []string{"acme 1h0m0s of 3h20m0s", "acme 2h0m0s of 3h20m0s", "acme 3h0m0s of 3h20m0s", "acme 3h20m0s of 3h20m0s"}
	if diff := cmp.Diff(wantProgress, progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestABackfillThatFailedGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Organizations[0].Backfill = 4 * time.Hour
	d.ready()
	d.must(limitsJob, 0)
	d.must(usageJob, 0)
	d.sources[0].forget()
	n := 0
	d.sources[0].before(func(_ context.Context, call string) {
		if n++; n == 3 {
			d.sources[0].breaks(refusal{code: 503, rest: 2 * time.Minute}, call)
		}
	})
	if err := d.do(backfillJob, 0); err == nil {
		t.Fatal("the back-fill did not say that it failed")
	}
	d.sources[0].before(nil)
	d.sources[0].breaks(nil, "read analytics")
	if err := d.do(backfillJob, 0); !errors.Is(err, errResting) {
		t.Errorf("got %v right after the refusal, want rest", err)
	}
	c.pass(2 * time.Minute)
	d.must(backfillJob, 0)
	want := []string{"10:00-11:00", "09:00-10:00", "08:00-09:00", "08:00-09:00", "07:42-08:00"}
	if diff := cmp.Diff(want, spans(d.sources[0].calls("read analytics"))); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestAPauseIsFilledIn(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Organizations[0].Backfill = 24 * time.Hour
	d.ready()
	d.must(limitsJob, 0)
	d.must(usageJob, 0)
	d.must(backfillJob, 0)
	c.pass(3 * time.Hour) // down
	d.again()
	d.sources[0].forget()
	d.worker.bringUp(context.Background(), d.worker.Plan(), d.account(0))
	want := []string{"14:00-15:00", "13:00-14:00", "12:00-13:00", "11:54-12:00"} // what had not settled, or nothing had followed, at noon
	if diff := cmp.Diff(want, spans(d.sources[0].calls("read analytics"))); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	d.view(func(tx *store.Tx) error {
		gaps, err := tx.Gaps("org-acme", usage.SourceAnalytics, start.Add(-20*time.Hour), c.now().Add(-overlap), 5*time.Minute)
		if len(gaps) > 0 {
			t.Errorf("got gaps %v, want none", gaps)
		}
		return err
	})
}

func TestAfterAShortPauseTheFirstTicksCatchUp(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 15)
	d.sources[0].breaks(errors.New("no route"), "read analytics")
	for range 70 {
		c.pass(time.Minute)
		_ = d.do(usageJob, 0)
	}
	d.sources[0].breaks(nil, "read analytics")
	d.sources[0].forget()
	d.minutes(c, 0, 3)
	want := []string{"11:55-13:26", "13:06-13:27", "13:07-13:28"}
	if diff := cmp.Diff(want, spans(d.sources[0].calls("read analytics"))); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestTheHourThatEndedADayAgoIsReadAgainOnce(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.must(usageJob, 0)
	d.must(backfillJob, 0)
	d.sources[0].forget()
	for range 130 {
		c.pass(time.Minute)
		d.must(usageJob, 0)
		d.sources[0].forget()
		d.must(backfillJob, 0)
		if calls := d.sources[0].calls("read analytics"); len(calls) > 0 {
			got := c.now().Format("15:04") + " " + calls[0].from.Format("02 15:04") + fmt.Sprint(" ", len(calls))
			if want := map[string]string{"12:01": "12:01 22 11:00 1", "13:00": "13:00 22 12:00 1", "14:00": "14:00 22 13:00 1"}[c.now().Format("15:04")]; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

func TestHoursThatCouldNotBeLookedAtAgainInTimeAreLookedAtLater(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.must(usageJob, 0)
	d.must(backfillJob, 0)
	d.must(backfillJob, 0) // looks at 11:00 to 12:00
	d.account(0).looked(start.Add(-secondLook))
	for range 180 {
		c.pass(time.Minute)
		d.must(usageJob, 0)
	}
	d.sources[0].forget()
	d.must(backfillJob, 0)
	if diff := cmp.Diff([]string{"12:00-13:00", "13:00-14:00", "14:00-15:00"}, spans(d.sources[0].calls("read analytics"))); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestInNoMinuteMoreThanThirtyPagesAreReadToFillThePastIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, time.Now, "acme")
		d.worker.BackfillPages = 0 // the default
		d.plan.Organizations[0].Backfill = 96 * time.Hour
		d.ready()
		d.must(limitsJob, 0)
		d.must(usageJob, 0)
		d.sources[0].forget()
		began := time.Now()
		d.must(backfillJob, 0)
		calls := d.sources[0].calls("read analytics")
		if len(calls) < 90 {
			t.Fatalf("got %d pages, want at least 90", len(calls))
		}
		for i := range calls {
			n := 0
			for _, later := range calls[i:] {
				if later.at.Sub(calls[i].at) < time.Minute {
					n++
				}
			}
			if n > 30 {
				t.Fatalf("%d pages in the minute from %s on, want 30 at most", n, calls[i].at)
			}
		}
		if took := time.Since(began); took > 6*time.Minute {
			t.Errorf("%d pages took %s, want about three minutes for 90", len(calls), took)
		}
	})
}

func TestAPageThatHangsEndsTheBackfillsRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, time.Now, "acme").ready()
		d.must(limitsJob, 0)
		d.must(usageJob, 0)
		d.sources[0].before(func(ctx context.Context, _ string) { <-ctx.Done() })
		began := time.Now()
		if err := d.do(backfillJob, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want that the deadline passed", err)
		}
		if took := time.Since(began); took != d.worker.CallTimeout {
			t.Errorf("it took %s, want %s", took, d.worker.CallTimeout)
		}
	})
}

func TestAnAnswerThatCameLaterThanATicksDoesNotReplaceIt(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.must(usageJob, 0)
	// The back-fill asks; before its answer is stored, a tick that catches up
	// reads the same minutes, corrected meanwhile.
	value := int64(100)
	d.sources[0].used = func(time.Time) int64 { return value }
	p := past{w: d.worker, a: d.account(0), org: d.account(0).organization(), conf: d.account(0).settings(), kind: usage.SourceAnalytics, at: c.now()}
	gap := store.Span{From: start.Add(-90 * time.Minute), To: start.Add(-30 * time.Minute)}
	late, err := p.read(context.Background(), gap)
	if err != nil {
		t.Fatal(err)
	}
	c.pass(time.Minute)
	value = 150
	d.account(0).lastGood = start.Add(-time.Hour)
	d.must(usageJob, 0) // from 10:40 on
	if err := p.fill(context.Background(), gap, late); err != nil {
		t.Fatal(err)
	}
	d.view(func(tx *store.Tx) error {
		for m, err := range tx.Minutes("org-acme", gap.From, gap.To) {
			if err != nil {
				return err
			}
			want := int64(150)
			if m.Start.Before(start.Add(-80 * time.Minute)) {
				want = 100 // only the back-fill has read it
			}
			if got := m.Buckets[0].Output; got != want {
				t.Errorf("got %d at %s, want %d", got, m.Start.Format("15:04"), want)
			}
		}
		return nil
	})
}
