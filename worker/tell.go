package worker

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

// tell logs what a step did and wakes the deliverer.
func (w *Worker) tell(a *account, done *stepped, took time.Duration) {
	for _, n := range done.res.Notices {
		line := w.Log.Info().Str("rule", n.Alert.Rule).Str("fingerprint", string(n.Alert.Fingerprint)).
			Str("state", string(n.Alert.State)).Str("severity", string(n.Alert.Severity)).Str("reason", string(n.Reason))
		labels(line, n.Alert.Labels).Msg("alert changed")
	}
	w.tellUnmatched(a, done.unmatched)
	level := zerolog.DebugLevel
	if a.noteworthy(done.res) {
		level = zerolog.InfoLevel
	}
	w.Log.WithLevel(level).Time("at", done.at).Str("organization", a.label()).Str("took", took.Round(time.Millisecond).String()).
		Int("buckets", done.buckets).Int("alerts", len(done.res.Alerts)).Int("notices", len(done.res.Notices)).Msg("rules evaluated")
	w.Metrics.ticked(a.label(), done.at, took)
	w.followUp(done.routed)
}

// followUp counts what a step decided not to send, and wakes the deliverer for what it
// did, once both are written.
func (w *Worker) followUp(r routed) {
	w.Metrics.suppressed(r.withheld)
	if r.messages > 0 {
		w.wake()
	}
}

// noteworthy reports whether a step deserves an operator's eye: the first one of
// this process, one that alerts changed in, and one before which reading began
// or ceased to fail. All others are as every minute is.
func (a *account) noteworthy(res evaluate.Result) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := evaluatedWell
	if a.problem != "" {
		now = evaluatedWithTrouble
	}
	before := a.evaluated
	a.evaluated = now
	return now != before || len(res.Notices) > 0
}

// tellTrouble logs an alert about the service itself, with the job or the receiver
// that it is about.
func (w *Worker) tellTrouble(n evaluate.Notice) {
	level := zerolog.WarnLevel
	if n.Reason == evaluate.ReasonResolved {
		level = zerolog.InfoLevel
	}
	line := w.Log.WithLevel(level).Str("rule", n.Alert.Rule).Str("state", string(n.Alert.State)).
		Str("severity", string(n.Alert.Severity)).Str("reason", string(n.Reason))
	part := n.Alert.Subject.Part
	switch n.Alert.Rule {
	case usage.JobFailing:
		if n.Alert.Labels.Organization != "" {
			part = part[strings.LastIndex(part, "/")+1:] // behind the organization's name
		}
		line.Str("job", part)
	case usage.DeliveryFailing, usage.MessageDead, usage.ReceiverClosed:
		line.Str("receiver", part)
	}
	labels(line, n.Alert.Labels).Msg("the service itself")
}

// labels adds what a line is about; an empty workspace is the whole organization.
func labels(line *zerolog.Event, of usage.Labels) *zerolog.Event {
	for _, label := range []struct{ name, value string }{
		{"organization", of.Organization}, {"workspace", of.Workspace}, {"group", of.ModelGroup}, {"limiter", of.Limiter},
	} {
		if label.value != "" {
			line.Str(label.name, label.value)
		}
	}
	return line
}

// tellUnmatched logs each thing that could not be joined once.
func (w *Worker) tellUnmatched(a *account, u usage.Unmatched) {
	for _, m := range u.Models {
		if a.firstTime("model " + m.Model + m.Reason) {
			w.Log.Warn().Str("organization", a.label()).Str("model", m.Model).Str("reason", m.Reason).Msg("usage is in no limit")
		}
	}
	for _, l := range u.Limiters {
		if a.firstTime("limit " + l.WorkspaceID + l.GroupID + string(l.Limiter) + l.Reason) {
			of := usage.Labels{Organization: a.label(), Workspace: l.WorkspaceID, ModelGroup: l.ModelGroup, Limiter: string(l.Limiter)}
			labels(w.Log.Info(), of).Str("reason", l.Reason).Msg("limit cannot be watched")
		}
	}
}

func (a *account) firstTime(what string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.unmatched[what] {
		return false
	}
	a.unmatched[what] = true
	return true
}

// logOf adds to a line which message it is about: to whom, of which alerts.
func logOf(line *zerolog.Event, d store.Delivery) *zerolog.Event {
	if m, err := message(&d); err == nil { // else the line's own error says that it cannot be read
		var rules, groups []string
		for _, it := range m.Items {
			rules = append(rules, it.Alert.Labels["alertname"])
			groups = append(groups, it.Alert.Labels["model_group"])
		}
		if names := each(rules); names != "" { // a digest is of no alert
			line.Str("rule", names)
		}
		if names := each(groups); names != "" { // alerts about the service itself have none
			line.Str("group", names)
		}
	}
	return line.Str("receiver", d.Receiver).Str("reason", string(d.Reason)).Int("attempt", d.Attempts)
}

// mostNames is how many names a line of the log lists.
const mostNames = 10

// each is every name once, in order, the first ten of them.
func each(names []string) string {
	var once []string
	for _, name := range names {
		if name != "" && !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	if more := len(once) - mostNames; more > 0 {
		once = append(once[:mostNames], fmt.Sprintf("%d more", more))
	}
	return strings.Join(once, ", ")
}
