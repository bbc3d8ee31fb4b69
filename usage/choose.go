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
func (p Probe) answered() bool { return p.Refused == "" && p.Err == "" }

// Choice is the report that tokens are taken from, and why, in one clause that a
// person understands.
type Choice struct {
	Kind SourceKind
	Why  string
}

// Choose picks the report that tokens are taken from. mode is what is
// configured, SourceAuto if empty; present is the choice so far, empty before the
// first one.
//
// A configured report is taken whatever the probes say. Otherwise analytics/usage
// is preferred, because it alone counts requests, unless it is refused or clearly
// behind the other report: by 15 minutes to leave it, by less than 10 to come
// back. A probe that got no answer moves nothing.
func Choose(mode, present SourceKind, analytics, report Probe) Choice {
	if mode == SourceAnalytics || mode == SourceReport {
		return Choice{mode, configured(mode, analytics, report)}
	}
	switch {
	case analytics.Refused != "" && report.Refused != "":
		return Choice{orAnalytics(present), fmt.Sprintf("both reports are refused: %s; %s", analytics.Refused, report.Refused)}
	case analytics.Refused != "":
		return Choice{SourceReport, "analytics/usage is refused (" + analytics.Refused + "), so requests are not counted"}
	case report.Refused != "":
		return Choice{SourceAnalytics, "usage_report/messages is refused (" + report.Refused + ")"}
	case analytics.Err != "" && present == "" && report.answered():
		return Choice{SourceReport, "analytics/usage did not answer (" + analytics.Err + ")"}
	case analytics.Err != "":
		return Choice{orAnalytics(present), "kept, as analytics/usage did not answer (" + analytics.Err + ")"}
	case report.Err != "" && present == SourceReport:
		return Choice{present, "kept, as usage_report/messages did not answer (" + report.Err + ")"}
	}
	return chooseByAge(present, analytics, report)
}

// chooseByAge picks between two reports of which neither is refused and
// analytics/usage has answered.
func chooseByAge(present SourceKind, analytics, report Probe) Choice {
	prefer := Choice{SourceAnalytics, "it counts requests too"}
	switch {
	case report.Newest.IsZero() && analytics.Newest.IsZero():
		return Choice{orAnalytics(present), "neither report shows any usage yet"}
	case report.Newest.IsZero():
		return prefer
	case analytics.Newest.IsZero():
		return Choice{SourceReport, "analytics/usage shows no usage yet and usage_report/messages does"}
	}
	behind := report.Newest.Sub(analytics.Newest)
	if behind >= leaveBehind || present == SourceReport && behind >= returnBehind {
		return Choice{SourceReport, fmt.Sprintf("analytics/usage is %d minutes behind usage_report/messages", int(behind.Minutes()))}
	}
	return prefer
}

// configured says why a configured report is taken, and what is wrong with it.
func configured(mode SourceKind, analytics, report Probe) string {
	p := report
	if mode == SourceAnalytics {
		p = analytics
	}
	switch {
	case p.Refused != "":
		return "it is configured, although it is refused (" + p.Refused + ")"
	case p.Err != "":
		return "it is configured, although it did not answer (" + p.Err + ")"
	}
	return "it is configured"
}

// orAnalytics is the present choice, and analytics/usage before the first one.
func orAnalytics(present SourceKind) SourceKind {
	if present == SourceReport {
		return SourceReport
	}
	return SourceAnalytics
}
