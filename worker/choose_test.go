package worker

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/store"
	"alerter/usage"
)

// newClock stands at start.
func newClock() *clock { return &clock{at: start} }

// minutes lets n minutes pass with a tick of the organization in each, all of
// which must succeed.
func (d *desk) minutes(c *clock, organization, n int) {
	d.t.Helper()
	for range n {
		c.pass(time.Minute)
		d.must(usageJob, organization)
	}
}

// source is where the store says the organization's usage comes from.
func (d *desk) source() (s usage.Source) {
	d.t.Helper()
	d.view(func(tx *store.Tx) error {
		all, err := tx.Sources()
		if len(all) > 0 {
			s = all[0]
		}
		return err
	})
	return s
}

// requests is how many minutes of the last hour have their requests counted.
func (d *desk) requests(c *clock) (n int) {
	d.t.Helper()
	d.view(func(tx *store.Tx) error {
		for m, err := range tx.Minutes("org-acme", c.now().Add(-time.Hour), c.now()) {
			if err != nil {
				return err
			}
			if m.Source == usage.SourceAnalytics && len(m.Buckets) > 0 && m.Buckets[0].Requests > 0 {
				n++
			}
		}
		return nil
	})
	return n
}

func TestTheReportThatCountsRequestsIsPreferred(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 3)
	if got := d.source(); got.Kind != usage.SourceAnalytics || got.Why == "" || got.Problem != "" {
		t.Errorf("got source %+v, want analytics, why, and no problem", got)
	}
	lines := d.log.lines("usage source chosen")
	if len(lines) != 1 || lines[0]["source"] != "analytics" || lines[0]["reason"] == "" {
		t.Errorf("got log lines %v, want the choice and why, once", lines)
	}
	if n := len(d.sources[0].calls("probe usage_report")); n != 1 {
		t.Errorf("got %d probes in three minutes, want 1", n)
	}
}

func TestARefusedBetaReportIsReplacedWithinTheSameTick(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"not enrolled": refusal{code: 400, refused: true}, "forbidden": refusal{code: 403, refused: true}, "not found": refusal{code: 404, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			d := newDesk(t, c.now, "acme").ready()
			d.must(limitsJob, 0)
			d.minutes(c, 0, 2)
			d.sources[0].breaks(err, "probe analytics", "read analytics")
			d.minutes(c, 0, 1)
			if got := d.source(); got.Kind != usage.SourceReport || !strings.Contains(got.Why, "is refused") || got.Problem != "" {
				t.Errorf("got source %+v, want usage_report, because analytics is refused", got)
			}
			if got := d.troubles(); got != nil {
				t.Errorf("got troubles %v, want none: the key is good", got)
			}
			d.minutes(c, 0, 170)
			if n := len(d.sources[0].calls("probe analytics")); n != 2 {
				t.Errorf("got %d probes in three hours, want 2: a refused report is left alone for that long", n)
			}
			d.sources[0].breaks(nil, "probe analytics", "read analytics")
			d.minutes(c, 0, 12)
			if got := d.source(); got.Kind != usage.SourceAnalytics {
				t.Errorf("got source %+v after three hours, want analytics again", got)
			}
		})
	}
}

func TestAReportThatHangsOrFailsDoesNotHideTheOther(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.worker.CallTimeout = 50 * time.Millisecond
	d.sources[0].before(func(ctx context.Context, call string) {
		if call == "probe analytics" {
			<-ctx.Done()
		}
	})
	d.ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 1)
	if got := d.source(); got.Kind != usage.SourceReport || !strings.Contains(got.Why, "did not answer") {
		t.Errorf("got source %+v, want usage_report", got)
	}
}

