package usage_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"alerter/usage"
)

func TestPressureIsTheWorstStretchAsABucketSeesIt(t *testing.T) {
	t.Parallel()
	quiet := make([]float64, 15)
	with := func(at int, values ...float64) []float64 {
		u := slices.Clone(quiet)
		copy(u[at:], values)
		return u
	}
	for name, tt := range map[string]struct {
		u       []float64
		depth   float64
		rate    float64
		stretch usage.Stretch
	}{
		"one full minute is half a bucket":        {with(3, 1), 1, 0.50, usage.Stretch{First: 3, Last: 3}},
		"ten minutes at 93 % are 85 %":            {with(5, slices.Repeat([]float64{0.93}, 10)...), 1, 9.3 / 11, usage.Stretch{First: 5, Last: 14}},
		"fifteen full minutes are 94 %":           {slices.Repeat([]float64{1}, 15), 1, 15.0 / 16, usage.Stretch{First: 0, Last: 14}},
		"199 % for a minute nearly empties it":    {with(14, 1.99), 1, 0.995, usage.Stretch{First: 14, Last: 14}},
		"a dip inside the stretch is part of it":  {with(2, 1.3, 0.4, 1.3), 1, 0.75, usage.Stretch{First: 2, Last: 4}},
		"without depth the highest minute counts": {with(2, 0.4, 0.9, 0.5), 0, 0.9, usage.Stretch{First: 3, Last: 3}},
		"of equals the earliest":                  {with(0, 1, 0, 0, 0, 0, 1), 1, 0.5, usage.Stretch{First: 0, Last: 0}},
		"no use":                                  {quiet, 1, 0, usage.Stretch{}},
		"no minutes":                              {nil, 1, 0, usage.Stretch{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rate, stretch := usage.Pressure(tt.u, tt.depth)
			if math.Abs(rate-tt.rate) > 1e-12 || stretch != tt.stretch {
				t.Errorf("got %v over %v, want %v over %v", rate, stretch, tt.rate, tt.stretch)
			}
		})
	}
}

func TestPressureEqualsTheDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		u := rapid.SliceOfN(rapid.Float64Range(0, 3), 0, 20).Draw(t, "u")
		depth := rapid.Float64Range(0, 5).Draw(t, "depth")
		want := 0.0
		for i := range u {
			for j := i; j < len(u); j++ {
				sum := 0.0
				for _, x := range u[i : j+1] {
					sum += x
				}
				want = max(want, sum/(float64(j-i+1)+depth))
			}
		}
		rate, stretch := usage.Pressure(u, depth)
		if math.Abs(rate-want) > 1e-9 {
			t.Fatalf("got %v, want %v", rate, want)
		}
		if rate == 0 {
			return
		}
		sum := 0.0
		for _, x := range u[stretch.First : stretch.Last+1] {
			sum += x
		}
		if got := sum / (float64(stretch.Last-stretch.First+1) + depth); math.Abs(got-rate) > 1e-9 {
			t.Fatalf("got a stretch with rate %v, want %v", got, rate)
		}
	})
}

// A bucket that starts full and never runs empty in the stretch was below 1.
func TestPressureReachesOneOnlyWhenTheBucketRanEmpty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		u := rapid.SliceOfN(rapid.Float64Range(0, 3), 1, 20).Draw(t, "u")
		level, empty := 1.0, false
		for _, x := range u {
			// A minute refills one limit's worth; what does not fit is lost.
			level = min(level, 1) + 1 - x
			empty = empty || level < 0
			level = max(level, 0)
		}
		rate, _ := usage.Pressure(u, 1)
		if math.Abs(rate-1) > 1e-9 && (rate > 1) != empty {
			t.Fatalf("got pressure %v, and the bucket ran empty: %v", rate, empty)
		}
	})
}

func TestUtilizationIsUnknownWhereAPartOfItIs(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for _, tt := range []struct{ used, limit, want float64 }{
		{50, 100, 0.5}, {0, 100, 0}, {150, 100, 1.5}, {nan, 100, nan}, {50, nan, nan}, {0, nan, nan}, {nan, 0, nan}, {0, 0, 0}, {1, 0, inf},
	} {
		got := usage.Point{Used: tt.used, Limit: tt.limit}.Utilization()
		if got != tt.want && !(math.IsNaN(got) && math.IsNaN(tt.want)) {
			t.Errorf("%v of %v: got %v, want %v", tt.used, tt.limit, got, tt.want)
		}
	}
}
