package route_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
)

// statusTree sends what is critical to the pager, and everything to the team but at night.
func statusTree(t *testing.T) route.Tree {
	t.Helper()
	one := func(text string) []route.Matcher { return []route.Matcher{parseMatcher(t, text)} }
	terms := route.Terms{MuteTimeIntervals: []string{"night", "holidays"}}
	return route.Tree{
		Root: &route.Node{Receiver: "team", GroupBy: []string{"alertname"}, Routes: []*route.Node{
			{Receiver: "pager", Matchers: one(`severity="critical"`), Continue: true},
			{Receiver: "team", GroupBy: []string{"alertname"}, Terms: terms},
		}},
		SystemReceiver: "operators", Order: []string{"team", "pager", "operators", "boss"},
		Intervals: map[string][]route.TimeInterval{
			"night": {{Times: []route.Range{{First: 0, Last: 360}}}}, "holidays": {{Months: []route.Range{{First: 1, Last: 1}}}},
			"office": {{Times: []route.Range{{First: 540, Last: 1020}}}},
		},
		Inhibit: []route.InhibitRule{{Source: one(`severity="critical"`), Target: one(`severity="warning"`)}},
	}
}

// fires is an alert of ours that fires.
func fires(print evaluate.Fingerprint, severity evaluate.Severity) evaluate.Alert {
	return evaluate.Alert{
		Fingerprint: print, Rule: "LimitPressure", Kind: "pressure", State: evaluate.Firing, Severity: severity, Worst: severity,
		FiredAt: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
	}
}