func TestRequestCountsFillInWhenTheyArriveLater(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.sources[0].late[usage.SourceAnalytics] = 30 * time.Minute
	d.must(limitsJob, 0)
	d.minutes(c, 0, 1)
	if got := d.source(); got.Kind != usage.SourceReport || !strings.Contains(got.Why, "behind") {
		t.Fatalf("got source %+v, want usage_report: the other is half an hour behind", got)
	}
	if got := d.requests(c); got == 0 {
		t.Error("no request count was filled in")
	}
	d.minutes(c, 0, 20)
	if got, want := d.requests(c), 25; got < want {
		t.Errorf("got %d minutes with requests, want at least %d: up to half an hour ago", got, want)
	}
	if n := len(d.sources[0].calls("read analytics")); n < 4 || n > 5 {
		t.Errorf("got %d questions for requests in 20 minutes, want one every five", n)
	}
}

func TestRequestCountsThatCannotBeReadDoNotSpoilTheCycle(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.sources[0].late[usage.SourceAnalytics] = 30 * time.Minute
	d.sources[0].breaks(refusal{code: 429, rest: 12 * time.Minute}, "read analytics")
	d.must(limitsJob, 0)
	d.minutes(c, 0, 10)
	if n := len(d.sources[0].calls("read analytics")); n != 1 {
		t.Errorf("got %d questions for requests, want 1: the endpoint rests", n)
	}
	if got := d.source(); got.Problem != "" {
		t.Errorf("got problem %q, want none", got.Problem)
	}
	if n := len(d.log.lines("request counts not read, will be asked for again")); n != 1 {
		t.Errorf("got %d log lines, want 1", n)
	}
}

func TestAConfiguredReportIsTakenWithoutAsking(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Organizations[0].Mode = "usage_report"
	d.ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 3)
	if got := d.source(); got.Kind != usage.SourceReport || got.Why != "it is configured" {
		t.Errorf("got source %+v, want the configured one", got)
	}
	if n := len(d.sources[0].calls("probe analytics")) + len(d.sources[0].calls("read analytics")); n != 0 {
		t.Errorf("analytics was asked %d times, want never", n)
	}
}

func TestAfterTooManyRequestsTheEndpointRestsAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 10) // fires
	d.sources[0].breaks(refusal{code: 429, rest: 150 * time.Second}, "read analytics")
	c.pass(time.Minute)
	if err := d.do(usageJob, 0); err == nil {
		t.Fatal("a refused read ended without an error")
	}
	d.sources[0].breaks(nil, "read analytics")
	d.sources[0].forget()
	var stepped []time.Time
	for range 3 {
		c.pass(time.Minute)
		err := d.do(usageJob, 0)
		if rested := len(d.sources[0].calls("read analytics")) == 0; rested != errors.Is(err, errResting) {
			t.Errorf("at %s got error %v after %v calls", c.now(), err, d.sources[0].calls("read analytics"))
		}
		if got := d.source().Problem; (got == "") != (err == nil) {
			t.Errorf("at %s got problem %q, want why it rests while it does", c.now(), got)
		}
		if err := d.do(attributionJob, 0); err != nil && !errors.Is(err, errResting) {
			t.Error(err)
		}
		d.must(limitsJob, 0)
	}
	d.view(func(tx *store.Tx) (err error) {
		stepped, err = tx.Ticks("org-acme", start.Add(10*time.Minute), c.now().Add(time.Second))
		return err
	})
	want := []time.Time{start.Add(10 * time.Minute), start.Add(11 * time.Minute), start.Add(12 * time.Minute), start.Add(13 * time.Minute), start.Add(14 * time.Minute)}
	if diff := cmp.Diff(want, stepped); diff != "" {
		t.Errorf("evaluated at (-want +got):\n%s", diff)
	}
	reads := d.sources[0].calls("read analytics")
	if len(reads) != 1 || !reads[0].at.Equal(start.Add(14*time.Minute)) {
		t.Fatalf("got reads %v, want one when the rest is over", reads)
	}
	if want := start.Add(10*time.Minute - overlap); reads[0].from.After(want) {
		t.Errorf("the first read after the rest goes back to %s, want %s: nothing is left out", reads[0].from, want)
	}
}
