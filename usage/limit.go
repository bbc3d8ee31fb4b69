package usage

import "time"

// Group is a set of models (or a supporting resource) that shares its limits.
type Group struct {
	ID     string   // rlg_…, the same everywhere and for ever; a hash of type and models where an older API gives none
	Type   string   // model_group, batch, …; the set is open
	Name   string   // display name, or empty: such a group is called by its type
	Models []string // ids and aliases, as of the last reading; nil for other group types
}

// Entry is one group's limits in a [Reading].
type Entry struct {
	Group  Group
	Limits []Value
}

// Value is one limit as the Rate Limits API states it.
type Value struct {
	Limiter Limiter
	Value   int64
	// Inherited reports whether a workspace only has the organization's value
	// here. Always false in a reading of the organization.
	Inherited bool
	// OrganizationValue is the organization's value for the same limiter, nil
	// where it has none or where the answer does not say.
	OrganizationValue *int64
}

// Reading is what the Rate Limits API said of the organization (WorkspaceID
// empty) or of one workspace at one time. It is complete: what is not in it was
// not configured then.
type Reading struct {
	WorkspaceID string
	Entries     []Entry
}

// Limit is a configured limit and the time it was in force.
type Limit struct {
	WorkspaceID string // empty: the organization's own
	GroupID     string
	Limiter     Limiter
	Value       int64
	From        time.Time // in force from here; the zero time for a first reading, see Assumed
	Until       time.Time // and until here, exclusive; zero: still in force
	// Assumed reports whether the value is taken to have held before it was
	// first read: the first reading of a limit is extended into the past.
	Assumed bool
	// ReadAt is when the value was first read. For an assumed limit it is later than From.
	ReadAt time.Time
}

// Membership is a model counted in a group during a time.
type Membership struct {
	GroupID string
	Model   string
	From    time.Time // zero for a first reading
	Until   time.Time // exclusive; zero: still
}

// Limits is what is known of one organization's limits over time. The zero
// value is an organization of which nothing has been read.
type Limits struct {
	Groups  map[string]Group // by id, as last read; groups no longer listed stay, for their names
	Members []Membership
	Limits  []Limit
	// Read is when each scope was first read: "" is the organization, the others
	// are workspace ids. It tells a workspace that had no limits of its own from
	// one that was never read. Nil: not kept; [Apply] then takes every scope as
	// read once the organization was.
	Read map[string]time.Time
}

// InForce reports whether l was in force at the given moment.
func (l Limit) InForce(at time.Time) bool { return within(at, l.From, l.Until) }

// InForce reports whether the model was counted in the group at the given moment.
func (m Membership) InForce(at time.Time) bool { return within(at, m.From, m.Until) }

// within reports whether at is in [from, until); a zero until is open.
func within(at, from, until time.Time) bool {
	return !at.Before(from) && (until.IsZero() || at.Before(until))
}

// ChangeKind says what happened to a limit.
type ChangeKind string

// The kinds of changes of limits.
const (
	LimitRaised     ChangeKind = "raised"
	LimitLowered    ChangeKind = "lowered"
	LimitAdded      ChangeKind = "added"
	LimitRemoved    ChangeKind = "removed"
	ModelMoved      ChangeKind = "model_moved"
	OverrideAdded   ChangeKind = "override_added"
	OverrideRemoved ChangeKind = "override_removed"
)

// Change is one difference between two readings of limits.
type Change struct {
	At          time.Time // when it was seen, not when it was made
	Kind        ChangeKind
	WorkspaceID string
	GroupID     string
	Limiter     Limiter // empty for a moved model
	Old, New    int64   // zero where there was or is none
	Model       string  // for a moved model
	FromGroupID string  // for a moved model
}
