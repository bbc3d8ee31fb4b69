package worker

import (
	"errors"
	"time"
)

// The jobs that rest apart from each other: after a 429 the endpoint they ask
// is left alone, while the others go on.
const (
	usageJob       = "usage"
	requestsJob    = "requests" // a part of the usage job
	limitsJob      = "limits"
	attributionJob = "attribution"
	backfillJob    = "backfill" // rests with the usage job: it asks the same report
)

// errResting is how a job ends that was not due, because the API wants to be
// left alone: neither a success nor a failure.
var errResting = errors.New("the API is left alone for now")

// keyPause is how often a refused key is tried again: each try can only fail
// until a person has changed the key.
const keyPause = 5 * time.Minute

// longestRest is the most that is asked of us, see fetch.RestFor. A rest that
// seems to be longer is of a clock that has been set back since.
const longestRest = 15 * time.Minute

// resting reports whether job is to be left alone at the moment.
func (a *account) resting(job string, at time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.rests(job, at)
}

// restsUntil is when the endpoint of the job may be asked again, where it is to be
// left alone at the moment.
func (j job) restsUntil(at time.Time) (until time.Time, rests bool) {
	if j.account == nil {
		return time.Time{}, false
	}
	name := j.name
	if name == backfillJob {
		name = usageJob // whose report it asks
	}
	j.account.mu.Lock()
	defer j.account.mu.Unlock()
	return j.account.rest[name].UTC(), j.account.rests(name, at)
}

// rests is resting for those who hold the lock.
func (a *account) rests(job string, at time.Time) bool {
	left := a.rest[job].Sub(at)
	return left > 0 && left <= longestRest
}

// note remembers how a job's call ended: how long to rest, whether the key is refused.
func (a *account) note(job string, at time.Time, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		delete(a.rest, job)
		delete(a.refused, job)
		return
	}
	var pause time.Duration
	for _, s := range statuses(err) {
		switch {
		// A 403 of the beta report may concern the beta alone. Who has configured
		// that report has no other, and must be told.
		case s.KeyRefused() && (!s.Refused() || !a.conf.auto()):
			a.refused[job] = s.Error()
			// The next try must not miss its place in the schedule by a hair.
			pause = max(pause, keyPause-time.Second)
		case s.Refused():
		default:
			pause = max(pause, s.Rest(at))
		}
	}
	if pause > 0 {
		a.rest[job] = at.Add(pause)
	}
}
