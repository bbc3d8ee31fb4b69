package usage

import "time"

// Query asks one report for a span of minutes.
type Query struct {
	// Source is the report to read. SourceKeys is the report by API key: from
	// analytics/usage, or from the older report where that is refused.
	Source SourceKind
	// From and To are whole minutes; To is exclusive and at most 24 hours later.
	From, To time.Time
	// DefaultWorkspaceID stands in for the older report's null workspace. Empty:
	// it is not known, and such usage keeps an empty workspace, which a note says.
	DefaultWorkspaceID string
	// BeforePage, if set, is called before each page is asked for, the first
	// included: it may wait, to keep a pace. Its error ends the call.
	BeforePage func() error
}

// Answer is what a report showed of the asked span.
type Answer struct {
	// Minutes has one entry for each minute asked for, oldest first, also for those
	// without rows. Combinations are shared among them.
	Minutes []Minute
	// Newest is the start of the newest minute with a row; zero without any.
	Newest time.Time
	// RefreshedAt is the report's data_refreshed_at; zero where it has none. It is
	// not documented to mean that everything before it is complete.
	RefreshedAt time.Time
	Pages       int
	// SkippedRows counts rows that were left out; Notes says why.
	SkippedRows int
	ReadAt      time.Time // when the first page was asked for
	// Notes are whole sentences about what was odd, for the log and the page.
	Notes []string
}
