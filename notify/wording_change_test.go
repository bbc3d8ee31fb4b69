package notify

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

// Each kind of change is told as what it is, with advice that fits it.
func TestEachChangeOfALimitIsToldAsWhatItIs(t *testing.T) {
	t.Parallel()
	const (
		same    = "limits in your own clients or gateways may want the same change."
		counted = "Alerts count against the new value from now on; " + same
		pacing  = "Fit the pacing of your clients to the new limit before the next peak."
		meant   = "If nobody here meant this change, ask your account team."
	)
	for kind, want := range map[usage.ChangeKind]struct {
		summary string
		advice  []string
	}{
		usage.LimitRaised:  {"Claude Opus 5 · output tokens per minute limit raised from 400 k to 1.0 M (whole organization)", []string{counted}},
		usage.LimitLowered: {"Claude Opus 5 · output tokens per minute limit lowered from 1.0 M to 400 k (whole organization)", []string{pacing, meant}},
		usage.LimitAdded:   {"Claude Opus 5 · output tokens per minute limit added: 400 k (whole organization)", []string{counted}},
		usage.LimitRemoved: {"Claude Opus 5 · output tokens per minute limit removed, it was 1.0 M (whole organization)", []string{
			"Nothing is held against this limit any more, and no alert tells of it; " + same, "If nobody here expected this, ask your account team.",
		}},
		usage.OverrideAdded: {"Claude Opus 5 · output tokens per minute limit of its own: 400 k (workspace payments)", []string{pacing, meant}},
		usage.OverrideRemoved: {"Claude Opus 5 · no output tokens per minute limit of its own any more, it was 1.0 M (workspace payments)", []string{
			"Only the organization's own limit of this kind, if it has one, holds for this workspace from now on.",
		}},
	} {
		a := loweredAlert()
		a.Reading.Change.Kind, a.Reading.Change.Old, a.Reading.Change.New = kind, 1_000_000, 400_000
		if kind == usage.LimitRaised {
			a.Reading.Change.Old, a.Reading.Change.New = 400_000, 1_000_000
		}
		if kind == usage.OverrideAdded || kind == usage.OverrideRemoved {
			a.Labels.Workspace, a.Subject.WorkspaceID = "payments", "wrkspc_01"
		}
		said := telling{alert: a}
		if got := said.changeSummary(); got != want.summary {
			t.Errorf("%s: got %q, want %q", kind, got, want.summary)
		}
		if diff := cmp.Diff(want.advice, said.changeAdvice()); diff != "" {
			t.Errorf("%s: advice (-want +got):\n%s", kind, diff)
		}
	}
}
