package worker

import "time"

const (
	firstRetry   = 5 * time.Second
	longestRetry = 10 * time.Minute
)

// Backoff is how long to wait before attempt number attempts+1: 5 s doubled each
// time up to 10 minutes, less up to a fifth by jitter (0 to 1), so that many
// failed messages do not come back at once.
func Backoff(attempts int, jitter float64) time.Duration {
	d := longestRetry
	if attempts >= 1 && attempts <= 7 {
		d = min(d, firstRetry<<(attempts-1))
	}
	return d - time.Duration(float64(d)/5*jitter)
}
