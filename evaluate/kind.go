package evaluate

import "time"

// Kind describes a rule kind to those who read rules from a file.
type Kind struct {
	// New returns the kind's condition with its defaults filled in, to be decoded into.
	// Its struct has yaml and json tags; its values decode from text ([Share], [Duration]).
	New func() Condition
	// Keys are the rule's own keys, beside the kind's, that belong to the
	// condition: `over` and `clear` for threshold.
	Keys []string
	// For, KeepFiringFor and RepeatInterval are the kind's defaults; a zero
	// RepeatInterval leaves it to the route.
	For, KeepFiringFor, RepeatInterval time.Duration
	// Doc is one sentence for the editor's help.
	Doc string
}
