package worker

import (
	"time"

	"alerter/usage"
)

// sayAgain is how long the log is quiet about something that goes on failing by the
// same cause. What it says then has how often it failed.
const sayAgain = 10 * time.Minute

// streak is how often one thing failed in a row, and what the log last said of it.
// The zero value is none.
type streak struct {
	failures int
	cause    usage.Cause // of the newest one
	said     string      // the error that the log last told
	saidAt   time.Time
}

// ended counts how the thing ended, and reports whether that is worth a line: the first
// failure is, and one by another cause, and one every ten minutes, and the first
// success after them. Causes that are not known are the same where they read the same.
// failures is how many there are in a row; of a success how many there were before it.
func (s *streak) ended(at time.Time, err error) (failures int, isWorth bool) {
	if err == nil {
		failures = s.failures
		*s = streak{}
		return failures, failures > 0
	}
	cause, text := causeOf(err), err.Error()
	isSame := s.failures > 0 && cause == s.cause && (cause != usage.CauseUnknown || text == s.said)
	s.failures++
	s.cause = cause
	if isSame && at.Sub(s.saidAt).Abs() < sayAgain {
		return s.failures, false
	}
	s.said, s.saidAt = text, at
	return s.failures, true
}
