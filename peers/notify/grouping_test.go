package notify

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// scenario is one history of alerts under one set of routes, written as both
// Alertmanager and rules.yaml read it. A second of it is a second to Alertmanager
// and a step of ours.
type scenario struct {
	name   string
	routes string // everything beside the receivers
	events []happening
	lasts  int // seconds
	// differs is why the two do not say the same, and theirs what Alertmanager
	// says then; empty: they say the same. docs/alertmanager.md tells users.
	differs string
	theirs  []string
	want    []string // what we say
}

// happening is what happens at a second: an alert fires (or fires as another severity)
// or is over; a silence begins, or the one there is ends.
type happening struct {
	at      int
	fire    string // name/severity, and a workspace behind another slash
	over    string // name, and the workspace
	silence string // a matcher
	expire  bool
}

// brief are timers that a test can wait for.
const brief = `
route:
  receiver: team
  group_by: [alertname]
  group_wait: 2s
  group_interval: 5s
  repeat_interval: 1h
`

// groupings are the scenarios. What is told is "receiver: alert state, …", in the
// order it is told; a group's alerts by name.
var groupings = []scenario{
	{
		name: "an alert fires and is over", routes: brief, lasts: 14,
		events: []happening{{at: 0, fire: "A/warning"}, {at: 4, over: "A"}},
		want:   []string{"team: A firing", "team: A resolved"},
	},
	{
		name: "two alerts within group_wait are one message", routes: brief, lasts: 8,
		events: []happening{{at: 0, fire: "A/warning/x"}, {at: 1, fire: "A/warning/y"}},
		want:   []string{"team: A x firing, A y firing"},
	},
	{
		name: "an alert after the first message waits for group_interval", routes: brief, lasts: 12,
		events: []happening{{at: 0, fire: "A/warning/x"}, {at: 4, fire: "A/warning/y"}},
		want:   []string{"team: A x firing", "team: A x firing, A y firing"},
	},
	{
		name: "one of two is over", routes: brief, lasts: 18,
		events: []happening{{at: 0, fire: "A/warning/x"}, {at: 0, fire: "A/warning/y"}, {at: 4, over: "A/x"}, {at: 9, over: "A/y"}},
		want:   []string{"team: A x firing, A y firing", "team: A x resolved, A y firing", "team: A y resolved"},
	},
	{
		name: "what is over within group_wait is not told", routes: strings.Replace(brief, "group_wait: 2s", "group_wait: 4s", 1), lasts: 12,
		events: []happening{{at: 0, fire: "A/warning"}, {at: 2, over: "A"}},
	},
	{
		name: "what lasts is repeated", routes: strings.Replace(brief, "repeat_interval: 1h", "repeat_interval: 9s", 1), lasts: 17,
		events: []happening{{at: 0, fire: "A/warning"}},
		want:   []string{"team: A firing", "team: A firing"},
	},
	{
		name: "other group labels are another message", routes: brief, lasts: 8,
		events: []happening{{at: 0, fire: "A/warning"}, {at: 1, fire: "B/warning"}},
		want:   []string{"team: A firing", "team: B firing"},
	},
	{
		name: "a route with continue tells both receivers", lasts: 14,
		routes: brief + `
  routes:
    - matchers: [severity="critical"]
      receiver: pager
      continue: true
    - matchers: [severity=~"warning|critical"]
      receiver: mail
`,
		events: []happening{{at: 0, fire: "A/critical"}, {at: 4, over: "A"}},
		want:   []string{"mail: A firing", "mail: A resolved", "pager: A firing", "pager: A resolved"},
	},
	{
		name: "the first route that matches takes it, and a route inherits", lasts: 8,
		routes: brief + `
  routes:
    - matchers: [alertname="A"]
      receiver: mail
      routes:
        - matchers: [workspace="x"]
          receiver: pager
    - matchers: [severity="warning"]
      receiver: pager
`,
		events: []happening{{at: 0, fire: "A/warning/x"}, {at: 0, fire: "A/warning/y"}, {at: 1, fire: "B/warning"}},
		want:   []string{"mail: A y firing", "pager: A x firing", "pager: B firing"},
	},
	{
		name: "a receiver without send_resolved hears no end", routes: strings.ReplaceAll(brief, "receiver: team", "receiver: quiet"), lasts: 14,
		events: []happening{{at: 0, fire: "A/warning"}, {at: 4, over: "A"}},
		want:   []string{"quiet: A firing"},
	},
	{
		name: "a silence keeps an alert from being told, until it ends", routes: brief, lasts: 18,
		events: []happening{{at: 0, silence: `alertname="A"`}, {at: 1, fire: "A/warning"}, {at: 7, expire: true}},
		want:   []string{"team: A firing"},
	},
	{
		name: "what fires and is over in a silence is never told", routes: brief, lasts: 16,
		events: []happening{{at: 0, silence: `alertname="A"`}, {at: 1, fire: "A/warning"}, {at: 5, over: "A"}, {at: 7, expire: true}},
	},
	{
		name: "an alert that fires inhibits another", lasts: 14,
		routes: brief + `
inhibit_rules:
  - source_matchers: [alertname="A"]
    target_matchers: [alertname="B"]
    equal: [workspace]
`,
		events: []happening{{at: 0, fire: "A/critical/x"}, {at: 2, fire: "B/warning/x"}, {at: 2, fire: "B/warning/y"}},
		want:   []string{"team: A x firing", "team: B y firing"},
	},
	{
		name: "a mute time that always holds tells nothing", lasts: 12,
		routes: brief + `
  routes:
    - matchers: [alertname="A"]
      mute_time_intervals: [always]
time_intervals:
  - name: always
    time_intervals: [{years: ['2000:2999']}]
`,
		events: []happening{{at: 0, fire: "A/warning"}, {at: 0, fire: "B/warning"}, {at: 4, over: "A"}},
		want:   []string{"team: B firing"},
	},
	{
		name: "an alert that gets worse", routes: brief, lasts: 16,
		events:  []happening{{at: 0, fire: "A/warning"}, {at: 4, fire: "A/critical"}},
		differs: "to Alertmanager another severity is another alert; to us it is the same one, and worse, which is told at once",
		theirs:  []string{"team: A firing", "team: A firing, A resolved"},
		want:    []string{"team: A firing", "team: A firing"},
	},
	{
		name: "an end in a silence of what was told", routes: brief, lasts: 20,
		events:  []happening{{at: 0, fire: "A/warning"}, {at: 3, silence: `alertname="A"`}, {at: 5, over: "A"}},
		differs: "who heard of an episode hears its end, silenced by then or not; Alertmanager leaves an incident open until the silence ends, or for good",
		theirs:  []string{"team: A firing"},
		want:    []string{"team: A firing", "team: A resolved"},
	},
}

