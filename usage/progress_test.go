package usage_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

// showing is a minute whose rows first showed at first, and as they are at last.
func showing(start, first, last string) usage.Showing {
	return usage.Showing{Start: at(start), First: at(first), Last: at(last)}
}

// whole says of each minute from when on a read shows it whole; "-" where that is
// not known.
func whole(p *usage.Progress, from, to string) []string {
	var got []string
	for start := at(from); !start.After(at(to)); start = start.Add(time.Minute) {
		text := "-"
		if since, ok := p.Whole(start); ok {
			text = since.Format("15:04")
		}
		got = append(got, start.Format("15:04")+" "+text)
	}
	return got
}

func TestAMinuteIsWholeOnceTheReportHasComeBeyondIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		shown []usage.Showing
		want  []string
	}{
		{"nothing shows", nil, []string{"10:00 -", "10:01 -", "10:02 -", "10:03 -", "10:04 -", "10:05 -", "10:06 -", "10:07 -"}},
		{
			"all was read at once: whole is what was followed after it settled, and what is empty before any that may grow",
			[]usage.Showing{showing("10:00", "10:30", "10:30"), showing("10:04", "10:30", "10:30"), showing("10:06", "10:30", "10:30")},
			[]string{"10:00 10:30", "10:01 10:30", "10:02 10:30", "10:03 10:30", "10:04 -", "10:05 -", "10:06 -", "10:07 -"},
		},
		{
			"the newest three minutes still grew when last something changed",
			[]usage.Showing{
				showing("10:01", "10:04", "10:06"), showing("10:02", "10:05", "10:07"), showing("10:03", "10:06", "10:08"),
				showing("10:04", "10:07", "10:09"), showing("10:05", "10:08", "10:09"), showing("10:06", "10:09", "10:09"),
			},
			[]string{"10:00 10:07", "10:01 10:08", "10:02 10:09", "10:03 10:09", "10:04 -", "10:05 -", "10:06 -", "10:07 -"},
		},
		{
			"a minute that changed again takes those behind it along",
			[]usage.Showing{showing("10:03", "10:04", "10:09"), showing("10:04", "10:05", "10:06"), showing("10:05", "10:06", "10:09")},
			[]string{"10:00 10:05", "10:01 10:06", "10:02 10:09", "10:03 -", "10:04 -", "10:05 -", "10:06 -", "10:07 -"},
		},
		{
			"rows of a later minute came before those of an earlier one",
			[]usage.Showing{showing("10:02", "10:05", "10:05"), showing("10:05", "10:20", "10:20"), showing("10:06", "10:08", "10:08")},
			[]string{"10:00 10:08", "10:01 10:08", "10:02 10:08", "10:03 10:20", "10:04 10:20", "10:05 -", "10:06 -", "10:07 -"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := usage.NewProgress(c.shown, 3*time.Minute)
			if diff := cmp.Diff(c.want, whole(p, "10:00", "10:07")); diff != "" {
				t.Errorf("whole from (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettleNeedNotBeWholeMinutes(t *testing.T) {
	t.Parallel()
	for _, settle := range []time.Duration{0, time.Second, 59 * time.Second, 90 * time.Second} {
		p := usage.NewProgress([]usage.Showing{showing("10:05", "10:09", "10:09")}, settle)
		for start := at("10:00"); start.Before(at("10:10")); start = start.Add(time.Minute) {
			from, ok := p.Whole(start)
			// It is followed after it settled, or, empty, by the newest minute.
			want := start.Before(at("10:05"))
			if ok != want || ok && !from.Equal(at("10:09")) {
				t.Errorf("settle %s: %s is whole from %s (%t), want %t", settle, start.Format("15:04"), from, ok, want)
			}
		}
	}
}

// Promise 7: time alone does not complete what a report that stopped shows in part.
func TestTheEndOfAReportThatStoppedStaysALowerBound(t *testing.T) {
	t.Parallel()
	w := ten()
	w.At = at("11:00")
	w.Reported[usage.SourceAnalytics] = at("10:08")
	w.Progress = map[usage.SourceKind]*usage.Progress{usage.SourceAnalytics: usage.NewProgress([]usage.Showing{
		showing("10:00", "10:03", "10:05"), showing("10:05", "10:08", "10:10"), showing("10:06", "10:09", "10:11"),
		showing("10:07", "10:10", "10:11"), showing("10:08", "10:11", "10:11"),
	}, w.Settle)}
	minutes := every(w, usage.SourceAnalytics, bucket(usage.Counts{Output: 10}))
	series, _ := join(w, minutes, small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}))
	compare(t, "used", used(series[0]), []float64{10, 10, 10, 10, 10, 10, 10, 10, 10, nan})
	if got, want := series[0].Settled, 6; got != want {
		t.Errorf("got %d settled, want %d: the next one grew to the end", got, want)
	}
}

// What was read while the report stood still is not final because it went on later.
func TestAMinuteThatWasNotReadSinceTheReportWentOnIsUnknown(t *testing.T) {
	t.Parallel()
	w := ten()
	w.At = at("12:00")
	w.Reported[usage.SourceAnalytics] = at("11:50")
	w.Progress = map[usage.SourceKind]*usage.Progress{usage.SourceAnalytics: usage.NewProgress([]usage.Showing{
		showing("10:00", "10:03", "10:05"), showing("10:01", "10:04", "10:05"), showing("11:50", "11:55", "11:55"),
	}, w.Settle)}
	minutes := every(w, usage.SourceAnalytics, bucket(usage.Counts{Output: 10}))
	for i := range minutes {
		minutes[i].ReadAt = at("11:30")
	}
	minutes[4].ReadAt, minutes[5].ReadAt = at("11:55"), at("11:56") // read again since
	series, _ := join(w, minutes, small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}))
	compare(t, "used", used(series[0]), []float64{nan, nan, nan, nan, 10, 10, 10, 10, 10, 10})
	if got, want := series[0].Settled, 6; got != want {
		t.Errorf("got %d settled, want %d", got, want)
	}
}

// The order in which things become known is time's: what is whole stays so, and an
// earlier minute is never whole later than one that follows it.
func TestProgressOnlyGrows(t *testing.T) {
	t.Parallel()
	var shown []usage.Showing
	for i := range 30 {
		start := at("10:00").Add(time.Duration(i) * time.Minute)
		shown = append(shown, usage.Showing{Start: start, First: start.Add(3 * time.Minute), Last: start.Add(5 * time.Minute)})
	}
	for n := range len(shown) {
		now := shown[n].First
		known := slices.Clone(shown[:n+1])
		for i := range known {
			if known[i].Last.After(now) {
				known[i].Last = now
			}
		}
		p := usage.NewProgress(known, 5*time.Minute)
		before := time.Time{}
		for i := range known {
			from, ok := p.Whole(known[i].Start)
			if want := !known[i].Start.Add(5 * time.Minute).After(now.Add(-time.Minute)); ok != want {
				t.Errorf("at %s: minute %s is whole: %t, want %t", now.Format("15:04"), known[i].Start.Format("15:04"), ok, want)
			}
			if ok && from.Before(before) {
				t.Error(fmt.Sprint("a later minute is whole before an earlier one, ", known[i].Start))
			}
			before = from
		}
	}
}
