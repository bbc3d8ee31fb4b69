package evaluate

import (
	"maps"
	"slices"
	"time"
)

// Kind describes a rule kind to those who read rules from a file.
type Kind struct {
	// New returns a pointer to the kind's condition with its defaults filled in, to
	// be decoded into. Its struct has yaml and json tags; its values decode from
	// text ([Share], [Duration]). Levels by severity are one default: they are
	// empty here, all of them are filled in where none is written, and none
	// where one is.
	New func() Condition
	// Keys are the rule's own keys, beside the kind's, that belong to the
	// condition: `over` and `clear` for threshold.
	Keys []string
	// For, KeepFiringFor and RepeatInterval are the kind's defaults; a zero
	// RepeatInterval leaves it to the route.
	For, KeepFiringFor, RepeatInterval time.Duration
	// Momentary kinds end their alerts as they begin them: `for`,
	// `keep_firing_for` and `repeat_interval` would mean nothing, and are refused.
	Momentary bool
	// Doc is one sentence for the editor's help.
	Doc string
}

// kinds lists every rule kind there is. A new one is a file and an entry here.
var kinds = map[string]Kind{
	kindGrowth: {
		New:            func() Condition { return &Growth{} },
		KeepFiringFor:  48 * time.Hour,
		RepeatInterval: 24 * time.Hour,
		Doc:            "How many days are left until the daily peak reaches the limit, at the pace of the last weeks (default levels: info 28d, warning 7d).",
	},
	kindLimitChange: {
		New:       func() Condition { return &LimitChange{Severity: Warning} },
		Momentary: true,
		Doc:       "One message for each limit that was raised, lowered, added or removed, each model that moved, each workspace override that came or went.",
	},
	kindPressure: {
		New:            func() Condition { return &Pressure{Window: Duration(pressureWindow), Depth: Duration(pressureDepth)} },
		KeepFiringFor:  15 * time.Minute,
		RepeatInterval: time.Hour,
		Doc:            "The bucket-equivalent rate of the newest minutes: how near the limit's token bucket came to empty (default levels: info 70%, warning 85%, critical 93%).",
	},
	kindStale: {
		New: func() Condition { return &Stale{} },
		Doc: "How old the newest usage data are (default levels: warning 15m, critical 45m).",
	},
	kindThreshold: {
		New:           func() Condition { return &Threshold{Over: Duration(thresholdOver)} },
		Keys:          []string{"over", "clear"},
		For:           2 * time.Minute,
		KeepFiringFor: 10 * time.Minute,
		Doc:           "The mean share of the limit used over the newest minutes.",
	},
}

// Kinds lists the names of the rule kinds, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

// KindOf is the rule kind of that name, and reports whether there is one.
func KindOf(name string) (Kind, bool) {
	kind, ok := kinds[name]
	return kind, ok
}
