package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

// v2World has four alerts that fire: plain; silenced; inhibited by plain; and muted, all day long.
func v2World(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	one := func(text string) []route.Matcher {
		m, err := route.ParseMatcher(text)
		if err != nil {
			t.Fatal(err)
		}
		return []route.Matcher{m}
	}
	w.tree = route.Tree{
		Root: &route.Node{Receiver: "team", GroupBy: []string{"alertname"}, Routes: []*route.Node{
			{Receiver: "pager", Matchers: one(`severity="critical"`), Continue: true},
			{Receiver: "night-shift", Matchers: one(`alertname="Muted"`), Terms: route.Terms{MuteTimeIntervals: []string{"always"}}},
			{Receiver: "team", GroupBy: []string{"alertname"}},
		}},
		Order:     []string{"team", "pager", "night-shift"},
		Intervals: map[string][]route.TimeInterval{"always": {{}}},
		Inhibit:   []route.InhibitRule{{Source: one(`alertname="Plain"`), Target: one(`alertname="Inhibited"`)}},
	}
	w.update(t, func(tx *store.Tx) error {
		var alerts []evaluate.Alert
		for name, severity := range map[string]evaluate.Severity{"Plain": "critical", "Silenced": "warning", "Inhibited": "warning", "Muted": "warning"} {
			alerts = append(alerts, evaluate.Alert{
				Fingerprint: evaluate.Fingerprint("f-" + strings.ToLower(name)), Rule: name, Kind: "pressure",
				State: evaluate.Firing, Severity: severity, Worst: severity, FiredAt: t0,
			})
		}
		s := route.Silence{Matchers: one(`alertname="Silenced"`), CreatedBy: "anna", Comment: "why", StartsAt: t0, EndsAt: t0.Add(time.Hour)}
		if _, err := tx.PutSilence(s, t0); err != nil {
			return err
		}
		return tx.PutAlerts(alerts)
	})
	return w
}

func TestAlertsAreChosenAsInAlertmanager(t *testing.T) {
	t.Parallel()
	w := v2World(t)
	for query, want := range map[string]string{
		"":                               "Inhibited Muted Plain Silenced",
		"unprocessed=false":              "Inhibited Muted Plain Silenced",
		"active=false":                   "Inhibited Silenced",
		"silenced=false":                 "Inhibited Muted Plain",
		"inhibited=false":                "Muted Plain Silenced",
		"muted=false":                    "Inhibited Plain Silenced",
		"active=false&silenced=false":    "Inhibited", // what amtool alert query --inhibited asks
		"silenced=false&inhibited=false": "Muted Plain",
		"receiver=pager":                 "Plain",
		"receiver=page":                  "",
		"receiver=night.*|pager":         "Muted Plain",
		"receiver=":                      "Inhibited Muted Plain Silenced",
		"filter=alertname%3D~%22P.*%22":  "Plain",
		"filter=severity!%3Dcritical&muted=false":            "Inhibited Silenced",
		"filter=alertname%3DPlain&filter=severity%3Dwarning": "",
	} {
		var alerts []v2Alert
		w.call(t, "GET", "/api/v2/alerts?"+query, "", &alerts)
		var names []string
		for _, a := range alerts {
			names = append(names, a.Labels["alertname"])
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("alerts?%s: got %q, want %q", query, got, want)
		}
		var groups []v2Group
		w.call(t, "GET", "/api/v2/alerts/groups?"+query, "", &groups)
		names = nil
		for _, g := range groups {
			for _, a := range g.Alerts {
				names = append(names, a.Labels["alertname"])
			}
		}
		slices.Sort(names)
		if got := strings.Join(slices.Compact(names), " "); got != want {
			t.Errorf("alerts/groups?%s: got %q, want %q", query, got, want)
		}
	}
}

func TestAQueryThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	w := v2World(t)
	for query, want := range map[string]string{
		"filter=x": "filter: matcher `x`: no operator", "active=perhaps": `active="perhaps": write true or false`, "receiver=(": "is no regular expression",
	} {
		for _, path := range []string{"/api/v2/alerts?", "/api/v2/alerts/groups?"} {
			answer := w.call(t, "GET", path+query, "", nil)
			if answer.Code != 400 || !strings.Contains(answer.Body.String(), want) {
				t.Errorf("%s%s: got %d %s, want 400 and %q", path, query, answer.Code, answer.Body, want)
			}
		}
	}
}

