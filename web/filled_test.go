package web

import (
	"errors"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

const (
	orgID     = "5a1c"
	hostileW  = "wrkspc_1"
	namelessW = "wrkspc_2"
	idle      = "wrkspc_3"
	group     = "rlg_1"
)

// inside is t0 without what is finer than the store keeps.
var inside = t0.Truncate(time.Millisecond)

// filled is a world with one organization: a limit near its end, a workspace's
// own limit above it, one that nobody uses, one of whose use nothing is known,
// and one that cannot be watched.
func filled(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.update(t, func(tx *store.Tx) error {
		return errors.Join(putOrganization(tx), putLimits(tx), putMinutes(tx), putAlerts(tx), putOutbox(tx), putRules(tx))
	})
	return w
}

func organization() usage.Organization {
	return usage.Organization{
		ID: orgID, Name: "acme",
		Workspaces: []usage.Workspace{{ID: hostileW, Name: hostile}, {ID: idle, Name: "idle"}},
	}
}

func putOrganization(tx *store.Tx) error {
	return errors.Join(
		tx.PutOrganization(organization(), "acme", inside),
		tx.PutSource(usage.Source{
			OrganizationID: orgID, Organization: "acme", Kind: usage.SourceAnalytics, Why: "it counts requests too",
			Since: inside.Add(-time.Hour), Problem: "the API answered 503",
		}))
}

func putLimits(tx *store.Tx) error {
	read := inside.Add(-time.Hour)
	limit := func(workspace string, limiter usage.Limiter, value int64) usage.Limit {
		return usage.Limit{WorkspaceID: workspace, GroupID: group, Limiter: limiter, Value: value, Assumed: true, ReadAt: read}
	}
	return tx.PutLimits(orgID, usage.Limits{
		Groups:  map[string]usage.Group{group: {ID: group, Type: usage.ModelGroup, Name: "Claude Opus 5", Models: []string{"claude-opus-5"}}},
		Members: []usage.Membership{{GroupID: group, Model: "claude-opus-5"}},
		Limits: []usage.Limit{
			limit("", usage.OutputTokens, 1000),
			limit("", usage.InputTokensCacheAware, 0),
			limit("", usage.TokensPerDay, 9_000_000_000),
			limit("", "thoughts_per_minute", 7),
			limit(hostileW, usage.OutputTokens, 2000),
			limit(namelessW, usage.InputTokensCacheAware, 500),
			limit(idle, usage.OutputTokens, 500),
		},
	})
}

// putMinutes stores the twenty minutes up to 13:58, settled but for the last.
func putMinutes(tx *store.Tx) error {
	of := func(model, workspace string) *usage.Combination {
		return &usage.Combination{Model: model, WorkspaceID: workspace, ServiceTier: "standard", Speed: "standard"}
	}
	end := inside.Truncate(time.Minute).Add(-2 * time.Minute)
	var minutes []usage.Minute
	for i := range 20 {
		minutes = append(minutes, usage.Minute{
			Start: end.Add(time.Duration(i-20) * time.Minute), ReadAt: inside, Source: usage.SourceAnalytics,
			Buckets: []usage.Bucket{
				{Of: of("claude-opus-5", hostileW), Counts: usage.Counts{Requests: 3, Output: int64(600 + 10*i)}},
				{Of: of("claude-opus-5", namelessW), Counts: usage.Counts{Requests: 1, Output: 100, UncachedInput: 30}},
				{Of: of("claude-new", namelessW), Counts: usage.Counts{Requests: 1, Output: 5}},
			},
		})
	}
	_, err := tx.PutMinutes(orgID, minutes)
	return err
}

// alert is of the series of a workspace and limiter.
func alert(print evaluate.Fingerprint, workspace string, state evaluate.State, severity evaluate.Severity) evaluate.Alert {
	a := evaluate.Alert{
		Fingerprint: print, Rule: "LimitPressure", Kind: "pressure",
		Subject: evaluate.Subject{ID: usage.ID{OrganizationID: orgID, WorkspaceID: workspace, GroupID: group, Limiter: usage.OutputTokens}},
		Labels: usage.Labels{
			Organization: "acme", Workspace: organization().WorkspaceName(workspace),
			ModelGroup: "Claude Opus 5", Limiter: string(usage.OutputTokens),
		},
		State: state, Severity: severity, Worst: severity, SteppedAt: inside,
		PendingAt: inside.Add(-9 * time.Minute), Reading: evaluate.Reading{Utilization: 0.9, Value: 0.9},
	}
	if state != evaluate.Pending {
		a.FiredAt = inside.Add(-8 * time.Minute)
	}
	if state == evaluate.Resolved {
		a.ResolvedAt = inside.Add(-time.Minute)
	}
	return a
}

func putAlerts(tx *store.Tx) error {
	itself := evaluate.Alert{
		Fingerprint: "00000000000000ff", Rule: "AlerterKeyRefused", Kind: "system", State: evaluate.Firing,
		Severity: evaluate.Critical, Worst: evaluate.Critical,
		PendingAt: inside.Add(-49 * time.Hour), FiredAt: inside.Add(-49 * time.Hour), SteppedAt: inside,
	}
	return errors.Join(
		tx.PutAlerts([]evaluate.Alert{
			alert("0000000000000001", hostileW, evaluate.Firing, evaluate.Warning),
			alert("0000000000000002", "", evaluate.Pending, evaluate.Critical),
			alert("0000000000000003", idle, evaluate.Resolved, evaluate.Info),
			itself,
		}),
		tx.PutTransitions(orgID, []evaluate.Transition{
			{At: inside.Add(-9 * time.Minute), Fingerprint: "0000000000000001", FromState: evaluate.Inactive, ToState: evaluate.Pending, To: evaluate.Warning, Value: 0.88},
			{At: inside.Add(-8 * time.Minute), Fingerprint: "0000000000000001", FromState: evaluate.Pending, ToState: evaluate.Firing, From: evaluate.Warning, To: evaluate.Warning, Value: evaluate.Unknown()},
			{At: inside.Add(-25 * time.Hour), Fingerprint: "0000000000000001", FromState: evaluate.Inactive, ToState: evaluate.Pending, To: evaluate.Info},
		}))
}

// putOutbox leaves one message in each state.
func putOutbox(tx *store.Tx) error {
	row := func(key, receiver string) store.Row {
		return store.Row{
			Key: key, Receiver: receiver, GroupKey: "{}", Episode: inside, Reason: evaluate.Fired, Body: []byte(`{"group_labels":{"model_group":"Claude Opus 5"},"items":[{"alert":{"labels":{"alertname":"LimitPressure"}}},{"alert":{"labels":{"alertname":"LimitPressure"}}}]}`),
			SendAt: inside.Add(-5 * time.Minute), NotAfter: inside.Add(time.Hour),
			Alerts: []store.RowAlert{{Fingerprint: "0000000000000001", FiredAt: inside, Reason: evaluate.Fired}},
		}
	}
	if err := tx.Enqueue([]store.Row{row("a", "slack"), row("b", "pager"), row("c", "mail")}); err != nil {
		return err
	}
	return errors.Join(
		tx.Start([]int64{1, 3}, inside.Add(-4*time.Minute)),
		tx.MarkSent([]store.Sent{{ID: 1, At: inside.Add(-4 * time.Minute)}}),
		tx.MarkDead(2, inside.Add(-3*time.Minute), "receiver is gone"),
		tx.MarkFailed(store.Failure{ID: 3, At: inside.Add(-3 * time.Minute), NextAt: inside.Add(-time.Minute), Problem: "the server answered 503"}))
}

func putRules(tx *store.Tx) error {
	pressure, _ := evaluate.KindOf("pressure")
	stale, _ := evaluate.KindOf("stale")
	rules := []evaluate.Rule{
		{Alert: "LimitPressure", Condition: pressure.New(), KeepFiringFor: 15 * time.Minute, RepeatInterval: time.Hour},
		{Alert: "DataStale", Condition: stale.New()},
	}
	_, err := tx.ApplyRules(rules, "rules.yaml", inside.Add(-time.Hour))
	if err != nil {
		return err
	}
	_, err = tx.SetRuleEnabled("DataStale", false, inside)
	return err
}
