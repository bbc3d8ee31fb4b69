package simulate

import "time"

// Reporting is how late and how roughly usage shows up in the reports. The zero
// value reports every minute in full as soon as it is over.
type Reporting struct {
	Lag          time.Duration // from a minute's end until it is complete
	AnalyticsLag time.Duration // how much later still analytics/usage and analytics/cost are

	// Growing is how long before it is complete a minute already shows, in part
	// and growing. It may be longer than Lag: then the running minute shows.
	Growing time.Duration

	// Corrected is the share of rows, 0 to 1, that look complete but are short
	// until CorrectedAfter later.
	Corrected      float64
	CorrectedAfter time.Duration

	Seed uint64 // decides which rows, and how much of them shows
}

// settled is from when on nothing in the minutes before end changes any more.
func (r Reporting) settled(end time.Time) time.Time {
	if r.Corrected > 0 {
		end = end.Add(r.CorrectedAfter)
	}
	return end.Add(r.Lag)
}

// share is how much of a stream's minute the reports show at a time, 0 to 1.
func (r Reporting) share(stream int32, minute, at time.Time) float64 {
	end := minute.Add(time.Minute)
	complete := end.Add(r.Lag)
	shown := complete.Add(-r.Growing)
	if at.Before(shown) || !at.After(minute) {
		return 0
	}
	f := 1.0
	if at.Before(complete) {
		// Steps of ten seconds: two polls in a row may see the same value.
		first := 0.2 + 0.4*r.chance(stream, minute, 1)
		age := at.Sub(shown).Truncate(stepLength)
		f = first + (1-first)*float64(age)/float64(r.Growing)
	}
	if at.Before(end) {
		f = min(f, float64(at.Sub(minute).Truncate(stepLength))/float64(time.Minute))
	}
	if r.Corrected > 0 && at.Before(complete.Add(r.CorrectedAfter)) && r.chance(stream, minute, 2) < r.Corrected {
		f *= 0.6 + 0.35*r.chance(stream, minute, 3)
	}
	return f
}

// chance is a number from 0 to 1 that is always the same for the same question.
func (r Reporting) chance(stream int32, minute time.Time, question uint64) float64 {
	x := r.Seed ^ uint64(minute.Unix())*0x9e3779b97f4a7c15 ^ uint64(stream)<<40 ^ question<<56
	for range 2 { // the finisher of splitmix64
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return float64(x>>11) / (1 << 53)
}
