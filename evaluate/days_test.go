package evaluate_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// daily is a case that takes weeks: one series, by the day. It begins on a Monday.
type daily struct {
	peaks, limit []float64 // by day; a peak that is NaN is not known, the last limit goes on
	weekends     float64   // what part of a peak there is on weekend days
	from, to     int       // the days that are looked at
}

// parseDays reads the lines of a days section.
func parseDays(text string) (*daily, error) {
	d := &daily{weekends: 1}
	for line := range strings.Lines(text) {
		key, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		var err error
		switch key {
		case "":
		case "peaks":
			var more []float64
			more, err = parseValues(rest)
			d.peaks = append(d.peaks, more...)
		case "limit":
			d.limit, err = parseValues(rest)
		case "weekends":
			_, err = fmt.Sscan(rest, &d.weekends)
		case "looks":
			_, err = fmt.Sscanf(rest, "%d to %d", &d.from, &d.to)
		default:
			err = errors.New("unknown word")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strings.TrimSpace(line), err)
		}
	}
	return d, nil
}

// known are the peaks that are known at a moment: of each day an hour after its end.
func (d *daily) known(now time.Time) []usage.DailyPeak {
	var known []usage.DailyPeak
	for i, peak := range d.peaks {
		midnight := day.AddDate(0, 0, i)
		if midnight.Add(25*time.Hour).After(now) || math.IsNaN(peak) {
			continue
		}
		if w := midnight.Weekday(); w == time.Saturday || w == time.Sunday {
			peak *= d.weekends
		}
		known = append(known, usage.DailyPeak{Day: midnight, P99: peak, Max: peak, Minutes: 1440})
	}
	return known
}

// play looks every ten minutes.
func (d *daily) play(rules []evaluate.Rule) (results []evaluate.Result) {
	id := usage.ID{OrganizationID: "org-1", GroupID: "rlg_opus", Limiter: usage.OutputTokens}
	f := &usage.Facts{Organization: usage.Organization{ID: "org-1", Name: "acme"}}
	var prior []evaluate.Alert
	for now := day.AddDate(0, 0, d.from); now.Before(day.AddDate(0, 0, d.to)); now = now.Add(10 * time.Minute) {
		limit := at(d.limit, int(now.Sub(day)/(24*time.Hour)))
		f.Series = []usage.Series{{
			ID: id, Labels: usage.Labels{Organization: "acme", ModelGroup: "Claude Opus 5", Limiter: string(id.Limiter)},
			From: now.Add(-time.Minute), Points: []usage.Point{{Used: math.NaN(), Limit: limit}},
		}}
		if f.Trends == nil || now.Hour() == 1 && now.Minute() == 0 {
			f.Trends = map[usage.ID]usage.Trend{id: evaluate.TrendOf(d.known(now))}
		}
		res := evaluate.Step(now, rules, f, prior)
		results = append(results, res)
		prior, f.SteppedAt = res.Alerts, now
	}
	return results
}
