package web

import (
	"sync"
	"time"
)

// fresh is how long one reading of the state serves all who ask: well under the
// minute in which it changes, and enough that any number of pages and scrapes
// costs one reading.
const fresh = 2 * time.Second

// remembered is read, called at most once every fresh. Callers that come while
// it is under way wait for it. An error is remembered like a value, so that a
// database in trouble is not asked more often than a healthy one.
func remembered[T any](now func() time.Time, read func() (T, error)) func() (T, error) {
	var (
		mu    sync.Mutex
		at    time.Time // of the last reading; zero: there was none
		value T
		err   error
	)
	return func() (T, error) {
		mu.Lock()
		defer mu.Unlock()
		moment := now()
		// A clock that was set back makes the reading old too.
		if age := moment.Sub(at); at.IsZero() || age < 0 || age >= fresh {
			value, err = read()
			at = moment
		}
		return value, err
	}
}