func TestAlertmanagersUsersFindWhatTheyKnow(t *testing.T) {
	t.Parallel()
	for _, s := range groupings {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := s.want
			if s.differs != "" {
				want = s.theirs
			}
			if diff := cmp.Diff(want, theirsOf(t, s)); diff != "" {
				t.Errorf("Alertmanager told something else (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(s.want, oursOf(t, s)); diff != "" {
				t.Errorf("we told something else (-want +got):\n%s", diff)
			}
		})
	}
}

// labelsOf are the labels of an alert that an event names: name, and perhaps a
// severity and a workspace.
func labelsOf(name, severity, workspace string) map[string]string {
	all := map[string]string{"alertname": name, "severity": severity, "organization": "acme"}
	if workspace != "" {
		all["workspace"] = workspace
	}
	return all
}

// split takes an event's name/severity/workspace or name/workspace apart.
func split(s string, severity bool) (name, sev, workspace string) {
	parts := append(strings.Split(s, "/"), "", "")
	if !severity {
		return parts[0], "", parts[1]
	}
	return parts[0], parts[1], parts[2]
}

// told is an alert in a message.
func told(labels map[string]string, state string) string {
	return strings.Join(strings.Fields(labels["alertname"]+" "+labels["workspace"]+" "+state), " ")
}

const second = time.Second
