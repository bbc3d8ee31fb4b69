package usage_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/usage"
)

// recorded joins the recorded answers of analytics/usage with those of the rate
// limits API: five reported minutes from 09:57, and 10:02, which was read and not
// reported.
func recorded(t *testing.T) ([]usage.Series, usage.Unmatched) {
	t.Helper()
	limits, changes := usage.Apply(usage.Limits{}, []usage.Reading{
		recordedLimits(t, "", "rate_limits_org.json"),
		recordedLimits(t, prodWorkspace, "rate_limits_workspace.json"),
	}, at("09:00"))
	if len(changes) > 0 {
		t.Fatalf("got changes from a first reading: %v", changes)
	}
	return usage.Join(recordedWindow(), slices.Values(analyticsMinutes(t, at("10:10"))), limits, recordedOrganization(t))
}

func recordedWindow() usage.Window {
	return usage.Window{
		At: at("10:10"), From: at("09:57"), To: at("10:03"), Settle: 5 * time.Minute, Prefer: usage.SourceAnalytics,
		Reported: map[usage.SourceKind]time.Time{usage.SourceAnalytics: at("10:01"), usage.SourceReport: at("10:01")},
	}
}

// find is the series of one limit.
func find(t *testing.T, series []usage.Series, workspaceID, groupID string, l usage.Limiter) usage.Series {
	t.Helper()
	for _, s := range series {
		if s.ID.WorkspaceID == workspaceID && s.ID.GroupID == groupID && s.ID.Limiter == l {
			return s
		}
	}
	t.Fatalf("there is no series of %s, %s, %s", workspaceID, groupID, l)
	return usage.Series{}
}

func used(s usage.Series) []float64 {
	u := []float64{}
	for _, p := range s.Points {
		u = append(u, p.Used)
	}
	return u
}

func limitsOf(s usage.Series) []float64 {
	l := []float64{}
	for _, p := range s.Points {
		l = append(l, p.Limit)
	}
	return l
}

var nan = math.NaN()

func TestRecordedTrafficIsCountedAsEachLimiterCounts(t *testing.T) {
	t.Parallel()
	series, _ := recorded(t)
	for _, tt := range []struct {
		workspace, group string
		limiter          usage.Limiter
		want             []float64 // from 09:57
	}{
		// Cache writes count, cache reads do not, the priority row at 10:00 does.
		{"", opus4, usage.InputTokensCacheAware, []float64{500_560, 0, 497_552, 459_081, 0, nan}},
		{"", opus4, usage.OutputTokens, []float64{61_877, 0, 70_311, 68_040, 0, nan}},
		{"", opus4, usage.RequestsPerMinute, []float64{34, 0, 38, 39, 0, nan}},
		// The same traffic for the workspace, and its other input limiter.
		{prodWorkspace, opus4, usage.InputTokensCacheAware, []float64{500_560, 0, 497_552, 459_081, 0, nan}},
		{prodWorkspace, opus4, usage.InputTokens, []float64{2_404_960, 0, 2_708_440, 2_580_411, 0, nan}},
		{prodWorkspace, opus4, usage.RequestsPerMinute, []float64{34, 0, 38, 39, 0, nan}},
		// No day before the window was read.
		{prodWorkspace, opus4, usage.TokensPerDay, []float64{nan, nan, nan, nan, nan, nan}},
		// Fast mode: in requests and in its own limiters.
		{"", opus55, usage.RequestsPerMinute, []float64{0, 0, 0, 5, 0, nan}},
		{"", opus55, usage.InputTokensCacheAware, []float64{0, 0, 0, 0, 0, nan}},
		{"", opus55, usage.OutputTokens, []float64{0, 0, 0, 0, 0, nan}},
		{"", opus55, usage.FastInputTokensCacheAware, []float64{0, 0, 0, 30_120, 0, nan}},
		{"", opus55, usage.FastOutputTokens, []float64{0, 0, 0, 8_112, 0, nan}},
		// Two workspaces, with cache reads.
		{"", sonnet5, usage.InputTokens, []float64{314_712, 0, 0, 0, 7_421, nan}},
		{"", sonnet5, usage.OutputTokens, []float64{4_154, 0, 0, 0, 1_033, nan}},
		{"", sonnet5, usage.RequestsPerMinute, []float64{5, 0, 0, 0, 2, nan}},
		// A batch only.
		{"", sonnet4, usage.InputTokensCacheAware, []float64{0, 0, 0, 0, 0, nan}},
		{"", sonnet4, usage.RequestsPerMinute, []float64{0, 0, 0, 0, 0, nan}},
		// A dated id of the group.
		{"", haiku, usage.InputTokensCacheAware, []float64{20_931, 0, 0, 0, 0, nan}},
		{prodWorkspace, haiku, usage.OutputTokens, []float64{5_120, 0, 0, 0, 0, nan}},
		// Three searches in a minute.
		{"", search, usage.ToolUsesPerSecond, []float64{0.05, 0, 0, 0, 0, nan}},
	} {
		s := find(t, series, tt.workspace, tt.group, tt.limiter)
		if diff := cmp.Diff(tt.want, used(s), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s %s, %s (-want +got):\n%s", s.Labels.Workspace, s.Labels.ModelGroup, tt.limiter, diff)
		}
	}
}

