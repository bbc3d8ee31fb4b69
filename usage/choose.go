package usage

import (
	"fmt"
	"time"
)

// When SourceAuto changes its mind: analytics/usage is left when its newest
// minute is leaveBehind older than the other report's, and taken again when it
// is less than returnBehind older. The space between keeps the choice steady.
const (
	leaveBehind  = 15 * time.Minute
	returnBehind = 10 * time.Minute
)

// Probe is what a small question to one report gave.
type Probe struct {
	Kind SourceKind
	// Newest is the start of the newest minute with a row; zero if none was seen.
	Newest time.Time
	// Refused is why the report does not serve this organization (400, 403 or
	// 404), in words; empty if it does.
	Refused string
	// Err is any other trouble (401, 429, 5xx, no answer), in words, or empty. It
	// may pass, so it moves no choice that was made.
	Err string
}

// answered reports whether the probe says what the report has.
func (p Probe) answered() bool { return p.Kind != "" && p.Refused == "" && p.Err == "" }

// Choose picks the report that tokens are taken from: present, with Kind and Why
// anew. mode is the configured usage_source: auto (also if empty), analytics or
// usage_report. A configured report is taken whatever the probes say.
//
// Otherwise analytics/usage is preferred, because it alone counts requests,
// unless it is refused or clearly behind the other report: by 15 minutes to leave
// it, by less than 10 to come back. A probe that is missing or got no answer
// moves nothing. Kind stays empty until some report has answered.
func Choose(mode string, probes []Probe, present Source) Source {
	var analytics, report Probe
	for _, p := range probes {
		switch p.Kind {
		case SourceAnalytics:
			analytics = p
		case SourceReport:
			report = p
		}
	}
	switch kind := SourceKind(mode); kind {
	case SourceAnalytics:
		present.Kind, present.Why = kind, configured(analytics)
	case SourceReport:
		present.Kind, present.Why = kind, configured(report)
	default:
		present.Kind, present.Why = choose(present.Kind, analytics, report)
	}
	return present
}

// choose picks by what the reports answered.
func choose(present SourceKind, analytics, report Probe) (kind SourceKind, why string) {
	switch {
	case analytics.Refused != "" && report.Refused != "":
		return present, "both reports are refused: " + analytics.Refused + "; " + report.Refused
	case analytics.Refused != "":
		return SourceReport, "analytics/usage is refused (" + analytics.Refused + "), so requests are not counted"
	case report.Refused != "":
		return SourceAnalytics, "usage_report/messages is refused (" + report.Refused + ")"
	case analytics.answered() && report.answered():
		return chooseByAge(present, analytics, report)
	case analytics.answered() && present != SourceReport:
		return SourceAnalytics, preferred
	case report.answered() && present == "":
		return SourceReport, "analytics/usage did not answer" + inParentheses(analytics.Err)
	case present == "":
		return "", "neither report has answered" + inParentheses(analytics.Err)
	case analytics.answered():
		return present, "kept, as usage_report/messages did not answer" + inParentheses(report.Err)
	}
	return present, "kept, as analytics/usage did not answer" + inParentheses(analytics.Err)
}

// preferred is why analytics/usage is taken where nothing speaks against it.
const preferred = "it counts requests too"

// chooseByAge picks between two reports that have both answered.
func chooseByAge(present SourceKind, analytics, report Probe) (kind SourceKind, why string) {
	switch {
	case report.Newest.IsZero() && analytics.Newest.IsZero() && present == SourceReport:
		return present, "kept, as neither report shows any usage"
	case report.Newest.IsZero():
		return SourceAnalytics, preferred
	case analytics.Newest.IsZero():
		return SourceReport, "analytics/usage shows no usage and usage_report/messages does"
	}
	behind := report.Newest.Sub(analytics.Newest)
	if behind >= leaveBehind || present == SourceReport && behind >= returnBehind {
		return SourceReport, fmt.Sprintf("analytics/usage is %d minutes behind usage_report/messages", int(behind.Minutes()))
	}
	return SourceAnalytics, preferred
}

// configured says why a configured report is taken, and what is wrong with it.
func configured(p Probe) string {
	switch {
	case p.Refused != "":
		return "it is configured, although it is refused (" + p.Refused + ")"
	case p.Err != "":
		return "it is configured, although it did not answer" + inParentheses(p.Err)
	}
	return "it is configured"
}
