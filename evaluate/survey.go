package evaluate

import (
	"math"
	"slices"
	"time"

	"alerter/usage"
)

const (
	// WarnedAhead is how long before a limit is reached a warning counts for that.
	WarnedAhead = time.Hour
	// SurveyLead is how long before its first minute a survey begins to follow buckets.
	SurveyLead = BucketLookback
	// surveyPiece is how much is asked for at once, at first and at least.
	surveyPiece = time.Hour
	// surveyPoints bounds how many points are: 16 MB.
	surveyPoints = 1 << 20
	// nearLevel is the pressure from which on a limit counts as near: from it on the
	// shipped rules warn.
	nearLevel = 0.85
)

// Fared is how one limit fared over some time, as far as final minutes show.
type Fared struct {
	ID     usage.ID
	Labels usage.Labels
	Limit  float64 // the newest one known, in the limiter's unit; NaN where none is
	// Peak is the highest pressure, with the default parameters; of a limit per day
	// the highest utilization. NaN where no minute is known.
	Peak      Number
	PeakAt    time.Time // the minute it was read at; zero where nothing was used
	PeakLimit float64   // the limit in force then
	Known     int       // how many minutes are known
	Days      int       // on how many days (UTC) one is
	NearDays  int       // on how many of these the pressure was above 85 %
	// Reached are the times at the limit, oldest first. There are none of a limit that
	// is not per minute.
	Reached []TimeAtLimit
}

// TimeAtLimit is a stretch in which a limit was reached: minutes of [AtLimit] that
// are less than [TimeAtLimitGap] apart.
type TimeAtLimit struct {
	From, To time.Time // the start of the first minute, the end of the last one
	// Shown is the pressure that could be seen five minutes before; NaN where the
	// minutes that were complete by then are not all known.
	Shown Number
	// Ahead is for how long people had been warned by then; zero: they had not.
	Ahead time.Duration
}

// Survey says how each limit fared in the minutes [from, to), in the order of the
// first piece. The series are asked for in pieces, oldest first and from
// [SurveyLead] before on, so that a week of many need not be in memory: those of one piece are no
// longer looked at when the next one is asked for. A piece begins and ends where it
// was asked to.
func Survey(from, to time.Time, settle time.Duration, series func(from, to time.Time) ([]usage.Series, error)) ([]Fared, error) {
	var all []*track
	tracks := make(map[usage.ID]*track)
	var buf shares
	for begin, long := from.Add(-SurveyLead), surveyPiece; begin.Before(to); {
		end := begin.Add(long)
		if end.After(to) {
			end = to
		}
		piece, err := series(begin, end)
		if err != nil {
			return nil, err
		}
		for i := range piece {
			s := &piece[i]
			t := tracks[s.ID]
			if t == nil {
				t = newTrack(s, from, settle)
				tracks[s.ID], all = t, append(all, t)
			}
			t.follow(s, &buf)
		}
		begin, long = end, max(surveyPiece, time.Duration(surveyPoints/max(len(piece), 1))*time.Minute)
	}
	fared := make([]Fared, len(all))
	for i, t := range all {
		fared[i] = t.Fared
	}
	return fared, nil
}

// shares is what part of their limit minutes used. Those of one series after
// the other are read into it.
type shares struct {
	raw []float64 // NaN where they are not known
	u   []float64 // zero there
}

// track follows one series from piece to piece.
type track struct {
	Fared
	from   time.Time
	ahead  int       // how many minutes lie between what could be seen before a minute and that minute
	tail   []float64 // the newest shares before the next piece
	bucket bucket
	day    time.Time // the newest one of which a minute is known
	near   time.Time // the newest one on which the limit was near
}

func newTrack(s *usage.Series, from time.Time, settle time.Duration) *track {
	ahead := int((shownAhead + settle + time.Minute - 1) / time.Minute)
	t := &track{
		Fared: Fared{ID: s.ID, Labels: s.Labels, Limit: math.NaN(), Peak: Unknown(), PeakLimit: math.NaN()},
		from:  from, ahead: ahead, bucket: fullBucket, tail: make([]float64, ahead+pressureMinutes),
	}
	for i := range t.tail {
		t.tail[i] = math.NaN()
	}
	return t
}

// pressureMinutes is how many minutes a pressure is read from.
const pressureMinutes = int(pressureWindow / time.Minute)

// follow goes on through the final minutes of a piece.
func (t *track) follow(s *usage.Series, r *shares) {
	r.raw = append(r.raw[:0], t.tail...)
	for i, p := range s.Points {
		share := min(p.Utilization(), mostShare)
		if i >= s.Settled {
			share = math.NaN()
		}
		r.raw = append(r.raw, share)
	}
	r.u = append(r.u[:0], r.raw...)
	for i, share := range r.u {
		if math.IsNaN(share) {
			r.u[i] = 0
		}
	}
	for i, p := range s.Points {
		if !math.IsNaN(p.Limit) {
			t.Limit = p.Limit
		}
		t.minute(s.From.Add(time.Duration(i)*time.Minute), p.Limit, r, len(t.tail)+i)
	}
	copy(t.tail, r.raw[len(r.raw)-len(t.tail):])
}

// minute takes one minute in, the shares up to which end with number i.
func (t *track) minute(at time.Time, limit float64, r *shares, i int) {
	reached := t.bucket.take(r.raw[i])
	if reached && t.ID.Limiter.Period() == time.Minute && !at.Before(t.from) {
		t.reach(at, r, i)
	}
	if at.Before(t.from) || math.IsNaN(r.raw[i]) {
		return
	}
	t.Known++
	if t.Known == 1 {
		t.Peak = 0
	}
	day := at.Truncate(24 * time.Hour)
	if !day.Equal(t.day) {
		t.day = day
		t.Days++
	}
	window, depth := r.u[i+1-pressureMinutes:i+1], pressureDepth.Minutes()
	if t.ID.Limiter.Period() == 24*time.Hour {
		window, depth = r.u[i:i+1], 0 // the rate of one minute without a bucket is its share
	}
	// Nearly no minute is higher than those before it, which is quicker to see than
	// how high it is.
	if usage.Exceeds(window, depth, float64(t.Peak)) {
		rate, _ := usage.Pressure(window, depth)
		t.Peak, t.PeakAt, t.PeakLimit = Number(rate), at, limit
	}
	if !day.Equal(t.near) && usage.Exceeds(window, depth, nearLevel) {
		t.near = day
		t.NearDays++
	}
}

// reach notes a minute in which the limit was reached.
func (t *track) reach(at time.Time, r *shares, i int) {
	end := at.Add(time.Minute)
	if n := len(t.Reached); n > 0 && end.Sub(t.Reached[n-1].To) < TimeAtLimitGap {
		t.Reached[n-1].To = end
		return
	}
	shown := Unknown()
	window := r.raw[i-t.ahead-pressureMinutes : i-t.ahead]
	if !slices.ContainsFunc(window, math.IsNaN) {
		rate, _ := usage.Pressure(window, pressureDepth.Minutes())
		shown = Number(rate)
	}
	t.Reached = append(t.Reached, TimeAtLimit{From: at, To: end, Shown: shown})
}
