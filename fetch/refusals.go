package fetch

import (
	"sync"
	"time"
)

// refusalLasts is how long something that was refused is not asked for again: an
// enrolment or a newer server may come any day.
const refusalLasts = 6 * time.Hour

// refusals remembers optional things the API refused, so that not every poll pays
// a refused request for them. The zero value is ready.
type refusals struct {
	mu   sync.Mutex
	till map[string]time.Time
}

// What may be refused.
const (
	speedDimension   = "speed"             // of the older report
	inheritedLimits  = "include_inherited" // of a workspace's limits
	keysFromBeta     = "analytics by key"
	defaultWorkspace = "include_default" // of the list of workspaces
)

func (r *refusals) add(what string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.till == nil {
		r.till = map[string]time.Time{}
	}
	r.till[what] = at.Add(refusalLasts)
}

func (r *refusals) hold(what string, at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return at.Before(r.till[what])
}
