package notify

import (
	"fmt"
	"math"
	"time"

	"alerter/evaluate"
)

// oddsNotCounted stands where nothing was counted for a reading.
const oddsNotCounted = "how often such a reading leads to 429s has not been counted"

// odds says how often a reading like this one led to 429s.
func (t telling) odds() string {
	if !t.measures() || t.over() {
		return ""
	}
	odds := t.alert.Reading.Odds
	if odds == nil {
		return oddsNotCounted
	}
	if own := t.ownOdds(); own != nil {
		return ownOddsWords(*own, t.at)
	}
	return oddsWords(*odds, t.reason == evaluate.Fired)
}

// ownOdds is what was counted of such warnings of this limit, nil where that is too
// little, and where the message is no such warning.
func (t telling) ownOdds() *evaluate.Counted {
	odds := t.alert.Reading.Odds
	if odds == nil || t.reason != evaluate.Fired && t.reason != evaluate.Escalated {
		return nil
	}
	return odds.Own
}

// ownOddsWords puts a limit's own history into words, with how sure so few cases
// make it.
func ownOddsWords(own evaluate.Counted, at time.Time) string {
	low, high := evaluate.Wilson(own.Within60, own.Cases)
	said := fmt.Sprintf("in the last %s %d of %d such warnings of this limit were followed by reaching it within an hour (%s, between %.0f and %s)",
		lastDays(at.Sub(own.Since)), own.Within60, own.Cases, percent(float64(own.Within60)/float64(own.Cases)), evaluate.Percent(low), percent(high))
	if own.Within60 > 0 {
		said += fmt.Sprintf(", %d of them within 15 min", own.Within15)
	}
	return said
}

// lastDays writes a span as the days it touches: 90 days, 24 h.
func lastDays(d time.Duration) string {
	if days := int(math.Ceil(d.Hours() / 24)); days > 1 {
		return fmt.Sprintf("%d days", days)
	}
	return "24 h"
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
