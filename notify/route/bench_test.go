package route_test

import (
	"fmt"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
)

// The sizes are those of a very large organization on its worst day.
const burst = 10_000

var benchAt = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// burstOf makes notices of alerts that all fire now, each in a workspace of its own.
func burstOf(n int) []evaluate.Notice {
	notices := make([]evaluate.Notice, n)
	for i := range notices {
		a := evaluate.Alert{
			Fingerprint: evaluate.Fingerprint(fmt.Sprintf("%016x", uint64(i)*0x9e3779b97f4a7c15)), Rule: "LimitPressure", Kind: "pressure",
			State: evaluate.Firing, Severity: evaluate.Warning, FiredAt: benchAt,
		}
		a.Labels.Organization, a.Labels.ModelGroup, a.Labels.Limiter = "acme", "Claude Opus 5", "output_tokens_per_minute"
		a.Labels.Workspace = fmt.Sprintf("workspace-%d", i)
		notices[i] = evaluate.Notice{At: benchAt, Reason: evaluate.Fired, Alert: a}
	}
	return notices
}

// benchTree has twenty routes that must be looked at in vain.
func benchTree(b *testing.B, groupBy ...string) route.Tree {
	b.Helper()
	root := &route.Node{
		Receiver: "team", GroupBy: groupBy,
		GroupWait: 10 * time.Second, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour,
	}
	for i := range 20 {
		m, err := route.ParseMatcher(fmt.Sprintf(`workspace=~"payments-%d.*"`, i))
		if err != nil {
			b.Fatal(err)
		}
		child := *root
		child.Matchers, child.Routes = []route.Matcher{m}, nil
		root.Routes = append(root.Routes, &child)
	}
	return route.Tree{Root: root, Receivers: map[string]route.ReceiverOptions{"team": {SendResolved: true}}, Order: []string{"team"}}
}

func BenchmarkBurstIntoOneGroup(b *testing.B) {
	tree, notices := benchTree(b, "alertname"), burstOf(burst)
	for b.Loop() {
		if got := route.Step(benchAt, tree, route.Input{Notices: notices}); len(got.Messages) != 1 {
			b.Fatalf("got %d messages, want 1", len(got.Messages))
		}
	}
}

func BenchmarkBurstIntoManyGroups(b *testing.B) {
	tree, notices := benchTree(b, "alertname", "workspace"), burstOf(burst)
	for b.Loop() {
		if got := route.Step(benchAt, tree, route.Input{Notices: notices}); len(got.Messages) != burst {
			b.Fatalf("got %d messages, want %d", len(got.Messages), burst)
		}
	}
}

func BenchmarkKeysOfABurst(b *testing.B) {
	tree, notices := benchTree(b, "alertname", "workspace"), burstOf(burst)
	for b.Loop() {
		if got := route.Keys(tree, notices, nil); len(got) != burst {
			b.Fatalf("got %d keys, want %d", len(got), burst)
		}
	}
}

// after is the state an hour after a burst.
func after(b *testing.B, tree route.Tree) (time.Time, []route.Group) {
	b.Helper()
	return benchAt.Add(time.Hour), route.Step(benchAt, tree, route.Input{Notices: burstOf(burst)}).Groups
}

// one is a notice that the first alert of a burst is over.
func one(at time.Time) []evaluate.Notice {
	n := burstOf(1)
	n[0].Reason, n[0].Alert.State, n[0].Alert.ResolvedAt = evaluate.ReasonResolved, evaluate.Resolved, at
	return n
}

func BenchmarkOneEndInAGroupOfAll(b *testing.B) {
	tree := benchTree(b, "alertname")
	at, groups := after(b, tree)
	for b.Loop() {
		if got := route.Step(at, tree, route.Input{Notices: one(at), Groups: groups}); len(got.Messages) != 1 {
			b.Fatalf("got %d messages, want 1", len(got.Messages))
		}
	}
}

func BenchmarkOneEndWithTheGroupItNeeds(b *testing.B) {
	tree := benchTree(b, "alertname", "workspace")
	at, groups := after(b, tree)
	groups = groups[:1] // workspace-0
	for b.Loop() {
		if got := route.Step(at, tree, route.Input{Notices: one(at), Groups: groups}); len(got.Messages) != 1 {
			b.Fatalf("got %d messages, want 1", len(got.Messages))
		}
	}
}

func BenchmarkOneEndWithAllGroups(b *testing.B) {
	tree := benchTree(b, "alertname", "workspace")
	at, groups := after(b, tree)
	for b.Loop() {
		if got := route.Step(at, tree, route.Input{Notices: one(at), Groups: groups}); len(got.Messages) != 1 {
			b.Fatalf("got %d messages, want 1", len(got.Messages))
		}
	}
}
