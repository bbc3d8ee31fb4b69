package replay

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
)

// Failure is one expectation of a case that was not met.
type Failure struct {
	Where string // the place of the expectation in its file
	What  string // what was looked at
	// Diff has a line for each thing that is not as expected: "- " before what is
	// missing, "+ " before what is there and should not be, two spaces before what
	// is as it should be.
	Diff string
}

// String is the failure as it is printed.
func (f Failure) String() string { return f.Where + ": " + f.What + "\n" + f.Diff }

// Run takes the case's steps, up to its last expectation, and returns what was not
// as expected. annotate gives an alert's annotations; nil: it has none.
func (c *Case) Run(annotate func(evaluate.Alert) map[string]string) []Failure {
	world, play := newCaseWorld(c), Play{Rules: c.Rules, Tree: c.Tree, Silences: c.silences()}
	end := c.end()
	sent := make(map[string][]told)
	firing := make([][]evaluate.Alert, len(c.Alerts)) // at each expectation
	var failures []Failure
	var alerts []evaluate.Alert // as the step before left them
	for at, last := time.Duration(0), time.Duration(-1); at <= end; at, last = at+c.Every, at {
		failures = append(failures, c.acknowledge(&play, alerts, last, at)...)
		res := play.Step(world.start.Add(at), world.start.Add(at+c.Every), world.facts(at, last)...)
		alerts = res.Alerts
		for _, m := range res.Sent {
			sent[m.Receiver] = append(sent[m.Receiver], told{at, WantMessage{m.Reason, m.Items[0].Severity}})
		}
		for i, w := range c.Alerts {
			if at <= w.At && w.At < at+c.Every {
				firing[i] = firingOf(alerts, w.Alertname)
			}
		}
	}
	for i, w := range c.Alerts {
		if diff := w.diff(firing[i], annotate); diff != "" {
			failures = append(failures, Failure{w.Where, fmt.Sprintf("alerts of %s that fire at %s", w.Alertname, evaluate.Duration(w.At)), diff})
		}
	}
	return append(failures, c.compareMessages(sent)...)
}

// silences are the case's as routing knows them.
func (c *Case) silences() []route.Silence {
	var list []route.Silence
	for i, s := range c.Silences {
		list = append(list, route.Silence{
			ID: fmt.Sprintf("silence %d", i+1), Matchers: s.Matchers, StartsAt: c.start().Add(s.From), EndsAt: c.start().Add(s.To),
		})
	}
	return list
}

// acknowledge lets people take on, after last and up to at, what fires of what they
// mean. That nothing does is a failure: the test means something else than it says.
func (c *Case) acknowledge(play *Play, alerts []evaluate.Alert, last, at time.Duration) []Failure {
	var failures []Failure
	for _, k := range c.Acks {
		if k.At <= last || k.At > at {
			continue
		}
		var lines []string
		found := false
		for _, a := range alerts {
			if a.State != evaluate.Firing {
				continue
			}
			lines = append(lines, "  + "+labelText(a.Rule, route.Labels(a)))
			if !slices.ContainsFunc(k.Matchers, func(m route.Matcher) bool { return !m.Matches(route.Labels(a)) }) {
				found = true
				play.Acks = append(play.Acks, route.Ack{Fingerprint: a.Fingerprint, FiredAt: a.FiredAt, Worst: a.Worst, At: c.start().Add(k.At), By: k.By})
			}
		}
		if !found {
			slices.Sort(lines)
			what := fmt.Sprintf("alerts that fire before %s and are to be acknowledged", evaluate.Duration(k.At))
			failures = append(failures, Failure{k.Where, what, strings.Join(append([]string{"  - " + matcherText(k.Matchers)}, lines...), "\n")})
		}
	}
	return failures
}

