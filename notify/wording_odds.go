package notify

import (
	"fmt"

	"alerter/evaluate"
)

// oddsNotCounted stands where nothing was counted for a reading.
const oddsNotCounted = "how often such a reading leads to 429s has not been counted"

// odds says how often a reading like this one led to 429s.
func (t telling) odds() string {
	if !t.measures() || t.over() {
		return ""
	}
	if t.alert.Reading.Odds == nil {
		return oddsNotCounted
	}
	return oddsWords(*t.alert.Reading.Odds, t.reason == evaluate.Fired)
}

// oddsWords puts counted history into words, to be read behind "429s". A first
// warning has better odds than a minute at the same level, because most such
// minutes come after it. What hardly ever happened is not given a number: too few
// cases were counted for one.
func oddsWords(o evaluate.Odds, first bool) string {
	said := fmt.Sprintf("followed such a minute within 15 min in %s of cases, within the hour in %s", percent(o.Within15), percent(o.Within60))
	switch {
	case first && o.Warned60 > o.Within60:
		said = fmt.Sprintf("followed a first warning like this one within the hour in %s of cases", percent(o.Warned60))
	case rare(o.Within60):
		said = "rarely followed such a minute within the hour"
	case rare(o.Within15):
		said = fmt.Sprintf("followed such a minute within the hour in %s of cases, rarely within 15 min", percent(o.Within60))
	}
	if source := name(o.Source); source != "" {
		said += " (" + source + ")"
	}
	return said
}

// rare reports whether a share of cases is too small to be given in percent.
func rare(share float64) bool { return evaluate.Percent(share) <= 1 }
