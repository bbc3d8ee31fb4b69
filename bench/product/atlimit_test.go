package product

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheProductFindsWhereTheLimitWasReached(t *testing.T) {
	t.Parallel()
	// At 150 % a full bucket is half empty after a minute and empty after two.
	c := caseOf([2]float64{0.5, 300}, [2]float64{1.5, 2}, [2]float64{1, 3}, [2]float64{0.5, 5})
	if diff := cmp.Diff([]int{301, 302, 303, 304}, AtLimit(c)); diff != "" {
		t.Errorf("minutes (-want +got):\n%s", diff)
	}
}
