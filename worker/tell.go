package worker

import (
	"time"

	"alerter/usage"
)

// tell logs what a step did and wakes the deliverer.
func (w *Worker) tell(a *account, done *stepped, took time.Duration) {
	for _, n := range done.res.Notices {
		w.Log.Info().Str("rule", n.Alert.Rule).Str("fingerprint", string(n.Alert.Fingerprint)).
			Str("organization", n.Alert.Labels.Organization).Str("workspace", n.Alert.Labels.Workspace).
			Str("group", n.Alert.Labels.ModelGroup).Str("limiter", n.Alert.Labels.Limiter).
			Str("state", string(n.Alert.State)).Str("severity", string(n.Alert.Severity)).
			Str("reason", string(n.Reason)).Msg("alert changed")
	}
	w.tellUnmatched(a, done.unmatched)
	w.Log.Info().Time("at", done.at).Str("organization", a.label()).Str("took", took.Round(time.Millisecond).String()).
		Int("buckets", done.buckets).Int("alerts", len(done.res.Alerts)).Int("notices", len(done.res.Notices)).Msg("tick")
	w.Metrics.ticked(a.label(), done.at, took)
	if done.messages > 0 {
		w.wake()
	}
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
			w.Log.Info().Str("organization", a.label()).Str("workspace", l.WorkspaceID).Str("group", l.ModelGroup).
				Str("limiter", string(l.Limiter)).Str("reason", l.Reason).Msg("limit cannot be watched")
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
