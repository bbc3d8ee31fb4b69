package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"alerter/usage"
)

// today is the midnight before t0.
var today = t0.Truncate(24 * time.Hour)

// series is the n-th of organization "org".
func series(n int) usage.ID {
	return usage.ID{OrganizationID: "org", WorkspaceID: fmt.Sprintf("wrkspc_%04d", n), GroupID: "rlg_1", Limiter: usage.OutputTokens}
}

// peaksOf are those of one day of some series.
func peaksOf(day time.Time, peak float64, minutes int, of ...usage.ID) map[usage.ID]usage.DailyPeak {
	peaks := make(map[usage.ID]usage.DailyPeak)
	for _, id := range of {
		peaks[id] = usage.DailyPeak{Day: day, P99: peak, Max: peak + 1, Minutes: minutes}
	}
	return peaks
}

// peaksAt are the peaks from a day on, as they were known at a moment.
func peaksAt(t *testing.T, s *Store, from, at time.Time) map[usage.ID][]usage.DailyPeak {
	t.Helper()
	all := make(map[usage.ID][]usage.DailyPeak)
	view(t, s, func(tx *Tx) error {
		return tx.peaks("org", from, at, func(id usage.ID, points []usage.DailyPeak) {
			all[id] = append([]usage.DailyPeak(nil), points...)
		})
	})
	return all
}

func TestPeaksComeBackAsTheyWereKnown(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	yesterday := today.AddDate(0, 0, -1)
	one, two := series(1), series(2)
	other := usage.ID{OrganizationID: "other", GroupID: "rlg_1", Limiter: usage.OutputTokens}
	update(t, s, func(tx *Tx) error {
		for _, put := range []error{
			tx.PutPeaks("org", today, t0.Add(2*time.Hour), 1440, peaksOf(today, 30, 1440, two, one)),
			tx.PutPeaks("org", yesterday, t0, 700, peaksOf(yesterday, 10, 700, one)),
			tx.PutPeaks("org", yesterday, t0.Add(time.Hour), 1440, peaksOf(yesterday, 20, 1440, one)),
			tx.PutPeaks("other", yesterday, t0, 1440, peaksOf(yesterday, 99, 1440, other)),
		} {
			if put != nil {
				return put
			}
		}
		return nil
	})
	first, again := peaksOf(yesterday, 10, 700, one)[one], peaksOf(yesterday, 20, 1440, one)[one]
	newest := peaksOf(today, 30, 1440, one, two)
	for at, want := range map[time.Time]map[usage.ID][]usage.DailyPeak{
		t0.Add(-time.Second):    {},
		t0:                      {one: {first}},
		t0.Add(time.Hour):       {one: {again}},
		t0.Add(2 * time.Hour):   {one: {again, newest[one]}, two: {newest[two]}},
		t0.Add(100 * time.Hour): {one: {again, newest[one]}, two: {newest[two]}},
	} {
		check(t, "peaks at "+at.Format(time.RFC3339), peaksAt(t, s, yesterday, at), want)
	}
	check(t, "peaks of today", peaksAt(t, s, today, t0.Add(3*time.Hour)), map[usage.ID][]usage.DailyPeak{one: {newest[one]}, two: {newest[two]}})
	view(t, s, func(tx *Tx) error {
		days, err := tx.PeakDays("org", yesterday)
		check(t, "days", days, map[time.Time]int{today: 1440, yesterday: 1440})
		return err
	})
}

