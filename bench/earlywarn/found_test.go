package earlywarn

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTimesAtTheLimitAreComparedWithEpisodes(t *testing.T) {
	t.Parallel()
	c := Case{WarmUp: 100, Limited: Limited{Episodes: []Episode{{Start: 50, End: 51}, {Start: 110.5, End: 112}, {Start: 150, End: 151}, {Start: 200, End: 215}}}}
	atLimit := func(Case) []int { return []int{50, 111, 112, 170, 179, 208} }
	f := Found{Name: "made"}
	f.Find([]Case{c, {Short: true, Limited: c.Limited}}, atLimit)
	// The first time and the first episode are of the warm-up. 170 and 179 are one
	// time and no episode; 208 is in the last one, but not its start.
	want := Found{Name: "made", Episodes: 3, Seen: 2, Started: 1, Times: 3, Right: 2}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	var out strings.Builder
	WriteFound(&out, f)
	if got, want := strings.SplitN(out.String(), "\n", 3)[2], "| made | 67 % of 3 | 33 % | 67 % of 3 |\n"; got != want {
		t.Errorf("row: got %q, want %q", got, want)
	}
}

func TestAFullMinuteIsOneInWhichAllOfTheLimitWasUsed(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]int{1, 3}, Full(Case{Usage: []float64{0.99, 1, 0.5, 1.2}})); diff != "" {
		t.Errorf("minutes (-want +got):\n%s", diff)
	}
}
