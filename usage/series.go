package usage

import "time"

// ID identifies a series, whatever its parts are called today.
type ID struct {
	OrganizationID string
	WorkspaceID    string // empty: the whole organization
	GroupID        string
	Limiter        Limiter
}

// Labels are the names of a series' parts, for people and matchers.
type Labels struct {
	Organization string
	Workspace    string // empty: the whole organization
	ModelGroup   string
	Limiter      string
}

// Point is one minute of a series.
type Point struct {
	// Used is what the limiter counts, in the limiter's own unit (tokens or
	// requests per minute, uses per second, tokens in the 24 hours up to here);
	// NaN where it is not known.
	Used float64
	// Limit is the value in force in that minute, in the same unit; NaN where
	// none is known.
	Limit float64
}

// Utilization is Used / Limit, 0 to 1 and more; NaN where one of them is not
// known. Of a limit of zero, nothing used is 0 and anything used is +Inf.
func (p Point) Utilization() float64 {
	if p.Used == 0 && p.Limit == 0 {
		return 0
	}
	return p.Used / p.Limit
}

// Series is the minutes of one limit: one organization or workspace, one model
// group, one limiter.
type Series struct {
	ID     ID
	Labels Labels
	From   time.Time // start of Points[0]
	Points []Point   // one per minute, without gaps, oldest first
	// Settled counts the leading points up to the newest final one: of a minute
	// that was read after it had settled, and after the report had come beyond it
	// (see [Progress]). Points among them that were read only before, or not at
	// all, are NaN. Those after it were read before their minute was complete, and
	// are lower bounds, which may raise an alert and never clear one; NaN where
	// nothing was seen so far.
	Settled int
	// WithCacheReads is the other reading of a limiter of which it is not known
	// whether it counts cache reads (the older tokens_per_minute and
	// tokens_per_day): Points leaves them out, this counts them. Nil for others.
	WithCacheReads []float64
	// Assumed reports whether the limit of some point is from before its first reading.
	Assumed bool
	// Override reports whether the limit is a workspace's own.
	Override bool
	// OwnLimit is a workspace's own value at the moment of looking, NaN for the
	// organization. OrganizationLimit is the organization's for the same group
	// and limiter, NaN where it has none. Points.Limit is the lower of the two.
	OwnLimit, OrganizationLimit float64
}

// Window is the part of the past that a join looks at.
type Window struct {
	At     time.Time     // the moment of looking
	From   time.Time     // first minute of the series
	To     time.Time     // end of the last minute, exclusive
	Settle time.Duration // a minute is final when it was read this long after its end
	// Reported is, for each source, the start of the newest minute in which it
	// showed any row. A minute after it without rows is unknown, not zero.
	Reported map[SourceKind]time.Time
	// Progress is, for each source, how far it had come. Where it is not known, a
	// minute that was read after it had settled is final.
	Progress map[SourceKind]*Progress
	// Prefer is the source whose tokens count where two have read a minute.
	Prefer SourceKind
}

// Unmatched is what could not be joined, for people to see. Each list is
// sorted and has each thing once.
type Unmatched struct {
	Models   []UnmatchedModel
	Limiters []UnmatchedLimit
}

// UnmatchedModel is usage of a model that no group lists.
type UnmatchedModel struct {
	Model  string
	Reason string
}

// UnmatchedLimit is a limit that no series can be made for: an unknown
// limiter, or one whose use no report shows.
type UnmatchedLimit struct {
	WorkspaceID string
	GroupID     string
	ModelGroup  string
	Limiter     Limiter
	Value       int64
	Reason      string
}

// Consumer is somebody who uses a limit.
type Consumer struct {
	Kind  string // "workspace", "key" or "model"
	ID    string
	Name  string  // as people know it; the id where no name is known
	Share float64 // of what the series used in the looked-at minutes, 0 to 1
}
