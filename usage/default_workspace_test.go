package usage

import "testing"

func TestTheDefaultWorkspaceIsFoundByItsMarkAndUnknownWithoutOne(t *testing.T) {
	t.Parallel()
	o := Organization{Workspaces: []Workspace{{ID: "wrkspc_1"}, {ID: "wrkspc_2", Default: true}}}
	if got := o.DefaultWorkspaceID(); got != "wrkspc_2" {
		t.Errorf("got %q, want wrkspc_2", got)
	}
	if got := (Organization{}).DefaultWorkspaceID(); got != "" {
		t.Errorf("got %q of an unknown organization, want none", got)
	}
}
