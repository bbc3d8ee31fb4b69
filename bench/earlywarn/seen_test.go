package earlywarn

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seen sorts episodes by the highest rate that could be seen in the hour before
// them, up to five minutes before: below 0.50, 0.70, 0.85, and above.
func seen(cases []Case, freshOnly bool) (share [4]float64) {
	counts, total := [4]int{}, 0
	for _, c := range cases {
		for _, e := range c.Counted() {
			if c.Short || freshOnly && !c.fresh(e) {
				continue
			}
			highest := 0.0
			for at := int(e.Start) - horizon; float64(at) <= e.Start-early; at++ {
				if float64(at) >= e.Start-horizon {
					highest = max(highest, bucketEquivalentRate(c.Usage[:at-Lag]))
				}
			}
			place := 0
			for place < 3 && highest >= [3]float64{0.50, 0.70, 0.85}[place] {
				place++
			}
			counts[place]++
			total++
		}
	}
	for i, n := range counts {
		share[i] = float64(int(100*float64(n)/float64(total)+0.5)) / 100
	}
	return share
}

func TestWhatCouldBeSeenIsAsPublished(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([4]float64{0.03, 0.13, 0.11, 0.73}, seen(cases(t), false)); diff != "" {
		t.Errorf("all episodes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([4]float64{0.05, 0.23, 0.18, 0.54}, seen(cases(t), true)); diff != "" {
		t.Errorf("fresh episodes (-want +got):\n%s", diff)
	}
}
