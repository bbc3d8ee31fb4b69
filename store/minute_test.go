package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"alerter/usage"
)

var (
	opus = &usage.Combination{
		Model: "claude-opus-5", WorkspaceID: "wrkspc_1", ServiceTier: "standard", Speed: "fast", Product: "messages_api", APIKeyID: "apikey_1",
	}
	haiku = &usage.Combination{Model: "claude-haiku-5"}
)

func bucket(of *usage.Combination, requests, output int64) usage.Bucket {
	return usage.Bucket{Of: of, Counts: usage.Counts{Requests: requests, Output: output}}
}

func minute(start, readAt time.Time, buckets ...usage.Bucket) usage.Minute {
	return usage.Minute{Start: start, ReadAt: readAt, Source: usage.SourceAnalytics, Buckets: buckets}
}

func putMinutes(t testing.TB, s *Store, ms ...usage.Minute) (stats MinuteStats) {
	t.Helper()
	update(t, s, func(tx *Tx) (err error) {
		stats, err = tx.PutMinutes("org", ms)
		return err
	})
	return stats
}

// collect copies what the store reuses, with the buckets sorted.
func collect(seq func(func(usage.Minute, error) bool)) ([]usage.Minute, error) {
	var out []usage.Minute
	for m, err := range seq {
		if err != nil {
			return out, err
		}
		m.Buckets = slices.Clone(m.Buckets)
		slices.SortFunc(m.Buckets, func(a, b usage.Bucket) int { return cmp.Compare(fmt.Sprint(*a.Of), fmt.Sprint(*b.Of)) })
		if len(m.Buckets) == 0 {
			m.Buckets = nil
		}
		out = append(out, m)
	}
	return out, nil
}

func minutesBetween(t testing.TB, s *Store, from, to time.Time) (out []usage.Minute) {
	t.Helper()
	view(t, s, func(tx *Tx) (err error) {
		out, err = collect(tx.Minutes("org", from, to))
		return err
	})
	return out
}

func minutesKnown(t testing.TB, s *Store, from, to, at time.Time) (out []usage.Minute) {
	t.Helper()
	view(t, s, func(tx *Tx) (err error) {
		out, err = collect(tx.MinutesKnown("org", from, to, at))
		return err
	})
	return out
}

