package worker

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"alerter/store"
	"alerter/usage"
)

// The step of a day's peaks: read from the day's minutes and stored, in the
// transaction of a tick. The trends of a first day cost nothing; those of twelve weeks
// are BenchmarkTrends of store.
func BenchmarkDayPeaks(b *testing.B) {
	for _, series := range []int{500, 10000} {
		b.Run(fmt.Sprintf("%d_series", series), func(b *testing.B) {
			w := newBench(b, series, deaf{})
			w.fill(start.Truncate(wholeDay).Add(-wholeDay-time.Hour), 27)
			facts := usage.Facts{Organization: w.crowd.org, Settle: 5 * time.Minute, Sources: []usage.Source{{DataAsOf: w.at}}}
			w.measured(func() {
				err := w.worker.Store.Update(context.Background(), func(tx *store.Tx) error {
					days, err := w.worker.lackingPeaks(tx, w.account(), &facts, w.at)
					if err != nil || len(days) == 0 || days[0].minutes != wholeDayMinutes {
						b.Fatalf("got %v (%v), want a whole day", days, err)
					}
					peaks, err := tx.DayPeaks(facts.Organization, days[0].day, w.at, facts.Settle)
					if err != nil || len(peaks) < series*9/10 {
						b.Fatalf("got %d peaks (%v)", len(peaks), err)
					}
					if err := tx.PutPeaks(facts.Organization.ID, days[0].day, w.at, wholeDayMinutes, peaks); err != nil {
						return err
					}
					return errRollBack
				})
				if err == nil {
					b.Fatal("got it stored, want it undone for the next round")
				}
			})
		})
	}
}

// errRollBack undoes a transaction.
var errRollBack = errors.New("undo it")

// fill stores so many hours as the back-fill would.
func (w *bench) fill(from time.Time, hours int) {
	for hour := range hours {
		start := from.Add(time.Duration(hour) * time.Hour)
		answer, err := w.crowd.Usage(context.Background(), usage.Query{Source: usage.SourceAnalytics, From: start, To: start.Add(time.Hour)})
		must(w.B, err)
		for i := range answer.Minutes {
			answer.Minutes[i].ReadAt = w.at.Add(-time.Minute)
		}
		must(w.B, w.worker.Store.Update(context.Background(), func(tx *store.Tx) error {
			_, err := tx.PutMinutes(w.crowd.org.ID, answer.Minutes)
			return err
		}))
	}
}