func TestTrendsAreMadeAnewWhenPeaksAre(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	one := series(1)
	view(t, s, func(tx *Tx) error {
		got, err := tx.Trends("org", t0, Trends{ReadAt: t0, Of: map[usage.ID]usage.Trend{one: {Days: 9}}})
		check(t, "trends of nothing", got, Trends{})
		return err
	})
	update(t, s, func(tx *Tx) error {
		for i := range 100 {
			day := today.AddDate(0, 0, -1-i)
			if err := tx.PutPeaks("org", day, t0.Add(-time.Duration(i)*24*time.Hour), 1440, peaksOf(day, float64(500-i), 1440, one)); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(tx *Tx) error {
		got, err := tx.Trends("org", t0, Trends{})
		trend := got.Of[one]
		if !got.ReadAt.Equal(t0) || len(got.Of) != 1 || trend.Days != 84 || trend.Slope != 1 || trend.Shape != usage.Straight {
			t.Errorf("got %+v, want one straight trend of 84 days, read at %s", got, t0)
		}
		if err != nil {
			return err
		}
		kept := Trends{ReadAt: t0, Of: map[usage.ID]usage.Trend{one: {Days: 9}}}
		if got, err = tx.Trends("org", t0.Add(time.Hour), kept); got.Of[one].Days != 9 {
			t.Errorf("got %+v, want what there was: nothing is new", got)
		}
		if err != nil {
			return err
		}
		if got, err = tx.Trends("org", t0.Add(-24*time.Hour), kept); got.Of[one].To != today.AddDate(0, 0, -2) {
			t.Errorf("got %+v, want it as it was known a day before", got)
		}
		return err
	})
}

func TestPeaksOutliveTheMinutes(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	update(t, s, func(tx *Tx) error {
		for _, age := range []int{399, 400, 401, 402} {
			day := today.AddDate(0, 0, -age)
			if err := tx.PutPeaks("org", day, day.Add(25*time.Hour), 1440, peaksOf(day, 1, 1440, series(1), series(2))); err != nil {
				return err
			}
		}
		return nil
	})
	for more := true; more; {
		var err error
		if _, more, err = s.Prune(context.Background(), today.AddDate(0, 0, -90), 3); err != nil {
			t.Fatal(err)
		}
	}
	check(t, "after", countRows(t, s), map[string]int{"peak_series": 2, "peak_days": 2, "daily_peaks": 4})
}

func TestPeaksOfADayAreReadFromWhatIsKnown(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	org := usage.Organization{ID: "org", Name: "acme"}
	of := usage.Combination{Model: "claude-opus-5", WorkspaceID: "wrkspc_1"}
	group := usage.Group{ID: "rlg_1", Type: usage.ModelGroup, Name: "Claude Opus 5", Models: []string{of.Model}}
	limits, _ := usage.Apply(usage.Limits{}, []usage.Reading{{Entries: []usage.Entry{{
		Group: group, Limits: []usage.Value{{Limiter: usage.OutputTokens, Value: 1000}},
	}}}}, today.AddDate(0, 0, -2))
	day := today.AddDate(0, 0, -1)
	update(t, s, func(tx *Tx) error {
		if err := tx.PutLimits("org", limits); err != nil {
			return err
		}
		for hour := range 26 {
			var page []usage.Minute
			readAt := day.Add(time.Duration(hour+1)*time.Hour + 6*time.Minute)
			for i := range 80 { // the last of the hour before once more
				start := day.Add(time.Duration(hour)*time.Hour + time.Duration(i-20)*time.Minute)
				page = append(page, minute(start, readAt, bucket(&of, 1, int64(160+hour))))
			}
			if _, err := tx.PutMinutes("org", page); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(tx *Tx) error {
		id := usage.ID{OrganizationID: "org", GroupID: "rlg_1", Limiter: usage.OutputTokens}
		for at, minutes := range map[time.Time]int{day.Add(13*time.Hour + 10*time.Minute): 12 * 60, today.Add(150 * time.Minute): 1440} {
			got, err := tx.DayPeaks(org, day, at, 5*time.Minute)
			if err != nil {
				return err
			}
			if p := got[id]; len(got) != 1 || p.Minutes < minutes || p.Minutes > minutes+60 || p.Max < p.P99 || p.P99 < 160 || p.Max > 200 {
				t.Errorf("got %+v at %s, want the peaks of about %d minutes", got, at, minutes)
			}
		}
		return nil
	})
}

// A day of 10,000 series, stored.
func BenchmarkPutPeaks(b *testing.B) {
	s := openTest(b)
	peaks := make(map[usage.ID]usage.DailyPeak)
	for i := range 10_000 {
		peaks[series(i)] = usage.DailyPeak{P99: float64(i), Max: float64(i), Minutes: 1440}
	}
	day := today
	for b.Loop() {
		day = day.AddDate(0, 0, 1)
		update(b, s, func(tx *Tx) error { return tx.PutPeaks("org", day, day, 1440, peaks) })
	}
}

// The trends of 10,000 series over twelve weeks, as a service reads them once a day.
func BenchmarkTrends(b *testing.B) {
	s := openTest(b)
	for i := range 84 {
		peaks := make(map[usage.ID]usage.DailyPeak)
		for k := range 10_000 {
			peak := float64(1000 + 10*i + (i*7919+k*104729)%97)
			peaks[series(k)] = usage.DailyPeak{P99: peak, Max: peak, Minutes: 1440}
		}
		update(b, s, func(tx *Tx) error { return tx.PutPeaks("org", today.AddDate(0, 0, i-84), t0, 1440, peaks) })
	}
	b.ReportAllocs()
	for b.Loop() {
		view(b, s, func(tx *Tx) error {
			got, err := tx.Trends("org", t0, Trends{})
			if len(got.Of) != 10_000 {
				b.Fatalf("got %d trends", len(got.Of))
			}
			return err
		})
	}
}
