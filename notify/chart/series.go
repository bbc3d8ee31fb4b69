package chart

import (
	"math"
	"strconv"
	"time"

	"alerter/usage"
)

// utilization is that of each point.
func utilization(s usage.Series) []float64 {
	shares := make([]float64, len(s.Points))
	for i, p := range s.Points {
		shares[i] = p.Utilization()
	}
	return shares
}

// mostShare is the most that a minute counts as, as it does for rules: use of a
// limit of zero is beyond any share.
const mostShare = 100

// line is what the rule read after each minute, and what that is called; an empty
// name where there is nothing to show beside the utilization, as for limits per day.
// Minutes of the window that are not known count as unused, so that the line is a
// lower bound there; where the newest one is not known, nothing is.
func (r Reading) line(s usage.Series) (name string, values []float64) {
	window := int(r.Window / time.Minute)
	if window <= 0 || s.ID.Limiter.Period() == 24*time.Hour {
		return "", nil
	}
	shares := utilization(s)
	values = make([]float64, len(shares))
	known := make([]float64, len(shares))
	for i, share := range shares {
		known[i] = min(share, mostShare)
		if math.IsNaN(share) {
			known[i] = 0
		}
	}
	for i := range shares {
		values[i] = math.NaN()
		if math.IsNaN(shares[i]) {
			continue
		}
		newest := known[max(0, i+1-window) : i+1]
		if r.Depth > 0 {
			values[i], _ = usage.Pressure(newest, r.Depth.Minutes())
			continue
		}
		values[i] = mean(newest, window)
	}
	if r.Depth > 0 {
		return "pressure", values
	}
	return "mean of " + strconv.Itoa(window) + " min", values
}

// mean is the sum of shares by how many minutes there are.
func mean(shares []float64, minutes int) float64 {
	total := 0.0
	for _, share := range shares {
		total += share
	}
	return total / float64(minutes)
}

// minutes is how many minutes the time axis shows, a part of one counted whole.
func (c *Chart) minutes() int {
	return int((c.To.Sub(c.From) + time.Minute - 1) / time.Minute)
}

// cut moves the values of a series, one for each of its points, to the chart's time.
func (c *Chart) cut(s usage.Series, values []float64) []float64 {
	out := make([]float64, max(0, c.minutes()))
	first := int(c.From.Sub(s.From) / time.Minute)
	for i := range out {
		out[i] = math.NaN()
		if k := first + i; k >= 0 && k < len(values) {
			out[i] = values[k]
		}
	}
	return out
}

// limitChanges marks the minutes in which another limit begins to hold.
func (c *Chart) limitChanges(s usage.Series) []Mark {
	var marks []Mark
	before := math.NaN()
	for i, p := range s.Points {
		at := s.From.Add(time.Duration(i) * time.Minute)
		if p.Limit != before && at.After(c.From) && at.Before(c.To) && !math.IsNaN(p.Limit) && !math.IsNaN(before) {
			marks = append(marks, Mark{At: at, Kind: Changed, Text: "limit " + amount(before) + " → " + amount(p.Limit)})
		}
		if !math.IsNaN(p.Limit) {
			before = p.Limit
		}
	}
	return marks
}

// amount writes a limit with all its figures, in groups of three: 1,250,000.
func amount(n float64) string {
	digits := strconv.FormatFloat(n, 'f', -1, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
