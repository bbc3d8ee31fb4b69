package simulate

import "time"

// Clock is a virtual clock that shows start when it is made and then runs speed
// times as fast as real does. A speed of 60 makes a minute of a second.
func Clock(real func() time.Time, start time.Time, speed float64) func() time.Time {
	origin := real()
	return func() time.Time {
		return start.Add(time.Duration(float64(real().Sub(origin)) * speed)).UTC()
	}
}
