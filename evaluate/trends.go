package evaluate

import (
	"slices"

	"alerter/usage"
	"alerter/usage/forecast"
)

// TrendDays is how many of the newest days growth rules look at.
const TrendDays = 7 * forecast.Weeks

// TrendOf fits a line through the daily peaks of a series, which come oldest first.
// It changes only when they do: whoever steps makes it once a day and keeps it.
func TrendOf(peaks []usage.DailyPeak) usage.Trend { return forecast.Fit(peaks) }

// LooksAtTrends reports whether one of the rules does.
func LooksAtTrends(rules []Rule) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool { return r.Condition.Kind() == kindGrowth })
}
