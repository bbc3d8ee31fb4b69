package evaluate

import (
	"iter"
	"math"
	"time"

	"alerter/usage"
)

const (
	// BucketLookback is how far back from the newest final minute the bucket of a
	// limit is followed, to tell in which minutes the limit was reached.
	BucketLookback = 2 * time.Hour
	// nearlyEmpty is what is left in the bucket of a limit that counts as reached,
	// as a share of what it holds. Whole minutes hide what happens within them: of
	// the 429s on the recorded traffic, waiting for less misses most.
	nearlyEmpty = 0.25
	// TimeAtLimitGap is from how far apart on two minutes at the limit are two
	// times of reaching it.
	TimeAtLimitGap = 10 * time.Minute
)

// AtLimit gives the starts of the final minutes of a series in which its limit was
// reached, oldest first, as known at at: the report shows no 429s, so what is asked
// is whether the limit's bucket ran all but empty. The bucket holds one minute's
// worth, is taken to be full [BucketLookback] before the newest final minute, and
// each minute adds the limit in force and takes what was used. A minute of which
// nothing is known is taken as unused. There are none for a limit that is not per
// minute. docs/early-warning.md says how often that is right.
func AtLimit(at time.Time, s *usage.Series) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		if s.ID.Limiter.Period() != time.Minute {
			return
		}
		final := min(s.Settled, over(at, s))
		b := fullBucket
		for i := max(0, final-int(BucketLookback/time.Minute)); i < final; i++ {
			if b.take(s.Points[i].Utilization()) && !yield(s.From.Add(time.Duration(i)*time.Minute)) {
				return
			}
		}
	}
}

// bucket is what is left in the bucket of a limit, as a share of what it holds: one
// minute's worth.
type bucket float64

const fullBucket bucket = 1

// take adds one minute of the limit and takes the share of it that was used, NaN
// where that is not known. It reports whether the limit was reached.
func (b *bucket) take(used float64) bool {
	if math.IsNaN(used) {
		used = 0
	}
	*b = min(max(*b+1-bucket(used), 0), 1)
	return *b <= nearlyEmpty+slack
}

// over is how many of the points are of minutes that have ended: others cannot have
// been seen, whoever put them there.
func over(at time.Time, s *usage.Series) int {
	return min(max(int(at.Sub(s.From)/time.Minute), 0), len(s.Points))
}

// shownAhead is how long before a limit was reached it is asked what could be seen.
const shownAhead = 5 * time.Minute

// LimitReached says when an episode's limit was reached, and whether that could be
// seen coming.
type LimitReached struct {
	// At is the start of the first such minute ([AtLimit]) since shortly before the
	// alert was pending; zero where there was none, as far as is known.
	At time.Time `json:"At,omitzero"`
	// Shown is the pressure of the minutes that were complete five minutes before At,
	// with the default parameters, 0 to 1 and more; NaN where they are not all known.
	Shown Number `json:"Shown"`
}

// noteLimit looks whether the limit was reached in the episode. What made the alert
// pending was not older than what says something about now.
func (s *stepper) noteLimit(a *Alert, v *Verdict) {
	if v.series == nil || !a.LimitReached.At.IsZero() {
		return
	}
	since := a.PendingAt.Add(-maxAge(s.facts.Settle))
	for minute := range AtLimit(s.at, v.series) {
		if !minute.Before(since) {
			a.LimitReached = LimitReached{At: minute, Shown: s.shownBefore(minute, v.series)}
			return
		}
	}
}

// shownBefore is the pressure that could be seen some time before a minute.
func (s *stepper) shownBefore(minute time.Time, in *usage.Series) Number {
	g := newGauge(s.at, s.facts.Settle, pressureWindow)
	newest := int(minute.Add(-shownAhead-s.facts.Settle).Sub(in.From) / time.Minute)
	if newest < 1 {
		return Unknown()
	}
	shown := g.pressure(view{series: in}, newest, pressureWindow, pressureDepth)
	if !shown.complete {
		return Unknown()
	}
	return Number(shown.value)
}
