package usage_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

var peakDay = time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)

// cutFrom hands out pieces of a series that begins a day before peakDay, and counts them.
func cutFrom(id usage.ID, points []usage.Point, settled int, pieces *int) func(from, to time.Time) ([]usage.Series, error) {
	return func(from, to time.Time) ([]usage.Series, error) {
		*pieces++
		first := int(from.Sub(peakDay.Add(-24*time.Hour)) / time.Minute)
		end := int(to.Sub(peakDay.Add(-24*time.Hour)) / time.Minute)
		return []usage.Series{{
			ID: id, From: from, Points: slices.Clone(points[first:end]),
			Settled: min(max(settled-first, 0), end-first),
		}}, nil
	}
}

// noisy is two days of a limit of 1000 that is doubled at noon of the second, with
// gaps.
func noisy(seed uint64) []usage.Point {
	r := rand.New(rand.NewPCG(seed, 0))
	points := make([]usage.Point, 2*1440)
	for i := range points {
		p := usage.Point{Used: r.ExpFloat64() * 300, Limit: 1000}
		if i >= 1440+720 {
			p.Limit = 2000
		}
		if r.IntN(50) == 0 {
			p.Used = math.NaN()
		}
		if r.IntN(400) == 0 {
			p.Limit = []float64{0, math.NaN()}[r.IntN(2)]
		}
		points[i] = p
	}
	return points
}

// slowPeak is what a daily peak is, read in the plainest way.
func slowPeak(points []usage.Point) usage.DailyPeak {
	var readings []float64
	for i := 1440; i < len(points); i++ {
		if math.IsNaN(points[i].Used) || !(points[i].Limit > 0) {
			continue
		}
		var u []float64
		for _, p := range points[i-14 : i+1] {
			share := p.Utilization()
			if math.IsNaN(share) || math.IsInf(share, 0) {
				share = 0
			}
			u = append(u, share)
		}
		rate, _ := usage.Pressure(u, 1)
		readings = append(readings, rate*points[i].Limit)
	}
	slices.Sort(readings)
	n := len(readings)
	return usage.DailyPeak{Day: peakDay, P99: readings[n-1-n/100], Max: readings[n-1], Minutes: n}
}

func TestDailyPeaksAreTheHighestRatesOfTheDaysMinutes(t *testing.T) {
	t.Parallel()
	id := usage.ID{OrganizationID: "org", GroupID: "rlg", Limiter: usage.OutputTokens}
	for seed := range uint64(20) {
		points := noisy(seed)
		pieces := 0
		got, err := usage.DayPeaks(peakDay.Add(5*time.Hour), cutFrom(id, points, len(points), &pieces))
		if err != nil || pieces != 2 {
			t.Fatalf("got %v and %d pieces, want an hour and the rest", err, pieces)
		}
		if diff := cmp.Diff(map[usage.ID]usage.DailyPeak{id: slowPeak(points)}, got); diff != "" {
			t.Errorf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

func TestADailyPeakIsHeldAgainstTheLimitInForce(t *testing.T) {
	t.Parallel()
	points := make([]usage.Point, 2*1440)
	for i := range points {
		points[i] = usage.Point{Used: 500, Limit: 1000}
		if i >= 1440+60 {
			points[i].Limit = 4000 // the same use of a higher limit is the same peak
		}
	}
	pieces := 0
	id := usage.ID{Limiter: usage.OutputTokens}
	got, err := usage.DayPeaks(peakDay, cutFrom(id, points, len(points), &pieces))
	if want := 500.0 * 15 / 16; err != nil || math.Abs(got[id].P99-want) > 1e-9 || got[id].Minutes != 1440 {
		t.Errorf("got %+v (%v), want a P99 of %v from 1440 minutes", got, err, want)
	}
}

func TestOnlyFinalMinutesMakeAPeak(t *testing.T) {
	t.Parallel()
	points := make([]usage.Point, 2*1440)
	for i := range points {
		points[i] = usage.Point{Used: 100, Limit: 1000}
	}
	points[2000].Used = 900
	id := usage.ID{Limiter: usage.TokensPerDay}
	for _, c := range []struct {
		settled int
		want    map[usage.ID]usage.DailyPeak
	}{
		{1440, map[usage.ID]usage.DailyPeak{}},
		{1990, map[usage.ID]usage.DailyPeak{id: {Day: peakDay, P99: 100, Max: 100, Minutes: 550}}},
		{2880, map[usage.ID]usage.DailyPeak{id: {Day: peakDay, P99: 100, Max: 900, Minutes: 1440}}},
	} {
		pieces := 0
		got, err := usage.DayPeaks(peakDay, cutFrom(id, points, c.settled, &pieces))
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("with %d settled minutes: %v (-want +got):\n%s", c.settled, err, diff)
		}
	}
}

// Ten thousand series are joined an hour at a time, few a day at once.
func TestADayOfManySeriesIsReadInManyPieces(t *testing.T) {
	t.Parallel()
	for series, want := range map[int]int{1: 2, 2000: 4, 10_000: 15, 50_000: 24} {
		pieces, last := 0, peakDay
		_, err := usage.DayPeaks(peakDay, func(from, to time.Time) ([]usage.Series, error) {
			pieces++
			if !from.Equal(last.Add(-14*time.Minute)) || to.After(peakDay.Add(24*time.Hour)) {
				t.Errorf("got a piece from %s to %s after %s", from, to, last)
			}
			last = to
			return make([]usage.Series, series), nil
		})
		if err != nil || pieces != want || !last.Equal(peakDay.Add(24*time.Hour)) {
			t.Errorf("%d series: got %d pieces up to %s (%v), want %d up to the end", series, pieces, last, err, want)
		}
	}
}

func TestADayThatCannotBeReadHasNoPeaks(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	got, err := usage.DayPeaks(peakDay, func(time.Time, time.Time) ([]usage.Series, error) { return nil, broken })
	if !errors.Is(err, broken) || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// A day of 10,000 series that are used unevenly.
func BenchmarkDayPeaks(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	series := make([]usage.Series, 10_000)
	for i := range series {
		s := &series[i]
		s.ID = usage.ID{GroupID: string(rune(i)), Limiter: usage.OutputTokens}
		s.Points = make([]usage.Point, 180)
		for k := range s.Points {
			s.Points[k] = usage.Point{Used: 300 + 100*r.NormFloat64(), Limit: 1000}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		_, err := usage.DayPeaks(peakDay, func(from, to time.Time) ([]usage.Series, error) {
			for i := range series {
				series[i].Settled = int(to.Sub(from) / time.Minute)
			}
			return series, nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
