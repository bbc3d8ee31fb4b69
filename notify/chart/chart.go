package chart

import (
	"time"

	"alerter/usage"
)

// Chart is what one picture shows. The zero value is not drawn: From must be
// before To.
type Chart struct {
	Title string // one line: which limit
	// From and To are the ends of the time axis; To is the moment of looking.
	From, To time.Time
	// Complete is the end of the last minute that is known for good. What is after
	// it, up to To, is shaded: it was not reported, or may still rise. Zero: all is
	// complete.
	Complete time.Time
	Lines    []Line
	Levels   []Level
	Spans    []Span
	Marks    []Mark
}

// LineKind says what a line is, and with it how it is drawn.
type LineKind string

// The kinds of lines.
const (
	Used LineKind = "used" // a filled area
	Read LineKind = "read" // a bold line: what a rule reads
)

// Line is one value for each minute.
type Line struct {
	Name string // in the legend
	Kind LineKind
	// Values begin with the minute at the chart's From: shares of the limit, 0 to 1
	// and more. NaN is a minute that is not known.
	Values []float64
}

// Level is a share of the limit that means something: the limit itself, or where a
// rule warns.
type Level struct {
	Name  string // "limit", or a severity
	Share float64
}

// Span is a stretch in which an alert fired.
type Span struct {
	From, To time.Time
	Severity string // info, warning or critical
}

// MarkKind says what happened at a mark.
type MarkKind string

// The kinds of marks.
const (
	Told    MarkKind = "told"    // a message was sent
	Changed MarkKind = "changed" // the limit changed
)

// Mark is something that happened at one moment.
type Mark struct {
	At   time.Time
	Kind MarkKind
	Text string // beside the mark, where there is room; may be empty
}

// Reading is how a rule reads a series. The zero value reads nothing: the chart
// has no such line.
type Reading struct {
	Window time.Duration // of the newest minutes; whole minutes
	// Depth is of a pressure rule: see [usage.Pressure]. Zero: the mean of the window.
	Depth time.Duration
	// Levels are the rule's, of info, warning and critical; zero where it has none.
	Levels [3]float64
}

// severities are the names of a reading's levels.
var severities = [3]string{"info", "warning", "critical"}

// New makes the chart of a series from from on, as it is seen at at. The minutes of
// the series before from count for the reading. Its title, spans and the marks of
// messages are the caller's to add.
func New(s usage.Series, from, at time.Time, r Reading) Chart {
	c := Chart{From: from.UTC().Truncate(time.Minute), To: at.UTC()}
	c.Lines = append(c.Lines, Line{Name: "used", Kind: Used, Values: c.cut(s, utilization(s))})
	if name, values := r.line(s); name != "" {
		c.Lines = append(c.Lines, Line{Name: name, Kind: Read, Values: c.cut(s, values)})
	}
	for i, share := range r.Levels {
		if share > 0 {
			c.Levels = append(c.Levels, Level{severities[i], share})
		}
	}
	c.Levels = append(c.Levels, Level{"limit", 1})
	c.Complete = s.From.Add(time.Duration(s.Settled) * time.Minute)
	c.Marks = c.limitChanges(s)
	return c
}
