package usage

import "time"

// SourceKind names a report that usage is read from.
type SourceKind string

// The reports usage is read from.
const (
	// SourceAnalytics is analytics/usage, which counts requests.
	SourceAnalytics SourceKind = "analytics"
	// SourceReport is usage_report/messages, which does not.
	SourceReport SourceKind = "usage_report"
	// SourceKeys is the slower query by API key, used for attribution only.
	SourceKeys SourceKind = "keys"
)

// Counts reports whether the report shows what l counts: usage_report/messages
// shows tokens and no requests.
func (k SourceKind) Counts(l Limiter) bool { return k != SourceReport || l != RequestsPerMinute }

// Source says where an organization's usage comes from and how fresh it is.
type Source struct {
	OrganizationID string
	Organization   string     // the name people know it by
	Kind           SourceKind // the one tokens are taken from; empty before the first choice
	Why            string     // one clause a person understands: why this one
	// DataAsOf is the end of the newest minute in which the report showed any
	// row; zero if none has been seen yet.
	DataAsOf time.Time
	// Since is when the service began to look: the age of data that never came
	// counts from here.
	Since time.Time
	// Problem is why the last attempt to read it did not succeed, in words, or empty.
	Problem string
}

// DataAsOf is the end of the newest minute that a report which counts has shown, as
// [Window] has it in Reported; zero where none has shown any.
func DataAsOf(reported map[SourceKind]time.Time) (end time.Time) {
	for kind, start := range reported {
		if after := start.Add(time.Minute); kind != SourceKeys && !start.IsZero() && after.After(end) {
			end = after
		}
	}
	return end
}
