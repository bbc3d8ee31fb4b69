package worker

import (
	"fmt"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

// leaveBehind ends the alerts of organizations that are not in the plan any
// more: whoever heard of them hears that they are no longer watched. It waits
// until every organization of the plan is known by its id, since one that was
// only renamed in the file is the same.
func (w *Worker) leaveBehind(tx *store.Tx) (out routed, err error) {
	var ids []string
	for _, a := range w.organizations() {
		id := a.organization().ID
		if id == "" {
			return out, nil
		}
		ids = append(ids, id)
	}
	left, err := tx.Unwatched(ids)
	if err != nil {
		return out, err
	}
	for _, org := range left {
		more, err := w.forsake(tx, org)
		if err != nil {
			return out, fmt.Errorf("stop watching %s: %w", org.Name, err)
		}
		out.add(more)
	}
	return out, nil
}

// forsake withdraws one organization's alerts.
func (w *Worker) forsake(tx *store.Tx, org usage.Organization) (out routed, err error) {
	prior, err := tx.Alerts(org.ID)
	if err != nil {
		return out, err
	}
	at, last, due, err := w.turnOf(tx, org.ID)
	if err != nil || !due {
		return out, err
	}
	facts := usage.Facts{Organization: org, SteppedAt: last}
	res := evaluate.Step(at, nil, &facts, prior)
	why := "the organization " + org.Name + " is not in the configuration any more"
	for _, list := range [][]evaluate.Alert{res.Alerts, res.Changed} {
		for i := range list {
			list[i].Why = why
		}
	}
	for i := range res.Notices {
		res.Notices[i].Alert.Why = why
	}
	if out, err = w.route(tx, at, org, res.Notices, res.Alerts); err != nil {
		return out, err
	}
	if err := putStep(tx, org.ID, at, res, ""); err != nil {
		return out, err
	}
	w.Log.Info().Str("organization", org.Name).Int("notices", len(res.Notices)).Msg("organization is no longer watched")
	return out, tx.Unwatch(org.ID)
}
