package evaluate_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/usage"
)

// atLimit is which of the minutes since noon the limit was reached in, where these
// shares of it were used and all is final.
func atLimit(limiter usage.Limiter, shares ...float64) []int {
	s := usage.Series{ID: usage.ID{Limiter: limiter}, From: noon, Settled: len(shares)}
	for _, share := range shares {
		s.Points = append(s.Points, usage.Point{Used: 1000 * share, Limit: 1000})
	}
	var minutes []int
	for minute := range evaluate.AtLimit(noon.Add(24*time.Hour), &s) {
		minutes = append(minutes, int(minute.Sub(noon)/time.Minute))
	}
	return minutes
}

func TestALimitIsReachedWhereItsBucketIsAllButEmpty(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for name, c := range map[string]struct {
		shares []float64
		want   []int
	}{
		"a full bucket survives a minute at 174 %":        {[]float64{1.74}, nil},
		"and not one at 175 %":                            {[]float64{1.75}, []int{0}},
		"what was left is filled up at the limit":         {[]float64{0.2, 1.5, 0.75, 1.5}, []int{3}},
		"a full bucket does not fill up further":          {[]float64{0, 0, 0, 1.5}, nil},
		"at the limit the bucket stays as empty as it is": {[]float64{1.9, 1, 1, 0.7, 1}, []int{0, 1, 2}},
		"an empty bucket is not emptied further":          {[]float64{9, 0.5}, []int{0}},
		"an unknown minute is taken as unused":            {[]float64{1.5, nan, 1.5, 1.3}, []int{3}},
	} {
		if diff := cmp.Diff(c.want, atLimit(usage.OutputTokens, c.shares...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestOnlyALimitPerMinuteHasABucketToFollow(t *testing.T) {
	t.Parallel()
	for _, limiter := range []usage.Limiter{usage.TokensPerDay, usage.ToolUsesPerSecond, "tokens_per_moon"} {
		if got := atLimit(limiter, 9, 9, 9); got != nil {
			t.Errorf("%s: got %v, want nothing", limiter, got)
		}
	}
}

func TestOnlyFinalMinutesThatAreOverReachALimit(t *testing.T) {
	t.Parallel()
	s := usage.Series{ID: usage.ID{Limiter: usage.OutputTokens}, From: noon, Settled: 2, Points: []usage.Point{{Used: 2000, Limit: 1000}, {Used: 1000, Limit: 1000}, {Used: 1000, Limit: 1000}}}
	for at, want := range map[time.Time]int{noon: 0, noon.Add(time.Minute): 1, noon.Add(time.Hour): 2} {
		got := 0
		for range evaluate.AtLimit(at, &s) {
			got++
		}
		if got != want {
			t.Errorf("at %s: got %d minutes, want %d", at.Format("15:04"), got, want)
		}
	}
}

func TestABucketIsFollowedForTwoHours(t *testing.T) {
	t.Parallel()
	shares := make([]float64, 122)
	for i := range shares {
		shares[i] = 1
	}
	shares[1] = 1.5 // before the two hours, which begin with minute 2
	shares[121] = 1.5
	if got := atLimit(usage.OutputTokens, shares...); got != nil {
		t.Errorf("got %v, want what was used before to be forgotten", got)
	}
	if got := atLimit(usage.OutputTokens, shares[1:]...); len(got) != 0 {
		t.Errorf("got %v of 121 minutes, want the first one forgotten", got)
	}
	shares[2] = 1.5
	if got := atLimit(usage.OutputTokens, shares...); !cmp.Equal(got, []int{121}) {
		t.Errorf("got %v, want the first of the two hours remembered", got)
	}
}
