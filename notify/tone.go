package notify

import "alerter/evaluate"

// tone is how a message feels, for the colour or the symbol of its title.
type tone int

const (
	toneNeutral tone = iota
	toneGood
	toneWarning
	toneCritical
)

// toneOf is the tone of a message.
func toneOf(m Message) tone { return toneFor(m.Reason, worst(m)) }

// toneFor is the tone of a reason at a severity.
func toneFor(r evaluate.Reason, s evaluate.Severity) tone {
	switch {
	case r == evaluate.ReasonResolved:
		return toneGood
	case r == evaluate.ReasonWithdrawn:
		return toneNeutral
	case s == evaluate.Critical:
		return toneCritical
	case s == evaluate.Warning:
		return toneWarning
	}
	return toneNeutral
}
