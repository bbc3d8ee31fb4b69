package chart

// ink is what something is drawn for, which decides its colour.
type ink int

const (
	paper ink = iota // behind everything
	text
	quiet   // text beside the point
	grid    // lines behind the lines
	shade   // what is not complete
	used    // the utilization's line
	fill    // the area below it
	reading // what a rule reads
	level   // where it warns
	limit   // and the limit itself
	info
	warning
	critical
	inks // how many there are
)

// colour is an ink on light and on dark paper, as #rrggbb, and how much of it
// covers what is below: 1 all.
type colour struct {
	name        string
	light, dark string
	cover       float64
}

// palette is the colours. Those of lines and alerts are near Okabe and Ito's set,
// which people with any kind of colour blindness can tell apart:
// https://jfly.uni-koeln.de/color/ The light ones are of the sixteen shades that
// pictures have (see fewerColours).
var palette = [inks]colour{
	paper:    {"paper", "#ffffff", "#1f2228", 1},
	text:     {"text", "#222222", "#e6e8eb", 1},
	quiet:    {"quiet", "#555566", "#a5acb6", 1},
	grid:     {"grid", "#dddddd", "#353a43", 1},
	shade:    {"shade", "#777788", "#8b949e", 0.22},
	used:     {"used", "#0066bb", "#56b4e9", 1},
	fill:     {"fill", "#55bbee", "#0072b2", 0.45},
	reading:  {"reading", "#bb4400", "#f0a35e", 1},
	level:    {"level", "#555566", "#a5acb6", 1},
	limit:    {"limit", "#222222", "#e6e8eb", 1},
	info:     {"info", "#55bbee", "#56b4e9", 1},
	warning:  {"warning", "#ee9900", "#ee9900", 1},
	critical: {"critical", "#cc3300", "#ff7043", 1},
}

// inkOf is the ink of a severity.
func inkOf(severity string) ink {
	switch severity {
	case "critical":
		return critical
	case "warning":
		return warning
	}
	return info
}
