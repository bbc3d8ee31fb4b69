package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// perfdataMost bounds the perfdata: monitoring systems cut long lines.
const perfdataMost = 40

// gauge is one limit, as the rules judge it.
type gauge struct {
	labels usage.Labels
	// value is what the first rule of the file that judges the limit compares with
	// its levels; without such a rule, the pressure. NaN: not known.
	value   evaluate.Number
	levels  [3]float64 // that rule's, by Severity.Rank()-1; zero where there is none
	judged  bool       // by some rule
	unknown string     // why nothing can be said of it; empty where something can
	counted bool       // the report in use counts what the limit counts
}

// gauges reads every series of facts.
func gauges(at time.Time, rules []evaluate.Rule, facts *usage.Facts) []gauge {
	verdicts := map[usage.ID]evaluate.Verdict{}
	for _, r := range rules {
		// The other kinds do not compare use with a limit.
		if !evaluate.Foretells(r.Condition.Kind()) {
			continue
		}
		for v := range r.Condition.Verdicts(at, r.Match, facts) {
			if _, judged := verdicts[v.Subject.ID]; !judged {
				verdicts[v.Subject.ID] = v
			}
		}
	}
	source := facts.Sources[0]
	out := make([]gauge, 0, len(facts.Series))
	for i := range facts.Series {
		s := &facts.Series[i]
		g := gauge{
			labels: s.Labels, value: evaluate.Read(at, s, facts.Settle).Pressure,
			unknown: evaluate.WhyUnknown(at, s, source, facts.Settle), counted: source.Kind.Counts(s.ID.Limiter),
		}
		if v, judged := verdicts[s.ID]; judged {
			g.value, g.levels, g.judged = v.Reading.Value, v.Levels, true
		}
		out = append(out, g)
	}
	return out
}

// perfdata is every limit of the looks in the form of Nagios plugins, and how many
// there was no room for.
func perfdata(looks []look) (text string, left int) {
	var entries []string
	for _, l := range looks {
		for _, g := range l.gauges {
			if len(looks) == 1 {
				g.labels.Organization = "" // says nothing where there is one
			}
			entries = append(entries, g.perfdata())
		}
	}
	shown := entries[:min(len(entries), perfdataMost)]
	return strings.Join(shown, " "), len(entries) - len(shown)
}

// perfdata is the value in percent with the marks of warning and critical, U where
// it is not known:
// https://www.monitoring-plugins.org/doc/guidelines.html#AEN197
func (g gauge) perfdata() string {
	name := strings.Join([]string{g.labels.Organization, g.labels.ModelGroup, g.labels.Workspace, g.labels.Limiter}, " ")
	name = strings.Map(func(c rune) rune {
		if c == '\'' || c == '=' || c == '|' || c < ' ' {
			return '_'
		}
		return c
	}, strings.Join(strings.Fields(name), "_"))
	value := "U"
	if g.value.Known() {
		value = inPercent(float64(g.value)) + "%"
	}
	return fmt.Sprintf("'%s'=%s;%s;%s;0;", name, value, levelMark(g.levels[1]), levelMark(g.levels[2]))
}

// levelMark is a level in percent; empty where there is none.
func levelMark(level float64) string {
	if level == 0 {
		return ""
	}
	return inPercent(level)
}

// inPercent has one digit behind the point, where it means something.
func inPercent(ratio float64) string {
	return strconv.FormatFloat(math.Round(ratio*1000)/10, 'f', -1, 64)
}
