package earlywarn

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// notified is when the policy tells, if it hears a yes at these minutes.
func notified(yes ...int) []int {
	var p policy
	var told []int
	for at := range 200 {
		if p.tells(at, slices.Contains(yes, at)) {
			told = append(told, at)
		}
	}
	return told
}

// span is the minutes from first to last.
func span(first, last int) []int {
	var all []int
	for at := first; at <= last; at++ {
		all = append(all, at)
	}
	return all
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		yes  []int
		want []int
	}{
		{"a yes notifies once", span(10, 40), []int{10}},
		{"and again every hour", span(10, 140), []int{10, 70, 130}},
		{"fifteen minutes of no do not close it", []int{10, 26}, []int{10}},
		{"sixteen do", []int{10, 27}, []int{10, 27}},
		{"nothing is repeated without a yes", append(span(10, 65), 75), []int{10, 75}},
		{"no yes, no word", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, notified(c.yes...)); diff != "" {
				t.Errorf("notifications (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDetectorsSeeWhatTheReportShows(t *testing.T) {
	t.Parallel()
	c := Case{WarmUp: 3, Usage: make([]float64, 40)}
	c.Usage[20] = 1
	d := Detector{Threshold: 1, New: stateless(lastMinute)}
	// Minute 20 ends at 21 and is visible 5 minutes later.
	if diff := cmp.Diff([]float64{26}, d.Notify(c)); diff != "" {
		t.Errorf("notifications (-want +got):\n%s", diff)
	}
}

func TestDetectorsAreSilentInTheWarmUp(t *testing.T) {
	t.Parallel()
	c := Case{WarmUp: 30, Usage: make([]float64, 60)}
	d := Detector{Threshold: 0, New: stateless(lastMinute)}
	if diff := cmp.Diff([]float64{30}, d.Notify(c)); diff != "" {
		t.Errorf("notifications (-want +got):\n%s", diff)
	}
}
