package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

// amRefresh is how long an alert is taken to fire if nothing more is heard.
const amRefresh = 5 * time.Minute

// v2Alerts lists the alerts that fire, by fingerprint.
func (s *Server) v2Alerts(w http.ResponseWriter, r *http.Request) {
	s.v2Answer(w, r, func(q *v2Query, alerts []evaluate.Alert, statuses []route.Status) any {
		out := []v2Alert{}
		for i := range alerts {
			st := &statuses[i]
			muted := st.MutedBy()
			someone := slices.ContainsFunc(st.Groups, func(g route.GroupStatus) bool { return q.wantsReceiver(g.Receiver) })
			if q.wants(route.Labels(alerts[i]), st) && q.wantsMuted(muted) && (someone || q.receiver == nil) {
				out = append(out, s.v2Alert(alerts[i], st, muted))
			}
		}
		return out
	})
}

// v2Groups lists the alerts that fire by the groups they are in, as they are told together.
func (s *Server) v2Groups(w http.ResponseWriter, r *http.Request) {
	s.v2Answer(w, r, func(q *v2Query, alerts []evaluate.Alert, statuses []route.Status) any {
		groups := map[route.GroupRef]*v2Group{}
		for i := range alerts {
			st := &statuses[i]
			if !q.wants(route.Labels(alerts[i]), st) {
				continue
			}
			for _, g := range st.Groups {
				if !q.wantsReceiver(g.Receiver) || !q.wantsMuted(g.MutedBy) {
					continue
				}
				if groups[g.GroupRef] == nil {
					groups[g.GroupRef] = &v2Group{Labels: g.Labels, Receiver: v2Receiver{Name: g.Receiver}}
				}
				groups[g.GroupRef].Alerts = append(groups[g.GroupRef].Alerts, s.v2Alert(alerts[i], st, g.MutedBy))
			}
		}
		return inOrder(groups)
	})
}

// inOrder lists groups by receiver, then by key.
func inOrder(groups map[route.GroupRef]*v2Group) []*v2Group {
	refs := slices.SortedFunc(maps.Keys(groups), route.GroupRef.Compare)
	out := make([]*v2Group, len(refs))
	for i, ref := range refs {
		out[i] = groups[ref]
	}
	return out
}

// v2Answer answers with what is to be shown of the alerts that fire.
func (s *Server) v2Answer(w http.ResponseWriter, r *http.Request, show func(*v2Query, []evaluate.Alert, []route.Status) any) {
	q, err := parseV2Query(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	var in route.Input
	at := s.Now()
	if err := s.Store.View(ctx, func(tx *store.Tx) error { return readFiring(tx, at, &in) }); err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, show(&q, in.Alerts, route.Statuses(at, s.Routes(), in)))
}

// readFiring reads what fires, and what routing must know of it.
func readFiring(tx *store.Tx, at time.Time, in *route.Input) (err error) {
	if in.Alerts, err = tx.FiringAlerts(); err != nil {
		return err
	}
	if in.Silences, err = tx.Silences(at); err != nil {
		return err
	}
	prints := make([]evaluate.Fingerprint, len(in.Alerts))
	for i := range in.Alerts {
		prints[i] = in.Alerts[i].Fingerprint
	}
	refs, err := tx.GroupsOf(prints)
	if err != nil {
		return err
	}
	in.Groups, err = tx.Groups(refs, time.Time{})
	return err
}

// v2Alert is an alert as Alertmanager would show it.
func (s *Server) v2Alert(a evaluate.Alert, st *route.Status, muted []string) v2Alert {
	at := s.Now()
	said := s.View(a, route.Standing{})
	v := v2Alert{
		Labels: map[string]string{}, Annotations: said.Annotations, StartsAt: a.FiredAt, EndsAt: at.Add(amRefresh), UpdatedAt: at,
		Fingerprint: a.Fingerprint, Receivers: receiversOf(st.Groups),
		// Programs made for Alertmanager want lists, empty ones too.
		Status: v2AlertStatus{
			State: "active", SilencedBy: append([]string{}, st.SilencedBy...),
			InhibitedBy: append([]evaluate.Fingerprint{}, st.InhibitedBy...), MutedBy: append([]string{}, muted...),
		},
	}
	if len(st.SilencedBy)+len(st.InhibitedBy)+len(muted) > 0 {
		v.Status.State = "suppressed"
	}
	for name, value := range said.Labels {
		if value != "" {
			v.Labels[name] = value
		}
	}
	return v
}

// receiversOf names each receiver once.
func receiversOf(groups []route.GroupStatus) []v2Receiver {
	out := []v2Receiver{}
	for _, g := range groups {
		if r := (v2Receiver{Name: g.Receiver}); !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}