// matcherText writes matchers as Prometheus does.
func matcherText(matchers []route.Matcher) string {
	var parts []string
	for _, m := range matchers {
		parts = append(parts, m.String())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// told is a message and the step after which it went.
type told struct {
	at      time.Duration
	message WantMessage
}

func firingOf(alerts []evaluate.Alert, name string) []evaluate.Alert {
	return slices.DeleteFunc(slices.Clone(alerts), func(a evaluate.Alert) bool {
		return a.State != evaluate.Firing || a.Rule != name
	})
}

// diff compares the alerts that fire with those that should.
func (w WantAlerts) diff(firing []evaluate.Alert, annotate func(evaluate.Alert) map[string]string) string {
	var want, got []string
	asked := make(map[string]map[string]string) // the annotations asked for, by labels
	for _, a := range w.Alerts {
		line := labelText(w.Alertname, a.Labels)
		asked[line] = a.Annotations
		want = append(want, line+annotationText(a.Annotations, a.Annotations))
	}
	for _, a := range firing {
		line := labelText(w.Alertname, route.Labels(a))
		var has map[string]string
		if annotate != nil && len(asked[line]) > 0 {
			has = annotate(a)
		}
		got = append(got, line+annotationText(has, asked[line]))
	}
	return diffLines(want, got)
}

// labelText writes labels as Prometheus does, sorted, without empty ones.
func labelText(alertname string, labels map[string]string) string {
	all := maps.Clone(labels)
	if all == nil {
		all = make(map[string]string)
	}
	all["alertname"] = alertname
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name] != "" {
			parts = append(parts, fmt.Sprintf("%s=%q", name, all[name]))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// annotationText writes those annotations that are asked for, each on a line.
func annotationText(has, asked map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		fmt.Fprintf(&b, "\n      %s: %q", name, has[name])
	}
	return b.String()
}

// compareMessages compares what each receiver was told between its expectations.
func (c *Case) compareMessages(sent map[string][]told) []Failure {
	var failures []Failure
	since := make(map[string]time.Duration)
	for _, w := range c.Messages {
		from, had := since[w.Receiver]
		since[w.Receiver] = w.At
		var got []WantMessage
		for _, m := range sent[w.Receiver] {
			if m.at <= w.At && (!had || m.at > from) {
				got = append(got, m.message)
			}
		}
		if diff := w.diff(got); diff != "" {
			what := fmt.Sprintf("messages to %s up to %s", w.Receiver, evaluate.Duration(w.At))
			if had {
				what = fmt.Sprintf("messages to %s after %s and up to %s", w.Receiver, evaluate.Duration(from), evaluate.Duration(w.At))
			}
			failures = append(failures, Failure{w.Where, what, diff})
		}
	}
	return failures
}

// diff compares the messages that went with those that should have gone.
func (w WantMessages) diff(sent []WantMessage) string {
	var want, got []string
	for _, m := range w.Messages {
		want = append(want, m.text())
	}
	unmet := slices.Clone(w.Messages)
	for _, m := range sent {
		i := slices.Index(unmet, m)
		if i < 0 { // any severity may do, of a message that is not expected with its own
			if i = slices.Index(unmet, WantMessage{Reason: m.Reason}); i >= 0 {
				m.Severity = ""
			}
		}
		if i >= 0 {
			unmet = slices.Delete(unmet, i, i+1)
		}
		got = append(got, m.text())
	}
	return diffLines(want, got)
}

func (m WantMessage) text() string {
	if m.Severity == "" {
		return string(m.Reason)
	}
	return string(m.Reason) + " " + string(m.Severity)
}

// diffLines compares two lists without regard to their order; empty if they are equal.
func diffLines(want, got []string) string {
	count := make(map[string]int)
	for _, line := range want {
		count[line]++
	}
	var lines []string
	equal := true
	for _, line := range got {
		if count[line] > 0 {
			count[line]--
			lines = append(lines, "    "+line)
			continue
		}
		equal = false
		lines = append(lines, "  + "+line)
	}
	for _, line := range want {
		if count[line] > 0 {
			count[line]--
			equal = false
			lines = append(lines, "  - "+line)
		}
	}
	if equal {
		return ""
	}
	return strings.Join(lines, "\n")
}
