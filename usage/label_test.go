package usage_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

func TestGroupsAreCalledByNameThenTypeThenId(t *testing.T) {
	t.Parallel()
	got := usage.GroupLabels(map[string]usage.Group{
		"rlg_0000opus":   {Type: usage.ModelGroup, Name: "Claude Opus 5"},
		"rlg_0000search": {Type: usage.WebSearchGroup},
		"rlg_0000none":   {},
		// Two of one name.
		"rlg_01AAAAAA": {Name: "Twins"},
		"rlg_01BBBBBB": {Name: "Twins"},
		// Even the ends of their ids are the same.
		"rlg_01_triple": {Type: "batch"},
		"rlg_02_triple": {Type: "batch"},
		"short":         {Type: "batch"},
	})
	want := map[string]string{
		"rlg_0000opus": "Claude Opus 5", "rlg_0000search": "web_search", "rlg_0000none": "rlg_0000none",
		"rlg_01AAAAAA": "Twins (AAAAAA)", "rlg_01BBBBBB": "Twins (BBBBBB)",
		"rlg_01_triple": "batch (rlg_01_triple)", "rlg_02_triple": "batch (rlg_02_triple)", "short": "batch (short)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

func TestNamesFallBackToIds(t *testing.T) {
	t.Parallel()
	org := usage.Organization{
		Workspaces: []usage.Workspace{{ID: "w1", Name: "payments"}, {ID: "w2"}},
		Keys:       []usage.Key{{ID: "k1", Name: "nightly"}, {ID: "k2"}},
	}
	for id, want := range map[string]string{"w1": "payments", "w2": "w2", "w3": "w3", "": ""} {
		if got := org.WorkspaceName(id); got != want {
			t.Errorf("workspace %q: got %q, want %q", id, got, want)
		}
	}
	for id, want := range map[string]string{"k1": "nightly", "k2": "k2", "k3": "k3"} {
		if got := org.KeyName(id); got != want {
			t.Errorf("key %q: got %q, want %q", id, got, want)
		}
	}
}