func TestAnAlertSaysWhatKeepsItQuiet(t *testing.T) {
	t.Parallel()
	w := v2World(t)
	var silences []v2Silence
	w.call(t, "GET", "/api/v2/silences", "", &silences)
	none, prints := []string{}, []evaluate.Fingerprint{}
	want := map[string]v2AlertStatus{
		"Plain":     {"active", none, prints, none},
		"Silenced":  {"suppressed", []string{silences[0].ID}, prints, none},
		"Inhibited": {"suppressed", none, []evaluate.Fingerprint{"f-plain"}, none},
		"Muted":     {"suppressed", none, prints, []string{"always"}},
	}
	var alerts []v2Alert
	w.call(t, "GET", "/api/v2/alerts", "", &alerts)
	got := map[string]v2AlertStatus{}
	for _, a := range alerts {
		got[a.Labels["alertname"]] = a.Status
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

func TestGroupsAreAsTheyAreTold(t *testing.T) {
	t.Parallel()
	w := v2World(t)
	var groups []v2Group
	w.call(t, "GET", "/api/v2/alerts/groups?silenced=false&inhibited=false", "", &groups)
	var got []string
	for _, g := range groups {
		line := g.Receiver.Name + " " + g.Labels["alertname"] + ":"
		for _, a := range g.Alerts {
			line += " " + string(a.Fingerprint) + " " + a.Status.State + " to"
			for _, r := range a.Receivers {
				line += " " + r.Name
			}
		}
		got = append(got, line)
	}
	want := []string{"night-shift : f-muted suppressed to night-shift", "pager : f-plain active to pager team", "team Plain: f-plain active to pager team"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	var empty []v2Group
	if answer := w.call(t, "GET", "/api/v2/alerts/groups?receiver=nobody", "", &empty); strings.TrimSpace(answer.Body.String()) != "[]" {
		t.Errorf("got %s, want an empty list", answer.Body)
	}
}

func TestReceiversAreThoseOfTheConfiguration(t *testing.T) {
	t.Parallel()
	w := v2World(t)
	var got []v2Receiver
	w.call(t, "GET", "/api/v2/receivers", "", &got)
	if diff := cmp.Diff([]v2Receiver{{"team"}, {"pager"}, {"night-shift"}}, got); diff != "" {
		t.Errorf("receivers (-want +got):\n%s", diff)
	}
}

func TestWhoExpiresASilenceIsNotedAsFarAsItIsKnown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world) []string // headers, name and value
		from   string
		want   string
	}{
		"a user name in the URL": {func(*world) []string { return []string{"Authorization", "Basic YW5uYTo="} }, "127.0.0.1:5", "anna"},
		"a proxy that signs people in": {func(w *world) []string {
			w.token = "s3cret"
			return []string{"Authorization", "Bearer s3cret", "X-Forwarded-User", "bert"}
		}, "10.0.0.7:5", "bert"},
		"nobody from elsewhere": {func(w *world) []string {
			w.token = "s3cret"
			return []string{"Authorization", "Bearer s3cret"}
		}, "10.0.0.7:5", "somebody at 10.0.0.7, over HTTP"},
		"nobody here": {func(*world) []string { return nil }, "[::1]:5", "somebody on this machine, over HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := v2World(t)
			var silences []v2Silence
			w.call(t, "GET", "/api/v2/silences", "", &silences)
			headers := c.change(w)
			r := request("/api/v2/silence/"+silences[0].ID, method("DELETE"), from(c.from))
			for i := 0; i+1 < len(headers); i += 2 {
				header(headers[i], headers[i+1])(r)
			}
			if answer := w.ask(r); answer.Code != 200 {
				t.Fatalf("got %d %s, want 200", answer.Code, answer.Body)
			}
			var deeds []store.Deed
			err := w.Store.View(t.Context(), func(tx *store.Tx) (err error) {
				deeds, err = tx.Deeds(time.Time{}, t0.Add(time.Hour))
				return err
			})
			if err != nil || len(deeds) != 2 || deeds[1].Actor != c.want {
				t.Errorf("got deeds %+v (%v), want the second by %q", deeds, err, c.want)
			}
		})
	}
}
