package worker

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"alerter/evaluate"
	"alerter/usage"
)

// account is the running state of one organization: what need not survive a
// restart, because it can be asked or read again. Its jobs run beside each other.
type account struct {
	slot  string        // its identity in the configuration, which never changes
	pages *rate.Limiter // of the back-fill

	mu     sync.Mutex // guards everything below; never held while waiting
	conf   Organization
	org    usage.Organization // id and names; an empty ID until first known
	met    bool               // the API has confirmed, by this configuration, whom the key belongs to
	since  time.Time          // when the service first began to look
	choice usage.Source       // the report in use and why
	probes []usage.Probe      // the last look at both reports
	probed time.Time          // when that was; zero: look again

	lastGood     time.Time // last cycle that was read and stored
	wideAt       time.Time // the trailing hour was last read again
	requestsAt   time.Time // request counts were last asked for beside the report
	requestsNew  time.Time // and when some came last that were not known before
	attributedAt time.Time // usage by key was last read
	lookedAt     time.Time // the hour that was last read once more
	problem      string    // why the last read did not succeed
	unkept       error     // why the newest cycle could not be stored; nil: it was

	rest    map[string]time.Time // job -> left alone until
	refused map[string]string    // job -> why the key was refused, until it is accepted
	keyTold told                 // what people have been told of the key

	evaluated evaluated // the last step, as the log told of it

	prior     []evaluate.Alert  // alerts after the step at priorAt, to spare reading them again
	records   *evaluate.Records // what followed their warnings; only the step that has it in hand changes it
	priorAt   time.Time
	growth    growth
	renotice  bool            // the routes changed: alerts that fire are routed anew
	unmatched map[string]bool // what could not be joined and has been logged
}

// evaluated is how a step was made, for the log.
type evaluated int

const (
	notEvaluated         evaluated = iota // not yet, by this process
	evaluatedWell                         // with what was read before it
	evaluatedWithTrouble                  // though the read before it did not succeed
)

// newAccount is an organization nothing is known of. pages is how many pages a
// second its past is filled in with.
func newAccount(o Organization, pages rate.Limit, at time.Time) *account {
	// In no minute there are more than a minute's pages: a third of them may come
	// at once, and the others follow evenly.
	burst := max(1, int(float64(pages)*time.Minute.Seconds()/3))
	return &account{
		slot: o.Slot, conf: o, since: at, pages: rate.NewLimiter(pages*2/3, burst),
		rest: map[string]time.Time{}, refused: map[string]string{}, unmatched: map[string]bool{},
	}
}

// settings is the organization's part of the plan in force.
func (a *account) settings() Organization {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.conf
}

// label is the name people know the organization by, as far as it is known.
func (a *account) label() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.conf.Name != "":
		return a.conf.Name
	case a.org.Name != "":
		return a.org.Name
	}
	return a.slot
}

// organization is who the key belongs to; its ID is empty until that is known.
func (a *account) organization() usage.Organization {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.org
}

// meet takes in what the API says of whom the key belongs to, with the names of
// what is in it where they were asked for. If that is another organization than
// before, nothing remembered fits it.
func (a *account) meet(org usage.Organization, withNames bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conf.Name != "" {
		org.Name = a.conf.Name
	}
	switch {
	case a.org.ID != "" && a.org.ID != org.ID:
		a.choice, a.probes, a.probed = usage.Source{}, nil, time.Time{}
		a.prior, a.records, a.priorAt, a.growth = nil, nil, time.Time{}, growth{}
		a.lastGood, a.lookedAt = time.Time{}, time.Time{}
	case !withNames:
		org.Workspaces, org.Keys = a.org.Workspaces, a.org.Keys
	}
	a.org, a.met = org, true
}

// stranger reports whether it is not confirmed yet whom the key belongs to.
func (a *account) stranger() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.met
}

// defaultWorkspace is the id of the default workspace, empty until known.
func (a *account) defaultWorkspace() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.org.DefaultWorkspaceID()
}

// problemText is why the last read did not succeed, or empty.
func (a *account) problemText() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.problem
}

// source says where the organization's usage comes from, as of now.
func (a *account) source(org usage.Organization) usage.Source {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.choice
	s.OrganizationID, s.Organization = org.ID, org.Name
	s.Since, s.Problem = a.since, a.problem
	return s
}
