package replay

import (
	"time"

	"alerter/usage"
)

// History is what is known of one organization's past: what was used, what was
// allowed, and when that was seen.
type History struct {
	Organization usage.Organization
	// From and To are the time covered, whole minutes, To exclusive. Minutes outside
	// are left out.
	From, To time.Time
	// Minutes are what the reports showed, in any order. Their buckets are not
	// modified, and must stay as they are while the history runs.
	//
	// Without Seen each minute counts once, as its last reading in the list has it:
	// from Lag after its end on, complete. A covered minute that is not in the list
	// was empty.
	//
	// With Seen a minute counts from its ReadAt on, and a later reading of the same
	// report takes its place: lower bounds before the minute has settled, late
	// and corrected rows included. A minute that is not in the list is unknown.
	Minutes []usage.Minute
	Seen    bool
	Lag     time.Duration
	// Settle is the organization's setting: how long after its end a minute can be final.
	Settle time.Duration
	// Source is the report that tokens are taken from; empty: analytics/usage, and
	// the other one where that has not read a minute.
	Source usage.SourceKind
	// Limits are the readings of limits over time, in any order.
	Limits []LimitReading
}

// LimitReading is what the Rate Limits API said at one time, of the organization
// or of some workspaces. The first reading of each of them is taken to have held
// before.
type LimitReading struct {
	At       time.Time
	Readings []usage.Reading
}

// Span is the time to run over: a step at From and then every Every (a minute if
// zero) before To. What was seen before From is known from the first step on.
type Span struct {
	From, To time.Time
	Every    time.Duration
}

// Ticks is how many steps there are.
func (s Span) Ticks() int {
	if !s.To.After(s.From) {
		return 0
	}
	every := s.every()
	return int((s.To.Sub(s.From) + every - 1) / every)
}

func (s Span) every() time.Duration {
	if s.Every <= 0 {
		return time.Minute
	}
	return s.Every
}

// Span is all the time that the history covers.
func (h *History) Span() Span { return Span{From: h.From, To: h.To} }