func TestAStatusSaysWhoIsToldAndWhatKeepsAnAlertQuiet(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	silence := func(id, text string, from time.Time) route.Silence {
		return route.Silence{ID: id, Matchers: []route.Matcher{parseMatcher(t, text)}, StartsAt: from, EndsAt: from.Add(time.Hour)}
	}
	warning, critical, system, pending := fires("a1", evaluate.Warning), fires("a2", evaluate.Critical), fires("a3", evaluate.Warning), fires("a4", evaluate.Warning)
	system.Rule, system.Kind, pending.State = "AlerterKeyRefused", "system", evaluate.Pending
	// Nobody acknowledged a1; the boss of an earlier episode of a2 is no boss of this one.
	before := critical
	before.FiredAt = critical.FiredAt.Add(-time.Hour)
	boss := route.Group{
		Receiver: "boss", Key: "{unacknowledged}:{}", Labels: map[string]string{},
		Members: []route.Member{{Alert: warning, Heard: evaluate.Warning, Unrouted: true}, {Alert: before, Heard: evaluate.Critical}},
	}
	got := route.Statuses(at, statusTree(t), route.Input{
		Alerts: []evaluate.Alert{warning, critical, system, pending}, Groups: []route.Group{boss},
		Silences: []route.Silence{
			silence("s2", `severity="warning"`, at), silence("s1", `alertname="LimitPressure"`, at.Add(-time.Minute)), silence("s3", `severity="warning"`, at.Add(time.Minute)),
		},
	})
	name := map[string]string{"alertname": "LimitPressure"}
	team := route.GroupStatus{GroupRef: route.GroupRef{Receiver: "team", Key: `{}/{}:{alertname="LimitPressure"}`}, Labels: name, MutedBy: []string{"night"}}
	want := []route.Status{
		{
			SilencedBy: []string{"s1", "s2"}, InhibitedBy: []evaluate.Fingerprint{"a2"},
			Groups: []route.GroupStatus{team, {GroupRef: boss.Ref(), Labels: boss.Labels}},
		},
		{
			SilencedBy: []string{"s1"},
			Groups: []route.GroupStatus{
				{GroupRef: route.GroupRef{Receiver: "pager", Key: `{}/{severity="critical"}:{}`}, Labels: map[string]string{}}, team,
			},
		},
		{Groups: []route.GroupStatus{{
			GroupRef: route.GroupRef{Receiver: "operators", Key: `{system}:{alertname="AlerterKeyRefused"}`}, Labels: map[string]string{"alertname": "AlerterKeyRefused"},
		}}},
		{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	for i, want := range [][]string{nil, nil, nil, nil} { // each is told somewhere, or is nowhere
		if diff := cmp.Diff(want, got[i].MutedBy()); diff != "" {
			t.Errorf("muted by (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff([]string{"night"}, route.Status{Groups: []route.GroupStatus{team, team}}.MutedBy()); diff != "" {
		t.Errorf("muted everywhere by (-want +got):\n%s", diff)
	}
}

func TestARouteIsMutedByItsIntervalsThatHoldElseByTheActiveOnesThatDoNot(t *testing.T) {
	t.Parallel()
	tree := statusTree(t)
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		mute, active []string
		hour         int
		want         []string
	}{
		"no intervals":                         {nil, nil, 3, nil},
		"a muting one that holds":              {[]string{"night", "holidays"}, nil, 3, []string{"night"}},
		"muting ones that do not":              {[]string{"night", "holidays"}, nil, 7, nil},
		"an active one that holds":             {nil, []string{"night", "office"}, 3, nil},
		"active ones that do not":              {nil, []string{"night", "office"}, 7, []string{"night", "office"}},
		"a muting one before an active one":    {[]string{"night"}, []string{"office"}, 3, []string{"night"}},
		"one that is not there any more":       {[]string{"gone"}, []string{"gone"}, 3, nil},
		"one that is not there, beside others": {nil, []string{"gone", "office"}, 3, []string{"office"}},
	} {
		got := tree.MutedBy(&route.Terms{MuteTimeIntervals: c.mute, ActiveTimeIntervals: c.active}, day.Add(time.Duration(c.hour)*time.Hour))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestInhibitRulesAreAboutTargetsAndSources(t *testing.T) {
	t.Parallel()
	tree := statusTree(t)
	system := fires("a3", evaluate.Warning)
	system.Kind = "system"
	for name, c := range map[string]struct {
		alert              evaluate.Alert
		targetOf, sourceOf int
	}{
		"a target": {fires("a1", evaluate.Warning), 1, 0},
		"a source": {fires("a2", evaluate.Critical), 0, 1},
		"neither":  {fires("a3", evaluate.Info), 0, 0},
		"the service itself, which no rule here names": {system, 0, 0},
	} {
		targetOf, sourceOf := tree.Inhibitions(c.alert)
		if len(targetOf) != c.targetOf || len(sourceOf) != c.sourceOf {
			t.Errorf("%s: got target of %d rules, source of %d, want %d and %d", name, len(targetOf), len(sourceOf), c.targetOf, c.sourceOf)
		}
	}
}

// checkStatuses holds what is said of each alert against what the step did.
func (w *world) checkStatuses(t *testing.T, at time.Time) {
	t.Helper()
	in := w.input(nil, w.prior())
	for i, st := range route.Statuses(at, w.tree, in) {
		for _, g := range in.Groups {
			for _, m := range g.Members {
				if m.Alert.Fingerprint != in.Alerts[i].Fingerprint || m.Alert.State != evaluate.Firing {
					continue
				}
				at := slices.IndexFunc(st.Groups, func(s route.GroupStatus) bool { return s.GroupRef == g.Ref() })
				if m.Heard != evaluate.None && at < 0 {
					t.Errorf("%s was told of %s, got groups %v", g.Receiver, m.Alert.Fingerprint, st.Groups)
				}
				held := map[string]bool{
					"": true, route.SuppressedFlapping: true, route.SuppressedSilence: len(st.SilencedBy) > 0,
					route.SuppressedInhibition: len(st.InhibitedBy) > 0, route.SuppressedMuted: at >= 0 && len(st.Groups[at].MutedBy) > 0,
				}
				if !held[m.Held] {
					t.Errorf("%s is held back by %s, got %+v", m.Alert.Fingerprint, m.Held, st)
				}
			}
		}
	}
}
