package worker

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

// peakDays are the days whose peaks are known, as "22 Nov 1440", oldest first.
func (d *desk) peakDays() (out []string) {
	d.t.Helper()
	d.view(func(tx *store.Tx) error {
		days, err := tx.PeakDays("org-acme", start.AddDate(0, 0, -90))
		var known []time.Time
		for day, minutes := range days {
			if minutes > 0 {
				known = append(known, day)
			}
		}
		slices.SortFunc(known, time.Time.Compare)
		for _, day := range known {
			out = append(out, fmt.Sprint(day.Format("2 Jan "), days[day]))
		}
		return err
	})
	return out
}

// growthRule is one that fires four weeks before.
func growthRule() evaluate.Rule {
	kind, _ := evaluate.KindOf("growth")
	return evaluate.Rule{Alert: "GrowthAhead", Condition: kind.New(), KeepFiringFor: kind.KeepFiringFor, RepeatInterval: kind.RepeatInterval}
}

func TestAPastThatIsFilledInIsReadDayByDayNewestFirst(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Organizations[0].Backfill = 60 * time.Hour // from shortly before 21 November on
	d.ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 3)
	if got := d.peakDays(); len(got) > 0 {
		t.Errorf("got peaks of %q before the past is filled in", got)
	}
	d.must(backfillJob, 0)
	c.pass(time.Hour) // the next look
	for _, want := range [][]string{
		{"22 Nov 1440"},
		{"21 Nov 1440", "22 Nov 1440"},
		{"20 Nov 17", "21 Nov 1440", "22 Nov 1440"},
		{"20 Nov 17", "21 Nov 1440", "22 Nov 1440"},
	} {
		d.minutes(c, 0, 1)
		if diff := cmp.Diff(want, d.peakDays()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	d.view(func(tx *store.Tx) error {
		trends, err := tx.Trends("org-acme", c.now(), store.Trends{})
		id := usage.ID{OrganizationID: "org-acme", GroupID: "rlg_opus", Limiter: usage.OutputTokens}
		if got := trends.Of[id]; got.Days != 2 || got.Shape != usage.Short || len(trends.Of) != 1 {
			t.Errorf("got %+v, want two days of one series", trends.Of)
		}
		return err
	})
}

func TestADayIsReadAnHourAfterItsEnd(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	for ; c.now().Before(start.Add(14 * time.Hour)); c.pass(10 * time.Minute) {
		d.must(usageJob, 0)
		var want []string
		if c.now().After(start.Add(12*time.Hour + usage.PeakDelay - time.Minute)) {
			want = []string{"23 Nov 780"} // an hour before the start was read
		}
		if diff := cmp.Diff(want, d.peakDays()); diff != "" {
			t.Fatalf("at %s (-want +got):\n%s", c.now().Format("15:04"), diff)
		}
	}
}

// A day of which some is missing is waited for while the back-fill may bring it, and
// read again when that brings more later.
func TestADayIsReadAgainWhenMoreOfItIsKnown(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 2)
	c.pass(13 * time.Hour) // nobody looked meanwhile
	d.minutes(c, 0, 2)
	first := d.peakDays()
	d.plan.Organizations[0].Backfill = 48 * time.Hour
	d.apply()
	c.pass(time.Hour)
	d.minutes(c, 0, 1)
	if diff := cmp.Diff(first, d.peakDays()); diff != "" {
		t.Errorf("while it may still be filled in (-want +got):\n%s", diff)
	}
	d.must(backfillJob, 0)
	c.pass(time.Hour)
	d.minutes(c, 0, 2)
	if diff := cmp.Diff([]string{"22 Nov 1335", "23 Nov 1440"}, d.peakDays()); diff != "" {
		t.Errorf("after %q (-want +got):\n%s", first, diff)
	}
}

