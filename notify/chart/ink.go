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

// palette is the colours. Those of lines and alerts are of Okabe and Ito's set,
// which people with any kind of colour blindness can tell apart:
// https://jfly.uni-koeln.de/color/
var palette = [inks]colour{
	paper:    {"paper", "#ffffff", "#1f2228", 1},
	text:     {"text", "#1f2328", "#e6e8eb", 1},
	quiet:    {"quiet", "#57606a", "#a5acb6", 1},
	grid:     {"grid", "#e3e6ea", "#353a43", 1},
	shade:    {"shade", "#6e7781", "#8b949e", 0.22},
	used:     {"used", "#0072b2", "#56b4e9", 1},
	fill:     {"fill", "#56b4e9", "#0072b2", 0.45},
	reading:  {"reading", "#b34700", "#f0a35e", 1},
	level:    {"level", "#57606a", "#a5acb6", 1},
	limit:    {"limit", "#1f2328", "#e6e8eb", 1},
	info:     {"info", "#56b4e9", "#56b4e9", 1},
	warning:  {"warning", "#e69f00", "#e69f00", 1},
	critical: {"critical", "#c43300", "#ff7043", 1},
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