// The two input limiters of one traffic answer differently: cache reads decide.
func TestTheTwoInputLimitersHaveDifferentAnswers(t *testing.T) {
	t.Parallel()
	series, _ := recorded(t)
	aware := find(t, series, prodWorkspace, opus4, usage.InputTokensCacheAware).Points[2].Utilization()
	plain := find(t, series, prodWorkspace, opus4, usage.InputTokens).Points[2].Utilization()
	if math.Abs(aware-497_552.0/900_000) > 1e-12 || math.Abs(plain-2_708_440.0/3_000_000) > 1e-12 {
		t.Errorf("got %.3f cache-aware and %.3f plain, want 0.553 and 0.903", aware, plain)
	}
}

func TestRecordedLimitsHaveASeriesEachIfTheirUseIsShown(t *testing.T) {
	t.Parallel()
	series, unmatched := recorded(t)
	// 17 limits of model groups, one of web searches, five of the workspace.
	if len(series) != 23 {
		t.Errorf("got %d series, want 23", len(series))
	}
	type limit struct {
		Group   string
		Limiter usage.Limiter
		Value   int64
	}
	var got []limit
	for _, u := range unmatched.Limiters {
		got = append(got, limit{u.ModelGroup, u.Limiter, u.Value})
		if u.Reason == "" || u.GroupID == "" || u.WorkspaceID != "" {
			t.Errorf("got %+v, want an organization's limit with a reason", u)
		}
	}
	want := []limit{
		{"batch", usage.EnqueuedBatchRequests, 300_000}, {"batch", usage.RequestsPerMinute, 2000},
		{"token_count", usage.RequestsPerMinute, 4000}, {"files", usage.RequestsPerMinute, 500}, {"skills", usage.RequestsPerMinute, 300},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("limits without a series (-want +got):\n%s", diff)
	}
	if len(unmatched.Models) > 0 {
		t.Errorf("got unmatched models %v, want none", unmatched.Models)
	}
}

