package simulate

import (
	"testing"
	"time"
)

// TestWhatIsKeptStaysInItsBudget walks three weeks by the hour, for the minutes
// and for the sums, of which the budget holds a few hours.
func TestWhatIsKeptStaysInItsBudget(t *testing.T) {
	t.Parallel()
	c, err := Demo(1)
	if err != nil {
		t.Fatal(err)
	}
	const budget = 1 << 20
	h := newHistory(c.Traffic, newTimeline(c.Organization, c.Traffic.Streams), budget)
	most := 0
	for n := range 21 * 24 {
		start := c.Start.Add(time.Duration(n) * time.Hour)
		h.hour(start)
		h.total(start)
		kept := 0
		for _, v := range h.hours {
			kept += v.bytes
		}
		if kept != h.bytes || kept > budget {
			t.Fatalf("hour %d: keeps %d bytes, says %d, may keep %d", n, kept, h.bytes, budget)
		}
		if sums := len(h.totals) * len(c.Traffic.Streams) * 56; sums > budget/4+len(c.Traffic.Streams)*56 {
			t.Fatalf("hour %d: keeps %d bytes of sums, may keep %d", n, sums, budget/4)
		}
		most = max(most, len(h.hours))
	}
	if most < 2 || len(h.hours) == 21*24 {
		t.Errorf("kept %d hours at most, want some of them", most)
	}
}
