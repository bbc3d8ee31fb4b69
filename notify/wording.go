package notify

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// The rule kinds that have a wording of their own. Any other kind speaks through
// the detail of its reading.
const (
	kindPressure    = "pressure"
	kindThreshold   = "threshold"
	kindStale       = "stale"
	kindLimitChange = "limit_change"
	kindGrowth      = "growth"
)

// telling is one alert about to be told.
type telling struct {
	alert       evaluate.Alert
	reason      evaluate.Reason
	at          time.Time // when the message was decided: ages are as of then
	externalURL string    // may be empty
	by          string    // of acknowledged: who did
	until       time.Time // of silence_ending: when the silence ends
	flapping    bool      // it is told that it changes often
}

// text says it all.
func (t telling) text() Text {
	return Text{
		Title:     t.title(),
		Lead:      t.lead(),
		Facts:     t.facts(),
		Consumers: t.consumers(),
		Advice:    t.advice(),
		Rule:      t.rule(),
		Link:      alertLink(t.externalURL, t.alert.Fingerprint),
	}
}

// title is the alert in one line: [FIRING:warning] Claude Opus 5 · output
// tokens 87 % of 1.0 M per minute (whole organization).
func (t telling) title() string {
	status := bracket(t.reason, t.alert.Severity)
	if t.alert.Kind == kindLimitChange && t.reason == evaluate.Fired {
		status = changedBracket(t.alert.Severity)
	}
	return status + " " + t.summary()
}

// changedBracket is the status of a changed limit, which is told once and over:
// nothing fires.
func changedBracket(severity evaluate.Severity) string {
	return bracket("changed", severity)
}

// bracket is the status in front of every title.
func bracket(reason evaluate.Reason, severity evaluate.Severity) string {
	word := ""
	switch reason {
	case evaluate.ReasonResolved:
		return "[RESOLVED]"
	case evaluate.ReasonWithdrawn:
		return "[WITHDRAWN]"
	case evaluate.Fired:
		word = "FIRING"
	default:
		word = strings.ToUpper(strings.ReplaceAll(string(reason), "_", " "))
	}
	if severity == evaluate.None {
		return "[" + word + "]"
	}
	return "[" + word + ":" + string(severity) + "]"
}

// summary is the title without its status.
func (t telling) summary() string {
	switch {
	case t.alert.Kind == kindLimitChange && t.alert.Reading.Change != nil:
		return t.changeSummary()
	case t.grows():
		return t.growthSummary()
	case t.alert.Kind == kindStale:
		return joinWords(" · ", name(t.alert.Labels.Organization), "usage data "+pick(t.over(), "is fresh again", "is stale"))
	case !t.measures():
		return t.serviceSummary()
	}
	words := t.words()
	full := ""
	if how := t.howFull(); how.Known() && t.reason != evaluate.ReasonWithdrawn {
		full = " " + pick(t.over(), "back to ", "") + percent(float64(how))
		if limit := t.alert.Reading.Limit; limit.Known() {
			full += " of " + limitInTitle(float64(limit))
		}
	}
	return joinWords(" · ", t.group(), strings.TrimSpace(words.what+full+" "+words.per)) + " (" + t.scope() + ")"
}

// serviceSummary is the line for alerts about the service itself and for kinds
// without numbers.
func (t telling) serviceSummary() string {
	if words := t.service(); words.title != "" {
		return pick(t.over(), words.over, words.title)
	}
	about := joinWords(", ", t.part(), name(t.alert.Labels.Organization), t.group())
	if about != "" {
		about = " (" + about + ")"
	}
	return name(t.alert.Rule) + about
}

// changeSummary says what happened to a limit.
func (t telling) changeSummary() string {
	c := t.alert.Reading.Change
	limit := t.words().rate() + " limit"
	if t.alert.Labels.Limiter == "" {
		limit = "limits"
	}
	happened := ""
	switch c.Kind {
	case usage.LimitRaised, usage.LimitLowered:
		happened = fmt.Sprintf("%s %s from %s to %s", limit, c.Kind, limitInTitle(float64(c.Old)), limitInTitle(float64(c.New)))
	case usage.LimitAdded:
		happened = fmt.Sprintf("%s added: %s", limit, limitInTitle(float64(c.New)))
	case usage.LimitRemoved:
		happened = fmt.Sprintf("%s removed, it was %s", limit, limitInTitle(float64(c.Old)))
	case usage.OverrideAdded:
		happened = fmt.Sprintf("%s of its own: %s", limit, limitInTitle(float64(c.New)))
	case usage.OverrideRemoved:
		happened = fmt.Sprintf("no %s of its own any more, it was %s", limit, limitInTitle(float64(c.Old)))
	case usage.ModelMoved:
		happened = fmt.Sprintf("model %s now counts here", name(c.Model))
	default:
		happened = fmt.Sprintf("%s: %s", limit, strings.ReplaceAll(string(c.Kind), "_", " "))
	}
	return joinWords(" · ", t.group(), happened) + " (" + t.scope() + ")"
}

// group is the model group's name, or empty.
func (t telling) group() string { return name(t.alert.Labels.ModelGroup) }

// words describes the alert's limiter.
func (t telling) words() limiterWords {
	return wordsOf(usage.Limiter(t.alert.Labels.Limiter))
}

// scope says whose limit it is.
func (t telling) scope() string {
	if t.alert.Labels.Workspace == "" {
		return "whole organization"
	}
	return "workspace " + name(t.alert.Labels.Workspace)
}

// over reports whether the message is about the end of the alert.
func (t telling) over() bool { return isOver(t.reason) }

// measures reports whether the alert is about how full a limit is.
func (t telling) measures() bool {
	return t.alert.Kind == kindPressure || t.alert.Kind == kindThreshold
}

// howFull is the share of the limit to put into a title: the mean over the
// stretch that was judged, or the newest minute once that is over.
func (t telling) howFull() evaluate.Number {
	r := t.alert.Reading
	if t.over() || !r.Mean.Known() || r.Mean == 0 {
		return r.Utilization
	}
	return r.Mean
}

// alertLink is where the service's page shows the alert; empty without a page.
func alertLink(externalURL string, fp evaluate.Fingerprint) string {
	if externalURL == "" {
		return ""
	}
	return strings.TrimRight(externalURL, "/") + "/#" + url.PathEscape(string(fp))
}

// joinWords joins the parts that are not empty.
func joinWords(by string, parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, by)
}

// pick returns yes or no.
func pick(which bool, yes, no string) string {
	if which {
		return yes
	}
	return no
}
