package evaluate

import (
	"math"
	"time"

	"alerter/usage"
)

const (
	oddsSource = "counted on four recorded 14-day traces"
	// warnedLevel and warned60: of the first crossings of 85 %, 45 % were
	// followed by 429s within an hour.
	warnedLevel = 0.85
	warned60    = 0.45
)

// oddsTable says how often 429s followed a minute with such a visible pressure,
// counted on the recorded traces outside the times when they were rejected
// already. Each row holds from its pressure up to the next one's.
var oddsTable = [...]struct{ pressure, within15, within60 float64 }{
	{0.00, 0.00, 0.01},
	{0.50, 0.01, 0.05},
	{0.55, 0.01, 0.06},
	{0.60, 0.02, 0.08},
	{0.65, 0.02, 0.07},
	{0.70, 0.02, 0.07},
	{0.75, 0.03, 0.10},
	{0.80, 0.04, 0.15},
	{0.85, 0.06, 0.21},
	{0.90, 0.21, 0.41},
	{0.95, 0.30, 0.51},
}

// oddsOf is what was counted for a pressure, nil where nothing was: for limits
// that are not per minute, and for a pressure that is not known.
func oddsOf(pressure Number, limiter usage.Limiter) *Odds {
	if !pressure.Known() || limiter.Period() != time.Minute {
		return nil
	}
	row := oddsTable[0]
	for _, next := range oddsTable[1:] {
		if !reaches(float64(pressure), next.pressure) {
			break
		}
		row = next
	}
	odds := &Odds{Within15: row.within15, Within60: row.within60, Source: oddsSource}
	if reaches(float64(pressure), warnedLevel) {
		odds.Warned60 = warned60
	}
	return odds
}

// Counted is what followed the earlier warnings of one limit at one level.
type Counted struct {
	Cases    int       // how many there were
	Within15 int       // after how many the limit was reached within 15 minutes
	Within60 int       // and within the hour
	Since    time.Time // the first of them
}

// Wilson is the interval in which the share of all such cases lies, with 95 %
// confidence, where hits of n cases were seen: 0 to 1, both at most one. It is
// E. B. Wilson's score interval, which stays sensible for few cases and for shares
// near 0 and 1: https://doi.org/10.1080/01621459.1927.10502953
func Wilson(hits, n int) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	const z = 1.959964 // 95 % of a normal distribution lie within so many standard deviations
	p, count := float64(hits)/float64(n), float64(n)
	middle := p + z*z/(2*count)
	reach := z * math.Sqrt(p*(1-p)/count+z*z/(4*count*count))
	return max((middle-reach)/(1+z*z/count), 0), min((middle+reach)/(1+z*z/count), 1)
}
