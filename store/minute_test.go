package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

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
