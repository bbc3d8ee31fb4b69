package usage

import "time"

// Facts is what is known of one organization at one moment: all that rules may look at.
type Facts struct {
	Organization Organization
	Groups       map[string]Group
	Series       []Series
	Changes      []Change // limit changes seen since the last step
	Sources      []Source // one per organization
	// Trends is how the daily peaks of each series grow; nil where nobody asks. A
	// series without one has no known day yet.
	Trends    map[ID]Trend
	Troubles  []Trouble // what is wrong with the service itself
	Settle    time.Duration
	SteppedAt time.Time // when the previous step was; zero before the first
}
