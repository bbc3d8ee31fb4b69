package usage_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

func TestALimitInForceHasASeriesWithoutAnyUse(t *testing.T) {
	t.Parallel()
	limits := small(
		usage.Limit{Limiter: usage.OutputTokens, Value: 100},
		usage.Limit{Limiter: usage.InputTokens, Value: 200, Until: at("10:12")}, // gone by now
		usage.Limit{Limiter: usage.RequestsPerMinute, Value: 7, From: at("10:12")},
		usage.Limit{Limiter: usage.TokensPerMinute, Value: 300, From: at("10:17")}, // not seen yet
	)
	series, unmatched := join(ten(), nil, limits)
	var got []usage.Limiter
	for _, s := range series {
		got = append(got, s.ID.Limiter)
		compare(t, string(s.ID.Limiter), used(s), slices.Repeat([]float64{nan}, 10))
	}
	if diff := cmp.Diff([]usage.Limiter{usage.OutputTokens, usage.RequestsPerMinute}, got); diff != "" {
		t.Errorf("limiters (-want +got):\n%s", diff)
	}
	compare(t, "limits before they were in force", limitsOf(series[1]), slices.Repeat([]float64{nan}, 10))
	if diff := cmp.Diff(usage.Unmatched{}, unmatched); diff != "" {
		t.Errorf("unmatched (-want +got):\n%s", diff)
	}
}

func TestALimitThatChangesCountsMinuteByMinute(t *testing.T) {
	t.Parallel()
	limits := small(
		usage.Limit{Limiter: usage.OutputTokens, Value: 100, Until: at("10:03"), Assumed: true, ReadAt: at("10:01")},
		// Read in the middle of a minute: it is in force from the next one on.
		usage.Limit{Limiter: usage.OutputTokens, Value: 50, From: at("10:03"), Until: at("10:06").Add(time.Second), ReadAt: at("10:03")},
		usage.Limit{Limiter: usage.OutputTokens, Value: 400, From: at("10:08"), ReadAt: at("10:08")},
	)
	series, _ := join(ten(), nil, limits)
	compare(t, "limits", limitsOf(series[0]), []float64{100, 100, 100, 50, 50, 50, 50, nan, 400, 400})
	if !series[0].Assumed {
		t.Error("got not assumed, want assumed: the first minute is older than the first reading")
	}
	w := ten()
	w.From = at("10:01")
	series, _ = join(w, nil, limits)
	if series[0].Assumed {
		t.Error("got assumed, want not: the window begins with the first reading")
	}
}

func TestTheLowerOfTwoLimitsCountsMinuteByMinute(t *testing.T) {
	t.Parallel()
	limits := small(
		usage.Limit{Limiter: usage.OutputTokens, Value: 100, Until: at("10:04"), Assumed: true, ReadAt: at("10:00")},
		usage.Limit{Limiter: usage.OutputTokens, Value: 20, From: at("10:04"), ReadAt: at("10:04")},
		usage.Limit{Limiter: usage.OutputTokens, Value: 50, WorkspaceID: "w1", From: at("10:02"), Until: at("10:06"), ReadAt: at("10:02")},
		usage.Limit{Limiter: usage.OutputTokens, Value: 10, WorkspaceID: "w1", From: at("10:06"), ReadAt: at("10:06")},
		// Of another limiter: it does not stand in.
		usage.Limit{Limiter: usage.InputTokens, Value: 1},
	)
	series, _ := join(ten(), nil, limits)
	s := find(t, series, "w1", "rlg_opus", usage.OutputTokens)
	compare(t, "limits", limitsOf(s), []float64{nan, nan, 50, 50, 20, 20, 10, 10, 10, 10})
	if s.OwnLimit != 10 || s.OrganizationLimit != 20 || s.Assumed {
		t.Errorf("got own %v, organization's %v, assumed %v, want 10, 20, false", s.OwnLimit, s.OrganizationLimit, s.Assumed)
	}
}

func TestALimitLoweredByAnAssumedOneIsAssumed(t *testing.T) {
	t.Parallel()
	limits := small(
		usage.Limit{Limiter: usage.OutputTokens, Value: 20, Assumed: true, ReadAt: at("10:05")},
		usage.Limit{Limiter: usage.OutputTokens, Value: 50, WorkspaceID: "w1", From: at("09:00"), ReadAt: at("09:00")},
	)
	series, _ := join(ten(), nil, limits)
	if s := find(t, series, "w1", "rlg_opus", usage.OutputTokens); !s.Assumed {
		t.Error("got not assumed, want assumed")
	}
}

func TestAModelCountsInEachGroupInItsTime(t *testing.T) {
	t.Parallel()
	limits := small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}, usage.Limit{Limiter: usage.OutputTokens, Value: 100, GroupID: "rlg_new"})
	limits.Groups["rlg_new"] = usage.Group{ID: "rlg_new", Type: usage.ModelGroup, Name: "New"}
	limits.Members = []usage.Membership{
		{GroupID: "rlg_opus", Model: "opus", Until: at("10:04")},
		{GroupID: "rlg_new", Model: "opus", From: at("10:04"), Until: at("10:07")},
		{GroupID: "rlg_old", Model: "opus", Until: at("09:00")},
	}
	series, unmatched := join(ten(), every(ten(), usage.SourceAnalytics, bucket(usage.Counts{Output: 5})), limits)
	compare(t, "old group", used(find(t, series, "", "rlg_opus", usage.OutputTokens)), []float64{5, 5, 5, 5, 0, 0, 0, 0, 0, 0})
	compare(t, "new group", used(find(t, series, "", "rlg_new", usage.OutputTokens)), []float64{0, 0, 0, 0, 5, 5, 5, 0, 0, 0})
	want := []usage.UnmatchedModel{{Model: "opus", Reason: "no model group listed it in a part of the time looked at"}}
	if diff := cmp.Diff(want, unmatched.Models); diff != "" {
		t.Errorf("unmatched (-want +got):\n%s", diff)
	}
}

func TestARenamedWorkspaceIsTheSameSeriesUnderItsNewName(t *testing.T) {
	t.Parallel()
	limits := small(usage.Limit{Limiter: usage.OutputTokens, Value: 100, WorkspaceID: "w1"}, usage.Limit{Limiter: usage.OutputTokens, Value: 100, WorkspaceID: "w2"})
	org := usage.Organization{ID: "org-1", Name: "acme", Workspaces: []usage.Workspace{{ID: "w1", Name: "payments"}}}
	before, _ := usage.Join(ten(), slices.Values([]usage.Minute(nil)), limits, org)
	org.Workspaces[0].Name = "billing"
	after, _ := usage.Join(ten(), slices.Values([]usage.Minute(nil)), limits, org)
	if before[0].ID != after[0].ID || before[0].Labels.Workspace != "payments" || after[0].Labels.Workspace != "billing" {
		t.Errorf("got %+v %+v, then %+v %+v", before[0].ID, before[0].Labels, after[0].ID, after[0].Labels)
	}
	if got, want := after[1].Labels.Workspace, "w2"; got != want {
		t.Errorf("a workspace without a name is called %q, want %q", got, want)
	}
}