func check(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestMinutesComeBackAsTheyWerePut(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	all := usage.Counts{
		Requests: 3, UncachedInput: 1 << 40, CacheWrite5m: 5, CacheWrite1h: 6, CacheRead: 7, Output: 8, WebSearches: 9,
	}
	unknown := usage.Counts{Requests: usage.RequestsUnknown, Output: 1}
	first := minute(t0, t0.Add(2*time.Minute), usage.Bucket{Of: haiku, Counts: unknown}, usage.Bucket{Of: opus, Counts: all})
	empty := minute(t0.Add(time.Minute), t0.Add(2*time.Minute))
	report := usage.Minute{Start: t0, ReadAt: t0.Add(3 * time.Minute), Source: usage.SourceReport, Buckets: []usage.Bucket{{Of: opus, Counts: unknown}}}

	got := putMinutes(t, s, report, empty, first)

	check(t, "stats", got, MinuteStats{Fresh: 2, Same: 1})
	check(t, "minutes", minutesBetween(t, s, t0, t0.Add(time.Hour)), []usage.Minute{first, report, empty})
	check(t, "minutes of a part", minutesBetween(t, s, t0.Add(time.Second), t0.Add(time.Hour)), []usage.Minute{empty})
}

func TestAMinuteThatWasNeverReadDoesNotCome(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	a, b := minute(t0, t0.Add(time.Hour), bucket(opus, 1, 1)), minute(t0.Add(2*time.Minute), t0.Add(time.Hour))
	putMinutes(t, s, a, b)
	check(t, "minutes", minutesBetween(t, s, t0.Add(-time.Hour), t0.Add(time.Hour)), []usage.Minute{a, b})
	if got := minutesBetween(t, s, t0.Add(time.Hour), t0.Add(2*time.Hour)); len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
}

func TestReadingTheSameAgainOnlyMovesReadAt(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	m := minute(t0, t0.Add(2*time.Minute), bucket(opus, 1, 10))
	putMinutes(t, s, m)
	m.ReadAt = t0.Add(3 * time.Minute)
	check(t, "stats", putMinutes(t, s, m), MinuteStats{Same: 1})
	check(t, "stats of the same tick again", putMinutes(t, s, m), MinuteStats{Same: 1})
	check(t, "minutes", minutesBetween(t, s, t0, t0.Add(time.Hour)), []usage.Minute{m})
	check(t, "as known before", minutesKnown(t, s, t0, t0.Add(time.Hour), t0.Add(2*time.Minute))[0].ReadAt, t0.Add(2*time.Minute))
}

func TestACorrectedMinuteKeepsItsEarlierValues(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	readings := []usage.Minute{
		minute(t0, t0.Add(1*time.Minute)),
		minute(t0, t0.Add(2*time.Minute), bucket(opus, 1, 10)),
		minute(t0, t0.Add(3*time.Minute), bucket(haiku, 2, 5), bucket(opus, 4, 40)),
		minute(t0, t0.Add(4*time.Minute), bucket(haiku, 2, 5)),
		minute(t0, t0.Add(5*time.Minute)),
		minute(t0, t0.Add(6*time.Minute), bucket(haiku, usage.RequestsUnknown, 0)),
	}
	for _, r := range readings {
		putMinutes(t, s, r)
	}
	for i, want := range readings {
		for _, later := range []time.Duration{0, time.Minute - time.Millisecond} {
			at := want.ReadAt.Add(later)
			check(t, fmt.Sprintf("reading %d as known at %s", i, at.Format(time.TimeOnly)),
				minutesKnown(t, s, t0, t0.Add(time.Minute), at), []usage.Minute{want})
		}
	}
	if got := minutesKnown(t, s, t0, t0.Add(time.Minute), t0.Add(time.Minute-time.Millisecond)); len(got) != 0 {
		t.Errorf("got %v before the first reading, want nothing", got)
	}
	check(t, "as known now", minutesBetween(t, s, t0, t0.Add(time.Minute)), readings[5:])
}

func TestAClockSetBackKeepsTheOrderOfValues(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	putMinutes(t, s, minute(t0, t0.Add(10*time.Minute), bucket(opus, 1, 1)))
	later := minute(t0, t0.Add(5*time.Minute), bucket(opus, 2, 2))
	check(t, "stats", putMinutes(t, s, later), MinuteStats{Corrected: 1})
	later.ReadAt = t0.Add(10 * time.Minute)
	check(t, "minutes", minutesBetween(t, s, t0, t0.Add(time.Minute)), []usage.Minute{later})
}

func TestBucketsOfOneCombinationAreAddedUp(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	again := *opus
	putMinutes(t, s,
		minute(t0, t0.Add(time.Hour), bucket(opus, 1, 10), bucket(&again, 2, 5)),
		minute(t0.Add(time.Minute), t0.Add(time.Hour), bucket(opus, 1, 10), bucket(&again, usage.RequestsUnknown, 5)))
	check(t, "minutes", minutesBetween(t, s, t0, t0.Add(time.Hour)), []usage.Minute{
		minute(t0, t0.Add(time.Hour), bucket(opus, 3, 15)),
		minute(t0.Add(time.Minute), t0.Add(time.Hour), bucket(opus, usage.RequestsUnknown, 15)),
	})
}

func TestImpossibleMinutesAreRefused(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	for want, m := range map[string]usage.Minute{
		"whole minute":                    minute(t0.Add(time.Second), t0.Add(time.Hour)),
		"check the clock":                 minute(t0, t0.Add(-2*time.Hour)),
		"has no combination":              minute(t0, t0, bucket(nil, 1, 1)),
		"cannot be":                       minute(t0, t0, bucket(opus, -2, 0)),
		"14:00:00Z of organization org: ": minute(t0, t0, bucket(opus, 1<<60, 0)),
	} {
		err := s.Update(context.Background(), func(tx *Tx) error {
			_, err := tx.PutMinutes("org", []usage.Minute{m})
			return err
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

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

func TestReportedIsTheNewestMinuteWithRows(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	putMinutes(t, s, minute(t0, t0.Add(time.Hour), bucket(opus, 1, 1)), minute(t0.Add(time.Minute), t0.Add(time.Hour)))
	view(t, s, func(tx *Tx) error {
		got, err := tx.Reported("org")
		check(t, "reported", got, map[usage.SourceKind]time.Time{usage.SourceAnalytics: t0})
		other, err2 := tx.Reported("other")
		check(t, "reported of an organization without minutes", other, map[usage.SourceKind]time.Time{})
		return errors.Join(err, err2)
	})
}

func TestGapsAreWhatWasNotReadAfterSettling(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	const settle = 5 * time.Minute
	at := func(m int) time.Time { return t0.Add(time.Duration(m) * time.Minute) }
	putMinutes(t, s, minute(at(2), at(30)), minute(at(3), at(30)), minute(at(4), at(10)), minute(at(5), at(10), bucket(opus, 1, 1)))
	for _, c := range []struct {
		name     string
		from, to time.Time
		want     []Span
	}{
		{"minute 4 was read just when it settled, 5 before", at(0), at(8), []Span{{at(5), at(8)}, {at(0), at(2)}}},
		{"all is there", at(2), at(5), nil},
		{"part of a minute is no minute", at(0).Add(time.Second), at(2).Add(time.Second), []Span{{at(1), at(2)}}},
		{"nothing was asked for", at(0), at(0), nil},
	} {
		view(t, s, func(tx *Tx) error {
			got, err := tx.Gaps("org", usage.SourceAnalytics, c.from, c.to, settle)
			check(t, c.name, got, c.want)
			return err
		})
	}
	view(t, s, func(tx *Tx) error {
		got, err := tx.Gaps("org", usage.SourceReport, at(0), at(9), settle)
		check(t, "a report that was never read", got, []Span{{at(0), at(9)}})
		return err
	})
}

func TestCombinationsOfATransactionThatFailsAreForgotten(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	boom := errors.New("boom")
	err := s.Update(context.Background(), func(tx *Tx) error {
		if _, err := tx.PutMinutes("org", []usage.Minute{minute(t0, t0, bucket(opus, 1, 1))}); err != nil {
			return err
		}
		own, err := collect(tx.Minutes("org", t0, t0.Add(time.Minute)))
		check(t, "its own minutes", own, []usage.Minute{minute(t0, t0, bucket(opus, 1, 1))})
		return errors.Join(err, boom)
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	// The id that opus had is haiku's now.
	m := minute(t0, t0, bucket(haiku, 1, 1))
	putMinutes(t, s, m)
	check(t, "minutes", minutesBetween(t, s, t0, t0.Add(time.Minute)), []usage.Minute{m})
}

func TestTwoProcessesShareTheCombinations(t *testing.T) {
	t.Parallel()
	a := openTest(t)
	b := openAt(t, a.Path(), Options{})
	first, second := minute(t0, t0, bucket(opus, 1, 1)), minute(t0.Add(time.Minute), t0, bucket(haiku, 2, 2), bucket(opus, 1, 1))
	putMinutes(t, a, first)
	putMinutes(t, b, second)
	for _, s := range []*Store{a, b} {
		check(t, "minutes", minutesBetween(t, s, t0, t0.Add(time.Hour)), []usage.Minute{first, second})
	}
}

func TestADamagedMinuteIsNamed(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	putMinutes(t, s, minute(t0, t0, bucket(opus, 1, 1)), minute(t0.Add(time.Minute), t0, bucket(opus, 1, 1)))
	update(t, s, func(tx *Tx) error {
		_, err := tx.exec("UPDATE minutes SET packed = X'0102' WHERE start_ms = ?", toMS(t0.Add(time.Minute)))
		return err
	})
	err := s.View(context.Background(), func(tx *Tx) error {
		got, err := collect(tx.Minutes("org", t0, t0.Add(time.Hour)))
		if len(got) != 1 {
			t.Errorf("got %d minutes before the damaged one, want 1", len(got))
		}
		return err
	})
	for _, want := range []string{
		"read minutes of organization org, analytics: minute 2026-11-23T14:01:00Z: the packed minute is damaged",
		"DELETE FROM minutes WHERE report = 1 AND start_ms = 1795442460000",
	} {
		if !errors.Is(err, errPacked) || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

func TestReadingADamagedMinuteAgainRepairsIt(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	putMinutes(t, s, minute(t0, t0.Add(time.Minute), bucket(opus, 1, 1)))
	putMinutes(t, s, minute(t0, t0.Add(2*time.Minute), bucket(opus, 2, 2)))
	update(t, s, func(tx *Tx) error {
		_, err := tx.exec("UPDATE minutes SET packed = X'0102'")
		return err
	})
	m := minute(t0, t0.Add(3*time.Minute), bucket(opus, 3, 3))
	check(t, "stats", putMinutes(t, s, m), MinuteStats{Corrected: 1, Damaged: 1})
	check(t, "minutes", minutesBetween(t, s, t0, t0.Add(time.Minute)), []usage.Minute{m})
	// What had been known before is lost with it: that is unknown, and not zero.
	if got := minutesKnown(t, s, t0, t0.Add(time.Minute), t0.Add(2*time.Minute)); len(got) != 0 {
		t.Errorf("got %v as known before, want nothing", got)
	}
}
