package evaluate

import (
	"math"
	"time"

	"alerter/usage"
)

// WhyUnknown says in words for people why [Read] can tell nothing of a series at
// the given moment; empty where it can.
func WhyUnknown(at time.Time, s *usage.Series, source usage.Source, settle time.Duration) string {
	if Read(at, s, settle).Utilization.Known() {
		return ""
	}
	newest := len(s.Points) - 1
	for newest >= 0 && math.IsNaN(s.Points[newest].Used) {
		newest--
	}
	age := at.Sub(source.DataAsOf)
	switch {
	case newest >= 0 && math.IsNaN(s.Points[newest].Limit):
		return "the limit of its newest minute is not known"
	case source.DataAsOf.IsZero():
		return "no usage has been seen yet"
	case age > maxAge(settle):
		return "the newest usage data are " + Duration(age.Truncate(time.Minute)).String() + " old"
	case !source.Kind.Counts(s.ID.Limiter):
		return string(source.Kind) + ", the report in use, does not count requests"
	case newest < 0 && s.ID.Limiter == usage.TokensPerDay:
		return "less than nine tenths of its last 24 hours has been read"
	}
	return "its newest minutes have not been read"
}