func TestAWorkspacesLimitAboveTheOrganizationsDoesNotCount(t *testing.T) {
	t.Parallel()
	series, _ := recorded(t)
	s := find(t, series, prodWorkspace, haiku, usage.OutputTokens)
	if s.OwnLimit != 1_500_000 || s.OrganizationLimit != 1_000_000 || s.Points[0].Limit != 1_000_000 || !s.Override {
		t.Errorf("got own %v, organization's %v, in force %v, override %v, want 1500000, 1000000, 1000000, true",
			s.OwnLimit, s.OrganizationLimit, s.Points[0].Limit, s.Override)
	}
	s = find(t, series, prodWorkspace, opus4, usage.InputTokens)
	if s.OwnLimit != 3_000_000 || !math.IsNaN(s.OrganizationLimit) || s.Points[0].Limit != 3_000_000 {
		t.Errorf("a limiter the organization has none of: got own %v, organization's %v, in force %v, want 3000000, NaN, 3000000",
			s.OwnLimit, s.OrganizationLimit, s.Points[0].Limit)
	}
	s = find(t, series, "", haiku, usage.OutputTokens)
	if !math.IsNaN(s.OwnLimit) || s.OrganizationLimit != 1_000_000 || s.Override {
		t.Errorf("the organization's: got own %v, organization's %v, override %v, want NaN, 1000000, false",
			s.OwnLimit, s.OrganizationLimit, s.Override)
	}
}

func TestRecordedSeriesAreNamedForPeople(t *testing.T) {
	t.Parallel()
	series, _ := recorded(t)
	for _, tt := range []struct {
		got  usage.Series
		want usage.Labels
	}{
		{
			find(t, series, prodWorkspace, opus4, usage.TokensPerDay),
			usage.Labels{Organization: "acme", Workspace: "prod-agents", ModelGroup: "Claude Opus 4.x", Limiter: "tokens_per_day"},
		},
		{
			find(t, series, "", search, usage.ToolUsesPerSecond),
			usage.Labels{Organization: "acme", ModelGroup: "web_search", Limiter: "tool_uses_per_second"},
		},
	} {
		if tt.got.Labels != tt.want {
			t.Errorf("got %+v, want %+v", tt.got.Labels, tt.want)
		}
	}
}

func TestAnInheritedLimitHasNoSeriesOfTheWorkspace(t *testing.T) {
	t.Parallel()
	organization := recordedLimits(t, "", "rate_limits_org.json")
	overrides, _ := usage.Apply(usage.Limits{}, []usage.Reading{
		organization, recordedLimits(t, prodWorkspace, "rate_limits_workspace.json"),
	}, at("09:00"))
	inherited, _ := usage.Apply(usage.Limits{}, []usage.Reading{
		organization, recordedLimits(t, prodWorkspace, "rate_limits_workspace_inherited.json"),
	}, at("09:00"))
	if diff := cmp.Diff(overrides, inherited); diff != "" {
		t.Errorf("limits read with inherited values differ from those without (-without +with):\n%s", diff)
	}
}

// The older report has no requests, product, fast mode and Claude Code rows.
func TestTheOlderReportLeavesRequestsUnknown(t *testing.T) {
	t.Parallel()
	limits, _ := usage.Apply(usage.Limits{}, []usage.Reading{recordedLimits(t, "", "rate_limits_org.json")}, at("09:00"))
	series, _ := usage.Join(recordedWindow(), slices.Values(reportMinutes(t, at("10:10"))), limits, recordedOrganization(t))
	for _, tt := range []struct {
		group   string
		limiter usage.Limiter
		want    []float64
	}{
		{opus4, usage.InputTokensCacheAware, []float64{500_560, 0, 497_552, 459_081, 0, nan}},
		{opus4, usage.RequestsPerMinute, []float64{nan, nan, nan, nan, nan, nan}},
		{sonnet4, usage.OutputTokens, []float64{0, 0, 0, 0, 0, nan}},
		{sonnet5, usage.InputTokens, []float64{117_600, 0, 0, 0, 7_421, nan}},
		{search, usage.ToolUsesPerSecond, []float64{0.05, 0, 0, 0, 0, nan}},
	} {
		s := find(t, series, "", tt.group, tt.limiter)
		if diff := cmp.Diff(tt.want, used(s), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", s.Labels.ModelGroup, tt.limiter, diff)
		}
		if want := 5; tt.limiter != usage.RequestsPerMinute && s.Settled != want {
			t.Errorf("%s, %s: got %d settled, want %d", s.Labels.ModelGroup, tt.limiter, s.Settled, want)
		}
	}
}
