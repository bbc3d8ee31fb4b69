package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChangesNamesWhatDiffersAndNoSecret(t *testing.T) {
	t.Parallel()
	env := func(string) (string, bool) { return "sk-ant-admin01-other", true }
	load := func(text string) *Config {
		t.Helper()
		c, err := LoadBytes("rules.yaml", []byte(text), env)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for name, c := range map[string]struct {
		edits []string // old and new, in turn
		want  []string
	}{
		"nothing":                        {nil, nil},
		"comments and empty lines":       {[]string{"\norganizations:", "\n# ours\n\norganizations:", "\nreceivers:", "\n\nreceivers:"}, nil},
		"a default that is written out":  {[]string{"channel: \"#ops\"", "channel: \"#ops\", api_url: \"\""}, nil},
		"rules, which the database says": {[]string{"{alert: P, pressure: {}}", "{alert: Q, pressure: {}}"}, nil},
		"a key":                          {[]string{"sk-ant-admin01-hush", "sk-ant-admin01-fresh"}, []string{"organization acme changed"}},
		"an organization without a name": {[]string{"usage_source: usage_report", "usage_source: auto"}, []string{"organization 2 changed"}},
		"an organization's name":         {[]string{"name: acme", "name: umbrella"}, []string{"organization umbrella added", "organization acme removed"}},
		"receivers' secrets and pace":    {[]string{"xoxb-hush", "xoxb-fresh", "pace: 0.5", "pace: 0.6"}, []string{"receiver chat changed", "receiver hook changed"}},
		"a receiver that comes and one that goes": {
			[]string{"{name: mail,", "{name: letter,"}, []string{"receiver letter added", "receiver mail removed"},
		},
		"a route": {[]string{"group_by: [alertname]", "group_by: [severity]"}, []string{"route changed"}},
		"everything else": {
			[]string{"Europe/Berlin", "UTC", "retention: 30d", "retention: 31d", "hush-hush-hush", "fresh-fresh", "every: 5m", "every: 6m", "\nweb:", "\nsystem_receiver: mail\nweb:"},
			[]string{"schedule changed", "storage changed", "system receiver changed", "web changed", "heartbeat changed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Changes(load(full), load(strings.NewReplacer(c.edits...).Replace(full)))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}
