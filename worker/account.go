package worker

import (
	"sync"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// account is the running state of one organization: what need not survive a
// restart, because it can be asked or read again.
type account struct {
	Organization

	mu         sync.Mutex
	org        usage.Organization // id and names; an empty ID until first known
	choice     usage.Source       // the report in use and why
	probes     []usage.Probe      // the last look at both reports
	probedAt   time.Time
	limitsAt   time.Time            // limits were last read completely
	namesAt    time.Time            // names were last read completely
	wideAt     time.Time            // the trailing hour was last re-read
	requestsAt time.Time            // request counts were last asked for beside the report
	rest       map[string]time.Time // job -> left alone until
	refusedAt  time.Time            // the key is refused since; zero: accepted
	lastGood   time.Time            // last cycle without a fetch error
	since      time.Time            // when the service began to look
	problem    string               // why the last read did not succeed
	prior      []evaluate.Alert     // alerts after the step at priorAt, to spare reading them again
	priorAt    time.Time
	unmatched  usage.Unmatched
	keyTold    bool            // people have been told that the key is refused
	toldOf     map[string]bool // unmatched things that have been logged
	renotice   bool            // the routes changed: alerts that fire are routed anew
	lookedAt   time.Time       // the hour that was last read once more
}

func newAccount(o Organization, at time.Time) *account {
	return &account{Organization: o, since: at, rest: map[string]time.Time{}, toldOf: map[string]bool{}}
}

// label is the name people know the organization by, as far as it is known.
func (a *account) label() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.Name != "":
		return a.Name
	case a.org.Name != "":
		return a.org.Name
	}
	return a.Slot
}

func (a *account) organization() usage.Organization {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.org
}

// defaultWorkspace is the id of the default workspace, empty until known.
func (a *account) defaultWorkspace() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, ws := range a.org.Workspaces {
		if ws.Default {
			return ws.ID
		}
	}
	return ""
}

// problemText is why the last read did not succeed, or empty.
func (a *account) problemText() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.problem
}

// resting reports whether job is to be left alone at the moment.
func (a *account) resting(job string, at time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return at.Before(a.rest[job])
}

// keyPause is how often a refused key is tried again: each try can only fail
// until a person has changed the key.
const keyPause = 5 * time.Minute

// note remembers how a job's call ended: when to rest, whether the key is refused.
func (a *account) note(job string, at time.Time, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		delete(a.rest, job)
		a.refusedAt = time.Time{}
		return
	}
	s, ok := asStatus(err)
	if !ok {
		return
	}
	if s.KeyRefused() {
		if a.refusedAt.IsZero() {
			a.refusedAt = at
		}
		// The clock of the next try must not miss its cron slot by a hair.
		a.rest[job] = at.Add(keyPause - time.Second)
		return
	}
	if s.RateLimited() {
		a.rest[job] = at.Add(s.Rest(at))
	}
}
