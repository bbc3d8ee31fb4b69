package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// traffic makes n combinations and minutes of them: each series of the three
// limiters has a point in each minute.
func traffic(n int) []*usage.Combination {
	out := make([]*usage.Combination, n)
	for i := range out {
		out[i] = &usage.Combination{
			Model: fmt.Sprintf("claude-%d", i%40), WorkspaceID: fmt.Sprintf("wrkspc_%04d", i/40),
			ServiceTier: "standard", Speed: "standard", Product: "messages_api",
		}
	}
	return out
}

// minutesOf gives count minutes from start on, all read at readAt. round changes
// what the minutes hold.
func minutesOf(names []*usage.Combination, start, readAt time.Time, count, round int) []usage.Minute {
	out := make([]usage.Minute, count)
	for m := range out {
		out[m] = usage.Minute{Start: start.Add(time.Duration(m) * time.Minute), ReadAt: readAt, Source: usage.SourceAnalytics}
		minute := out[m].Start.Unix() / 60
		for i, of := range names {
			v := int64(i)*7919 + minute*104729 + int64(round)*15485863
			out[m].Buckets = append(out[m].Buckets, usage.Bucket{Of: of, Counts: usage.Counts{
				Requests: v % 90, UncachedInput: v % 60000, CacheRead: v % 200000, Output: v % 9000,
			}})
		}
	}
	return out
}

// BenchmarkTickWrite is the storing part of a tick with 10,000 series: the newest
// minute is new, four more have filled in since, and ten are as they were.
func BenchmarkTickWrite(b *testing.B) {
	s := openTest(b)
	names := traffic(3334)
	at := t0
	update(b, s, func(tx *Tx) error {
		_, err := tx.PutMinutes("org", minutesOf(names, at.Add(-15*time.Minute), at, 15, 0))
		return err
	})
	for round := 1; b.Loop(); round++ {
		at = at.Add(time.Minute)
		b.StopTimer()
		same := minutesOf(names, at.Add(-15*time.Minute), at, 10, 0)
		filling := minutesOf(names, at.Add(-5*time.Minute), at, 5, 0)
		for m := range filling {
			// Each minute misses a fifth less of its rows with each reading.
			filling[m].Buckets = filling[m].Buckets[:len(names)*(5-m)/5]
		}
		b.StartTimer()
		update(b, s, func(tx *Tx) error {
			_, err := tx.PutMinutes("org", append(same, filling...))
			return err
		})
	}
}

// BenchmarkUnchanged reads 60 minutes of an ordinary organization (300 series)
// again and finds them as they were.
func BenchmarkUnchanged(b *testing.B) {
	s := openTest(b)
	minutes := minutesOf(traffic(100), t0.Add(-time.Hour), t0, 60, 0)
	for b.Loop() {
		for i := range minutes {
			minutes[i].ReadAt = minutes[i].ReadAt.Add(time.Minute)
		}
		update(b, s, func(tx *Tx) error {
			_, err := tx.PutMinutes("org", minutes)
			return err
		})
	}
}

// BenchmarkRead120 reads two hours of 10,000 series.
func BenchmarkRead120(b *testing.B) {
	s := openTest(b)
	names := traffic(3334)
	update(b, s, func(tx *Tx) error {
		_, err := tx.PutMinutes("org", minutesOf(names, t0.Add(-2*time.Hour), t0, 120, 0))
		return err
	})
	for b.Loop() {
		view(b, s, func(tx *Tx) error {
			buckets := 0
			for m, err := range tx.Minutes("org", t0.Add(-2*time.Hour), t0) {
				if err != nil {
					return err
				}
				buckets += len(m.Buckets)
			}
			if buckets != 120*len(names) {
				b.Fatalf("got %d buckets", buckets)
			}
			return nil
		})
	}
}

// BenchmarkBackfillDay stores a day of 500 groups, 1,500 combinations, in pages
// of an hour.
func BenchmarkBackfillDay(b *testing.B) {
	names := traffic(1500)
	for b.Loop() {
		b.StopTimer()
		s, err := Open(context.Background(), b.TempDir()+"/a.db", Options{})
		if err != nil {
			b.Fatal(err)
		}
		for hour := 24; hour > 0; hour-- {
			page := minutesOf(names, t0.Add(-time.Duration(hour)*time.Hour), t0, 60, 0)
			b.StartTimer()
			update(b, s, func(tx *Tx) error {
				_, err := tx.PutMinutes("org", page)
				return err
			})
			b.StopTimer()
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func manyAlerts(n int) []evaluate.Alert {
	out := make([]evaluate.Alert, n)
	for i := range out {
		out[i] = fullAlert(evaluate.Fingerprint(fmt.Sprintf("%016x", i)))
	}
	return out
}

func BenchmarkPut10000Alerts(b *testing.B) {
	s := openTest(b)
	alerts := manyAlerts(10_000)
	for b.Loop() {
		update(b, s, func(tx *Tx) error { return tx.PutAlerts(alerts) })
	}
}

func BenchmarkRead10000Alerts(b *testing.B) {
	s := openTest(b)
	alerts := manyAlerts(10_000)
	update(b, s, func(tx *Tx) error { return tx.PutAlerts(alerts) })
	for b.Loop() {
		view(b, s, func(tx *Tx) error {
			got, err := tx.Alerts("org")
			if len(got) != len(alerts) {
				b.Fatalf("got %d alerts", len(got))
			}
			return err
		})
	}
}

// BenchmarkTickOfOneAlert is the least a tick writes.
func BenchmarkTickOfOneAlert(b *testing.B) {
	s := openTest(b)
	for i := 0; b.Loop(); i++ {
		update(b, s, func(tx *Tx) error { return tx.PutTick("org", t0.Add(time.Duration(i)*time.Minute), "") })
	}
}
