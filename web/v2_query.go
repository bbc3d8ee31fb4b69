package web

import (
	"fmt"
	"net/url"
	"strconv"

	"alerter/notify/route"
)

// v2Query is what a query asks for of the alerts, as in Alertmanager: all that are not
// left out by one of its parts. One that is muted and nothing else is active, too.
type v2Query struct {
	filter                             []route.Matcher
	receiver                           *route.Matcher // nil: any
	active, silenced, inhibited, muted bool
}

// parseV2Query reads what a caller asks for. What is not said, or empty, leaves nothing out.
func parseV2Query(values url.Values) (q v2Query, err error) {
	if q.filter, err = parseMatchers(values["filter"]); err != nil {
		return q, err
	}
	var processed bool // nothing of ours waits to be: an alert is routed in the step that it fires in
	for name, into := range map[string]*bool{
		"active": &q.active, "silenced": &q.silenced, "inhibited": &q.inhibited, "muted": &q.muted, "unprocessed": &processed,
	} {
		if *into, err = flagOf(values, name); err != nil {
			return q, err
		}
	}
	if text := values.Get("receiver"); text != "" {
		m, err := route.ParseMatcher(route.Matcher{Name: "receiver", Op: "=~", Value: text}.String())
		if err != nil {
			return q, err
		}
		q.receiver = &m
	}
	return q, nil
}

// flagOf is a part of a query that is true or false; true where it is not there.
func flagOf(values url.Values, name string) (bool, error) {
	text := values.Get(name)
	if text == "" {
		return true, nil
	}
	is, err := strconv.ParseBool(text)
	if err != nil {
		return is, fmt.Errorf("%s=%q: write true or false", name, text)
	}
	return is, nil
}

// wants reports whether an alert is asked for, to whomever it goes.
func (q *v2Query) wants(labels map[string]string, st *route.Status) bool {
	silenced, inhibited := len(st.SilencedBy) > 0, len(st.InhibitedBy) > 0
	return (q.active || silenced || inhibited) && (q.silenced || !silenced) && (q.inhibited || !inhibited) && route.MatchesAll(q.filter, labels)
}

// wantsReceiver reports whether what goes to the receiver is asked for.
func (q *v2Query) wantsReceiver(name string) bool {
	return q.receiver == nil || q.receiver.Matches(map[string]string{q.receiver.Name: name})
}

// wantsMuted reports whether what those time intervals mute is asked for.
func (q *v2Query) wantsMuted(by []string) bool { return q.muted || len(by) == 0 }

func parseMatchers(texts []string) (list []route.Matcher, err error) {
	for _, text := range texts {
		m, err := route.ParseMatcher(text)
		if err != nil {
			return nil, fmt.Errorf("filter: %w", err)
		}
		list = append(list, m)
	}
	return list, nil
}
