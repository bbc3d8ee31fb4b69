package worker

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// plateau is 20 % of the limit, and 97 % from 12:00 for twenty minutes.
func plateau(minute time.Time) int64 {
	if !minute.Before(start) && minute.Before(start.Add(20*time.Minute)) {
		return 970
	}
	return 200
}

func TestAPlateauIsWarnedOfOnceAndItsEndIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plateau)
	w.limits()
	w.minutes(60)
	// Eight minutes at 97 % are 0.86 of what the bucket can take; twenty never
	// reach 0.93. The last settled window with three of them (0.73, above info's
	// 0.70) ends at 12:37; a quarter of an hour without one closes the episode.
	want := []string{"12:08 fired warning", "12:53 resolved info"}
	if diff := cmp.Diff(want, w.told("team")); diff != "" {
		t.Errorf("what the team heard (-want +got):\n%s", diff)
	}
}