// What is damaged in the past is told in the log, and the present is judged.
func TestADayThatCannotBeReadDoesNotStopTheSteps(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Organizations[0].Backfill = 36*time.Hour + 20*time.Minute
	d.ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 2)
	d.must(backfillJob, 0)
	db, err := sql.Open("sqlite", "file:"+d.path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE minutes SET packed = x'ff' WHERE start_ms = ?", start.Add(-20*time.Hour).UnixMilli()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	c.pass(time.Hour)
	d.minutes(c, 0, 3)
	if got := d.peakDays(); len(got) > 0 {
		t.Errorf("got peaks of %q, want none", got)
	}
	if lines := d.log.lines("daily peaks not read, will be tried again"); len(lines) != 1 {
		t.Errorf("got %d lines in the log, want one an hour: %v", len(lines), lines)
	}
}

// remember stores peaks of the weeks before the start as if they had been read day by
// day, growing by one in a hundred of the limit a day up to the newest.
func (d *desk) remember(days int, newest float64) {
	d.t.Helper()
	id := usage.ID{OrganizationID: "org-acme", GroupID: "rlg_opus", Limiter: usage.OutputTokens}
	d.update(func(tx *store.Tx) error {
		for i := range days {
			day := start.Truncate(24*time.Hour).AddDate(0, 0, -1-i)
			peak := newest - 10*float64(i)
			err := tx.PutPeaks(id.OrganizationID, day, day.Add(25*time.Hour), 1440, map[usage.ID]usage.DailyPeak{id: {Day: day, P99: peak, Max: peak, Minutes: 1440}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Promise 2 for what takes weeks: the steps of three days, made again from what is
// stored, with another process and a raised limit among them.
func TestAPlayOfGrowthEqualsTheLiveRun(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.sources[0].used = func(minute time.Time) int64 {
		if minute.Before(start.Truncate(24*time.Hour).AddDate(0, 0, 1)) {
			return 850
		}
		return 200
	}
	rule := growthRule()
	rule.KeepFiringFor = 5 * time.Hour
	d.plan.Rules = []evaluate.Rule{rule}
	d.remember(30, 790) // 930 is reached in two weeks
	d.ready()
	d.must(limitsJob, 0)
	for i := range 40 * 6 {
		switch i {
		case 6 * 6:
			d.again()
			d.must(limitsJob, 0)
		case 20 * 6:
			d.sources[0].limits[""] = 5000
			d.must(limitsJob, 0)
		}
		c.pass(10 * time.Minute)
		d.must(usageJob, 0)
	}
	var live, again []evaluate.Transition
	d.view(func(tx *store.Tx) error {
		stored, err := tx.Transitions(start, c.now().Add(time.Minute))
		if err != nil {
			return err
		}
		for _, s := range stored {
			live = append(live, s.Transition)
		}
		again, err = replayGrowth(tx, d.account(0).organization(), c.now(), d.plan.Rules)
		return err
	})
	sameNumber := cmp.Comparer(func(a, b evaluate.Number) bool { return a == b || !a.Known() && !b.Known() })
	if diff := cmp.Diff(live, again, sameNumber); diff != "" {
		t.Errorf("(-live +replay):\n%s", diff)
	}
	var states []evaluate.State
	for _, l := range live {
		states = append(states, l.ToState)
	}
	if diff := cmp.Diff([]evaluate.State{evaluate.Firing, evaluate.Resolved}, states); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// replayGrowth makes every step again, from nothing but what is stored.
func replayGrowth(tx *store.Tx, org usage.Organization, until time.Time, rules []evaluate.Rule) (moves []evaluate.Transition, err error) {
	ticks, err := tx.Ticks(org.ID, start, until.Add(time.Minute))
	if err != nil {
		return nil, err
	}
	var last time.Time
	var prior []evaluate.Alert
	var trends store.Trends
	for _, at := range ticks {
		facts, _, err := tx.FactsKnown(org, at, evaluate.LiveLookback(rules), 5*time.Minute)
		if err != nil {
			return nil, err
		}
		if trends, err = tx.Trends(org.ID, at, trends); err != nil {
			return nil, err
		}
		facts.SteppedAt, facts.Trends = last, trends.Of
		res := evaluate.Step(at, rules, &facts, prior)
		moves, last, prior = append(moves, res.Transitions...), at, res.Alerts
	}
	return moves, nil
}
