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

// lateDesk watches an organization whose report with request counts is half an hour
// behind, so that tokens come from the other one.
func lateDesk(t *testing.T, c *clock) *desk {
	t.Helper()
	d := newDesk(t, c.now, "acme")
	d.sources[0].late[usage.SourceAnalytics] = 30 * time.Minute
	d.sources[0].counts = true
	d.plan.Organizations[0].Backfill = 4 * time.Hour
	return d
}

// requestGaps are the stretches of the last four hours whose requests are not known,
// up to those that the ticks read.
func (d *desk) requestGaps(c *clock) (out []string) {
	d.t.Helper()
	d.view(func(tx *store.Tx) error {
		gaps, err := tx.Gaps("org-acme", usage.SourceAnalytics, c.now().Add(-4*time.Hour), c.now().Add(-time.Hour), 5*time.Minute)
		for _, g := range gaps {
			out = append(out, g.From.Format("15:04")+"-"+g.To.Format("15:04"))
		}
		return err
	})
	return out
}

func TestRequestsOfThePastAreFilledInAfterTheTokens(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := lateDesk(t, c)
	progress := 0
	d.worker.OnBackfill = func(string, time.Duration, time.Duration) { progress++ }
	d.ready()
	var order []string
	d.sources[0].before(func(_ context.Context, call string) {
		if kind, reads := strings.CutPrefix(call, "read "); reads && (len(order) == 0 || order[len(order)-1] != kind) {
			order = append(order, kind)
		}
	})
	d.worker.bringUp(context.Background(), d.worker.Plan(), d.account(0))
	// The first poll asks both reports, and so does the attribution.
	if diff := cmp.Diff([]string{"usage_report", "analytics", "keys", "usage_report", "analytics"}, order); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	want := []string{"11:09-12:00", "10:09-11:09", "09:09-10:09", "08:09-09:09", "07:40-08:09"}
	if diff := cmp.Diff(want, spans(d.sources[0].calls("read analytics"))); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	if got := d.requestGaps(c); len(got) != 0 {
		t.Errorf("got no requests in %v, want them filled in", got)
	}
	if n := len(d.log.lines("the past's request counts are filled in")); n != 1 || progress != 4 {
		t.Errorf("got %d lines in the log and %d steps of the tokens' progress, want 1 and 4", n, progress)
	}
	d.sources[0].forget()
	c.pass(time.Minute)
	d.must(backfillJob, 0)
	if got := spans(d.sources[0].calls("read analytics")); len(got) != 0 {
		t.Errorf("read %v again, want nothing", got)
	}
}

func TestRequestsThatCannotBeFilledInStayUnknownAndAreAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"too many requests": refusal{code: 429, rest: 5 * time.Minute}, "no answer": errors.New("no route"), "refused since it was probed": refusal{code: 403, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			d := lateDesk(t, c)
			d.ready()
			d.must(limitsJob, 0)
			d.must(usageJob, 0)
			d.must(backfillJob, 0) // the first look ends with tokens and requests
			c.pass(3 * time.Hour)
			d.again()
			d.must(limitsJob, 0)
			d.must(usageJob, 0)
			d.sources[0].breaks(err, "read analytics")
			d.sources[0].forget()
			for range 4 {
				d.must(backfillJob, 0)
				c.pass(time.Minute)
			}
			if n := len(d.sources[0].calls("read analytics")); n != 1 {
				t.Errorf("got %d questions in four minutes, want 1", n)
			}
			if n := len(d.log.lines("request counts not read, will be asked for again")); n != 1 {
				t.Errorf("got %d lines in the log, want 1", n)
			}
			if diff := cmp.Diff([]string{"11:24-14:04"}, d.requestGaps(c)); diff != "" {
				t.Errorf("without requests (-want +got):\n%s", diff)
			}
			d.sources[0].breaks(nil, "read analytics")
			c.pass(requestsEvery)
			d.must(usageJob, 0)
			d.must(backfillJob, 0)
			if got := d.requestGaps(c); len(got) != 0 {
				t.Errorf("got no requests in %v, want them filled in", got)
			}
		})
	}
}

func TestRequestsAreNotAskedForWhereTheyCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*desk){
		"the report without them is configured": func(d *desk) { d.plan.Organizations[0].Mode = "usage_report" },
		"the other is refused":                  func(d *desk) { d.sources[0].breaks(refusal{code: 403, refused: true}, "probe analytics") },
		"the other does not answer":             func(d *desk) { d.sources[0].breaks(errors.New("no route"), "probe analytics") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			d := lateDesk(t, c)
			prepare(d)
			d.ready()
			d.worker.bringUp(context.Background(), d.worker.Plan(), d.account(0))
			if got := spans(d.sources[0].calls("read analytics")); len(got) != 0 {
				t.Errorf("read %v, want nothing", got)
			}
			if n := len(d.sources[0].calls("read usage_report")); n != 5 {
				t.Errorf("got %d questions for tokens, want the newest and four of the past", n)
			}
		})
	}
}

// peaksOf counts the days on which the model group's limiter has a peak.
func (d *desk) peaksOf(limiter usage.Limiter) (days int) {
	d.t.Helper()
	d.view(func(tx *store.Tx) error {
		trends, err := tx.Trends("org-acme", d.now(), store.Trends{})
		days = trends.Of[usage.ID{OrganizationID: "org-acme", GroupID: "rlg_opus", Limiter: limiter}].Days
		return err
	})
	return days
}

func TestADaysPeaksWaitForItsRequests(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := lateDesk(t, c)
	d.plan.Organizations[0].Backfill = 36 * time.Hour // 22 November, and a little
	d.ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 2)
	d.sources[0].breaks(refusal{code: 503}, "read analytics")
	d.must(backfillJob, 0) // tokens alone
	c.pass(time.Hour)
	d.minutes(c, 0, 2)
	beyond := []string{"21 Nov 18"} // the back-fill does not reach it any more
	if diff := cmp.Diff(beyond, d.peakDays()); diff != "" {
		t.Errorf("while requests may still come (-want +got):\n%s", diff)
	}
	d.sources[0].breaks(nil, "read analytics")
	c.pass(requestsEvery)
	d.must(backfillJob, 0)
	c.pass(time.Hour)
	d.minutes(c, 0, 2)
	if tokens, requests := d.peaksOf(usage.OutputTokens), d.peaksOf(usage.RequestsPerMinute); tokens != 1 || requests != 1 {
		t.Errorf("got %d days of tokens and %d of requests, want one of each", tokens, requests)
	}
}

func TestADaysPeaksDoNotWaitForRequestsThatNoLongerCome(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := lateDesk(t, c)
	d.plan.Organizations[0].Backfill = 72 * time.Hour
	d.ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 2)
	d.sources[0].breaks(refusal{code: 503}, "read analytics")
	d.must(backfillJob, 0)
	for range 22 {
		c.pass(time.Hour)
		d.minutes(c, 0, 1)
		d.must(backfillJob, 0)
	}
	beyond := []string{"20 Nov 738"} // the back-fill does not reach it any more
	if diff := cmp.Diff(beyond, d.peakDays()); diff != "" {
		t.Errorf("within a day of the last requests (-want +got):\n%s", diff)
	}
	for range 3 {
		c.pass(time.Hour)
		d.minutes(c, 0, 3)
		d.must(backfillJob, 0)
	}
	if tokens, requests := d.peaksOf(usage.OutputTokens), d.peaksOf(usage.RequestsPerMinute); tokens == 0 || requests != 0 {
		t.Errorf("got %d days of tokens and %d of requests, want tokens and none of requests", tokens, requests)
	}
}
