package usage

import (
	"math"
	"slices"
	"time"
)

// The window and the bucket's depth by which peaks are read, and pressure where a
// rule does not say otherwise.
const (
	PressureWindow = 15 * time.Minute
	PressureDepth  = time.Minute
)

// PeakDelay is how long after a day's end its peaks are read: by then the report
// has shown and corrected nearly all of it.
const PeakDelay = time.Hour

// DailyPeak is how high a series came on one day: the highest of its minutes'
// bucket-equivalent rates, in the limiter's unit, so that it can be held against any
// limit. Of a limit per day it is the use of 24 hours.
type DailyPeak struct {
	Day     time.Time // midnight UTC
	P99     float64   // the value that one minute in a hundred is above
	Max     float64
	Minutes int // how many minutes are known; 1440 for a whole day
}

const (
	// fewestAtOnce is how many minutes of a day are joined at once, at first and at least.
	fewestAtOnce = 60
	// pointsAtOnce bounds how many points are: 16 MB.
	pointsAtOnce = 1 << 20
)

// DayPeaks reads the peaks of one day of all series. A series of which no minute
// is known has none. The series of a stretch are asked for in pieces, oldest
// first, so that a day of many need not be in memory; those of one piece are no
// longer looked at when the next is asked for, and begin where it says. Only final minutes count, and
// unknown ones beside them count as unused.
func DayPeaks(day time.Time, series func(from, to time.Time) ([]Series, error)) (map[ID]DailyPeak, error) {
	day = day.UTC().Truncate(24 * time.Hour)
	summits := make(map[ID]*summit)
	const lead = int(PressureWindow/time.Minute) - 1
	var u []float64
	for from, minutes := 0, fewestAtOnce; from < dayMinutes; {
		to := min(from+minutes, dayMinutes)
		piece, err := series(day.Add(time.Duration(from-lead)*time.Minute), day.Add(time.Duration(to)*time.Minute))
		if err != nil {
			return nil, err
		}
		for i := range piece {
			s := &piece[i]
			if summits[s.ID] == nil {
				summits[s.ID] = new(summit)
			}
			u = summits[s.ID].climb(s, lead, u)
		}
		from, minutes = to, max(fewestAtOnce, pointsAtOnce/max(len(piece), 1))
	}
	found := make(map[ID]DailyPeak, len(summits))
	for id, top := range summits {
		if top.minutes > 0 {
			found[id] = top.peak(day)
		}
	}
	return found, nil
}

// highest is how many readings are kept of a day: the last of them is the 99th
// percentile of 1440.
const highest = dayMinutes/100 + 1

// summit is the highest readings of one series, highest first.
type summit struct {
	readings [highest]float64
	minutes  int
}

// climb reads the settled minutes of a stretch of a series, less the first ones,
// which only lead in. It returns the buffer for the next one.
func (t *summit) climb(s *Series, lead int, u []float64) []float64 {
	u = u[:0]
	for i := range min(s.Settled, len(s.Points)) {
		p := s.Points[i]
		share := p.Utilization()
		known := !math.IsNaN(share) && p.Limit > 0
		u = append(u, pick(known, share, 0))
		if !known || i < lead {
			continue
		}
		t.minutes++
		if s.ID.Limiter.Period() == 24*time.Hour {
			t.take(p.Used)
			continue
		}
		// Nearly all minutes are not among the highest, which is quicker to see than
		// what they are.
		window, depth := u[i-lead:], PressureDepth.Minutes()
		if Exceeds(window, depth, t.readings[highest-1]/p.Limit) {
			rate, _ := Pressure(window, depth)
			t.take(rate * p.Limit)
		}
	}
	return u
}

// take adds a reading.
func (t *summit) take(reading float64) {
	if reading <= t.readings[highest-1] {
		return
	}
	i, _ := slices.BinarySearchFunc(t.readings[:], reading, func(a, b float64) int {
		if a > b {
			return -1
		}
		return 1
	})
	copy(t.readings[i+1:], t.readings[i:])
	t.readings[i] = reading
}

// peak sums the day up.
func (t *summit) peak(day time.Time) DailyPeak {
	return DailyPeak{Day: day, P99: t.readings[t.minutes/100], Max: t.readings[0], Minutes: t.minutes}
}
