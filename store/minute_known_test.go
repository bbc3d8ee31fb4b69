package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"alerter/usage"
)

// reading is one put of the property below: what was read of some minutes.
type reading struct {
	at      time.Time
	minutes []usage.Minute
}

func drawReadings(t *rapid.T) []reading {
	names := []*usage.Combination{opus, haiku, {Model: "m3"}, {Model: "m4", WorkspaceID: "w"}}
	at := t0.Add(10 * time.Minute)
	var out []reading
	for range rapid.IntRange(1, 12).Draw(t, "readings") {
		at = at.Add(time.Duration(rapid.IntRange(1, 90_000).Draw(t, "pause")) * time.Millisecond)
		source := rapid.SampledFrom([]usage.SourceKind{usage.SourceAnalytics, usage.SourceReport}).Draw(t, "source")
		r := reading{at: at}
		for m := range 10 {
			if !rapid.Bool().Draw(t, "is read") {
				continue
			}
			minute := usage.Minute{Start: t0.Add(time.Duration(m) * time.Minute), ReadAt: at, Source: source}
			for _, of := range names {
				if rapid.Bool().Draw(t, "is used") {
					minute.Buckets = append(minute.Buckets, bucket(of,
						rapid.Int64Range(-1, 2).Draw(t, "requests"), rapid.Int64Range(0, 1<<20).Draw(t, "output")))
				}
			}
			r.minutes = append(r.minutes, minute)
		}
		out = append(out, r)
	}
	return out
}

// knownBy is the plainest possible store: it keeps every reading.
func knownBy(readings []reading, at time.Time) []usage.Minute {
	type key struct {
		start  time.Time
		source usage.SourceKind
	}
	newest := make(map[key]usage.Minute)
	for _, r := range readings {
		if r.at.After(at) {
			break
		}
		for _, m := range r.minutes {
			newest[key{m.Start, m.Source}] = m
		}
	}
	out := slices.SortedFunc(maps.Values(newest), func(a, b usage.Minute) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Source, b.Source))
	})
	sorted, _ := collect(func(yield func(usage.Minute, error) bool) {
		for _, m := range out {
			yield(m, nil)
		}
	})
	return sorted
}

func reportedBy(minutes []usage.Minute) map[usage.SourceKind]time.Time {
	out := make(map[usage.SourceKind]time.Time)
	for _, m := range minutes {
		if len(m.Buckets) > 0 {
			out[m.Source] = m.Start // they come in order
		}
	}
	return out
}

// Promise 6: what was known at any moment comes back as it was put by then.
func TestWhatWasKnownIsWhatHadBeenPut(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	var n int
	rapid.Check(t, func(t *rapid.T) {
		n++
		orgID := fmt.Sprint(n) // a world of its own
		readings := drawReadings(t)
		moments := []time.Time{t0}
		err := s.Update(context.Background(), func(tx *Tx) error {
			for _, r := range readings {
				moments = append(moments, r.at.Add(-time.Millisecond), r.at)
				if _, err := tx.PutMinutes(orgID, r.minutes); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		from := t0.Add(time.Duration(rapid.IntRange(-1, 3).Draw(t, "from")) * time.Minute)
		for _, at := range moments {
			checkKnown(t, s, orgID, readings, from, at)
		}
	})
}

func checkKnown(t *rapid.T, s *Store, orgID string, readings []reading, from, at time.Time) {
	all := knownBy(readings, at)
	var want []usage.Minute
	for _, m := range all {
		if !m.Start.Before(from) {
			want = append(want, m)
		}
	}
	err := s.View(context.Background(), func(tx *Tx) error {
		got, err := collect(tx.MinutesKnown(orgID, from, t0.Add(time.Hour), at))
		if diff := gocmp.Diff(want, got); err == nil && diff != "" {
			err = fmt.Errorf("minutes known at %s (-want +got):\n%s", at, diff)
		}
		reported, err2 := tx.ReportedKnown(orgID, at)
		if diff := gocmp.Diff(reportedBy(all), reported); err2 == nil && diff != "" {
			err2 = fmt.Errorf("reported as known at %s (-want +got):\n%s", at, diff)
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Fatal(err)
	}
}
