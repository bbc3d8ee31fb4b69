package earlywarn

import "slices"

const (
	horizon = 60 // minutes that a notification may come before an episode
	early   = 5  // minutes that make a hit one that is of use
	echo    = 10 // minutes after an episode has become visible that still belong to it
)

// Score counts how notifications and episodes met, over any number of cases.
type Score struct {
	Episodes, Hits, EarlyHits int
	Fresh, FreshEarly         int // episodes before which an hour was quiet, and the early hits among them
	Right, False              int // notifications; those during an episode are neither
	Days                      float64
	Leads                     []float64 // minutes, of the hits
}

// Judge scores the notifications of a case, given in minutes in rising order.
func Judge(c Case, told []float64) Score {
	s := Score{Days: (float64(len(c.Usage)) - c.WarmUp) / minutesPerDay}
	for _, e := range c.Counted() {
		s.episode(c, e, told)
	}
	for _, at := range told {
		s.notification(c, at)
	}
	return s
}

// episode looks for the first notification in the hour before.
func (s *Score) episode(c Case, e Episode, told []float64) {
	fresh := c.fresh(e)
	s.Episodes++
	if fresh {
		s.Fresh++
	}
	i := slices.IndexFunc(told, func(at float64) bool { return at >= e.Start-horizon })
	if i < 0 || told[i] >= e.Start {
		return
	}
	lead := e.Start - told[i]
	s.Hits++
	s.Leads = append(s.Leads, lead)
	if lead < early {
		return
	}
	s.EarlyHits++
	if fresh {
		s.FreshEarly++
	}
}

// fresh reports whether no episode ended in the hour before e.
func (c Case) fresh(e Episode) bool {
	return !slices.ContainsFunc(c.Episodes, func(other Episode) bool {
		return other.End < e.Start && other.End >= e.Start-horizon
	})
}

func (s *Score) notification(c Case, at float64) {
	during := false
	for _, e := range c.Episodes {
		if at < e.Start && e.Start <= at+horizon {
			s.Right++
			return
		}
		during = during || e.Start <= at && at <= e.End+Lag+echo
	}
	if !during {
		s.False++
	}
}

// Add counts other in.
func (s *Score) Add(other Score) {
	s.Episodes += other.Episodes
	s.Hits += other.Hits
	s.EarlyHits += other.EarlyHits
	s.Fresh += other.Fresh
	s.FreshEarly += other.FreshEarly
	s.Right += other.Right
	s.False += other.False
	s.Days += other.Days
	s.Leads = append(s.Leads, other.Leads...)
}

// ratio is 0 where there is nothing to divide by.
func ratio(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

// Recall is the share of episodes with a notification in the hour before.
func (s Score) Recall() float64 { return ratio(float64(s.Hits), float64(s.Episodes)) }

// EarlyRecall is the share of episodes whose first one came five minutes before, or more.
func (s Score) EarlyRecall() float64 { return ratio(float64(s.EarlyHits), float64(s.Episodes)) }

// FreshRecall is EarlyRecall of the episodes that followed a quiet hour.
func (s Score) FreshRecall() float64 { return ratio(float64(s.FreshEarly), float64(s.Fresh)) }

// Precision is the share of notifications that were right.
func (s Score) Precision() float64 { return ratio(float64(s.Right), float64(s.Right+s.False)) }

// FalsePerDay is false alarms per day and limit.
func (s Score) FalsePerDay() float64 { return ratio(float64(s.False), s.Days) }

// F1 is the harmonic mean of precision and early recall.
func (s Score) F1() float64 {
	p, r := s.Precision(), s.EarlyRecall()
	return ratio(2*p*r, p+r)
}

// Lead is the given quantile of the leads in minutes, the upper of two neighbours.
func (s Score) Lead(quantile float64) float64 {
	if len(s.Leads) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.Leads))
	return sorted[min(int(quantile*float64(len(sorted))), len(sorted)-1)]
}
