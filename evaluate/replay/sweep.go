package replay

import (
	"slices"

	"alerter/evaluate"
)

// sweepLevels are the warning levels that a sweep tries, beside the rule's own.
var sweepLevels = []float64{0.70, 0.75, 0.80, 0.85, 0.90, 0.93}

// Variant is a set of rules in which one warns at another level.
type Variant struct {
	Alertname string
	Level     float64 // of the first severity that is told, a share of the limit
	Written   bool    // this is the level that the rule has
	Rules     []evaluate.Rule
}

// Variants are the sets of rules of a sweep: for each rule that foretells that a limit
// is reached, by their order and level, one for each level that is tried. Of a rule's
// levels the warning moves, or where there is none critical. Info stays where it is
// milder and is left out where it is not; a critical level that would not be worse takes
// the warning's place.
func Variants(rules []evaluate.Rule) []Variant {
	var all []Variant
	for i := range rules {
		c, ok := rules[i].Condition.(leveled)
		if !ok {
			continue
		}
		own := c.Levels()
		first := firstTold(own)
		if first < 0 {
			continue // only info
		}
		tried := append(slices.Clone(sweepLevels), own[first])
		slices.Sort(tried)
		for _, level := range slices.Compact(tried) {
			v := Variant{Alertname: rules[i].Alert, Level: level, Written: level == own[first], Rules: rules}
			if !v.Written {
				v.Rules = slices.Clone(rules)
				v.Rules[i].Condition = c.WithLevels(moved(own, first, level))
			}
			all = append(all, v)
		}
	}
	return all
}

// firstTold is the index of the mildest level that is told by every route; -1: none.
func firstTold(levels [3]float64) int {
	for i, severity := range evaluate.Severities {
		if levels[i] > 0 && severity != evaluate.Info {
			return i
		}
	}
	return -1
}

// moved are levels of which one is another, and which rise still.
func moved(levels [3]float64, index int, level float64) [3]float64 {
	levels[index] = level
	for i := range index {
		if levels[i] >= level {
			levels[i] = 0
		}
	}
	for i := index + 1; i < len(levels); i++ {
		if levels[i] > 0 && levels[i] <= level {
			levels[index], levels[i], index = 0, level, i
		}
	}
	return levels
}

// Total is how a rule did on all limits together, as [Score] counts it.
type Total struct {
	Fired        int
	Notified     int
	TimesAtLimit int
	Judgement
}

// Total is how one rule did on all limits together. Rules are those that the report
// is of.
func (r *Report) Total(alertname string, rules []evaluate.Rule) Total {
	var t Total
	for _, s := range r.Scores(rules) {
		if s.Alertname == alertname {
			t.Fired, t.Notified, t.TimesAtLimit = t.Fired+s.Fired, t.Notified+s.Notified, t.TimesAtLimit+s.TimesAtLimit
			t.add(s.Judgement)
		}
	}
	return t
}
