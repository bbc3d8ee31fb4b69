package fetch

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

// limit is a value of the organization, or of a workspace that says nothing more.
func limit(l usage.Limiter, v int64) usage.Value { return usage.Value{Limiter: l, Value: v} }

// own is a workspace's own value beside the organization's, 0 for none.
func own(l usage.Limiter, v, organization int64) usage.Value {
	value := usage.Value{Limiter: l, Value: v}
	if organization != 0 {
		value.OrganizationValue = &organization
	}
	return value
}

func inherited(l usage.Limiter, v int64) usage.Value {
	return usage.Value{Limiter: l, Value: v, Inherited: true, OrganizationValue: &v}
}

var (
	opus4Workspace = usage.Group{ID: "rlg_01Fs9KpLv4TmQx2WbRn6YcGh", Type: "model_group", Name: "Claude Opus 4.x",
		Models: []string{"claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8"}}
	haiku = usage.Group{ID: "rlg_01Ry5HcWn7VbKt9XpJq4DmTs", Type: "model_group", Name: "Claude Haiku 4.5",
		Models: []string{"claude-haiku-4-5", "claude-haiku-4-5-20251001"}}
)

func TestOrganizationLimits(t *testing.T) {
	t.Parallel()
	got, err := pages(t, "rate_limits_org.json").client().OrganizationLimits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	models := func(id, name string, models ...string) usage.Group {
		return usage.Group{ID: id, Type: usage.ModelGroup, Name: name, Models: models}
	}
	three := func(input usage.Limiter) []usage.Value {
		return []usage.Value{limit(usage.RequestsPerMinute, 5000), limit(input, 5_000_000), limit(usage.OutputTokens, 1_000_000)}
	}
	want := usage.Reading{Entries: []usage.Entry{
		{Group: models("rlg_01Bq7ZtMw3RkXn5VcJp8HdYe", "Claude Opus 5.5", "claude-opus-5-5"),
			Limits: append(three(usage.InputTokensCacheAware), limit(usage.FastInputTokensCacheAware, 400_000), limit(usage.FastOutputTokens, 80_000))},
		{Group: models("rlg_01Fs9KpLv4TmQx2WbRn6YcGh", "Claude Opus 4.x", "claude-opus-4-5", "claude-opus-4-5-20251101",
			"claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8"), Limits: three(usage.InputTokensCacheAware)},
		{Group: models("rlg_01Jt6DxRn8WvHk3PqCz5LmVb", "Claude Sonnet 4.x", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929",
			"claude-sonnet-4-6"), Limits: three(usage.InputTokensCacheAware)},
		{Group: models("rlg_01Mv3BsKq9XhTw6RzYd2FnJc", "Claude Sonnet 5.5", "claude-sonnet-5-5"), Limits: three(usage.InputTokens)},
		{Group: haiku, Limits: three(usage.InputTokensCacheAware)},
		{Group: usage.Group{ID: "rlg_01Tz8PkVr6XmBw3QnHc5YdLf", Type: usage.BatchGroup},
			Limits: []usage.Value{limit(usage.RequestsPerMinute, 2000), limit(usage.EnqueuedBatchRequests, 300_000)}},
		{Group: usage.Group{ID: "rlg_01Vb4RnYk2WxTq7DmJc9HpSz", Type: usage.TokenCountGroup}, Limits: []usage.Value{limit(usage.RequestsPerMinute, 4000)}},
		{Group: usage.Group{ID: "rlg_01Xd5TqLn3VkRw8BzHc6YmPj", Type: usage.FilesGroup}, Limits: []usage.Value{limit(usage.RequestsPerMinute, 500)}},
		{Group: usage.Group{ID: "rlg_01Zf6VrMp4XnTy9CbJd7WkQh", Type: usage.SkillsGroup}, Limits: []usage.Value{limit(usage.RequestsPerMinute, 300)}},
		{Group: usage.Group{ID: "rlg_01Ch7WsNq5YpVz2DcKf8XmRj", Type: usage.WebSearchGroup}, Limits: []usage.Value{limit(usage.ToolUsesPerSecond, 30)}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

func TestWorkspaceLimitsWithWhatIsInherited(t *testing.T) {
	t.Parallel()
	got, err := pages(t, "rate_limits_workspace_inherited.json").client().WorkspaceLimits(t.Context(), orgAgents)
	if err != nil {
		t.Fatal(err)
	}
	want := usage.Reading{WorkspaceID: orgAgents, Entries: []usage.Entry{
		{Group: opus4Workspace, Limits: []usage.Value{
			own(usage.RequestsPerMinute, 1200, 5000), own(usage.InputTokensCacheAware, 900_000, 5_000_000),
			inherited(usage.OutputTokens, 1_000_000), own(usage.InputTokens, 3_000_000, 0), own(usage.TokensPerDay, 250_000_000, 0),
		}},
		{Group: haiku, Limits: []usage.Value{
			inherited(usage.RequestsPerMinute, 5000), inherited(usage.InputTokensCacheAware, 5_000_000),
			own(usage.OutputTokens, 1_500_000, 1_000_000), // above the organization's
		}},
		{Group: usage.Group{ID: "rlg_01Tz8PkVr6XmBw3QnHc5YdLf", Type: usage.BatchGroup},
			Limits: []usage.Value{inherited(usage.RequestsPerMinute, 2000), inherited(usage.EnqueuedBatchRequests, 300_000)}},
		{Group: usage.Group{ID: "rlg_01Ch7WsNq5YpVz2DcKf8XmRj", Type: usage.WebSearchGroup},
			Limits: []usage.Value{inherited(usage.ToolUsesPerSecond, 30)}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

func TestAnAPIWithoutIncludeInheritedGivesTheOverrides(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.URL.Query().Has("include_inherited") {
			reply{code: 400, body: envelope("invalid_request_error", "include_inherited: unknown", "")}.write(w)
			return
		}
		_, _ = w.Write(recorded(t, "rate_limits_workspace.json"))
	})
	c := a.client()
	want := usage.Reading{WorkspaceID: orgAgents, Entries: []usage.Entry{
		{Group: opus4Workspace, Limits: []usage.Value{
			own(usage.RequestsPerMinute, 1200, 5000), own(usage.InputTokensCacheAware, 900_000, 5_000_000),
			own(usage.InputTokens, 3_000_000, 0), own(usage.TokensPerDay, 250_000_000, 0),
		}},
		{Group: haiku, Limits: []usage.Value{own(usage.OutputTokens, 1_500_000, 1_000_000)}},
	}}
	for range 2 {
		got, err := c.WorkspaceLimits(t.Context(), orgAgents)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("limits (-want +got):\n%s", diff)
		}
	}
	if n := len(a.asked()); n != 3 {
		t.Errorf("got %d requests, want 3: the refusal is remembered", n)
	}
}

func TestTheOlderShapeIsReadToo(t *testing.T) {
	t.Parallel()
	// Before September 2026: group_type in place of group, no source.
	const organization = `{"data":[
		{"type":"rate_limit","group_type":"model_group","models":["b","a"],"limits":[{"type":"requests_per_minute","value":50}]},
		{"type":"rate_limit","group_type":"batch","models":null,"limits":[{"type":"enqueued_batch_requests","value":7}]}]}`
	const workspace = `{"data":[
		{"type":"workspace_rate_limit","group_type":"model_group","models":["a","b"],"limits":[{"type":"requests_per_minute","value":5,"org_limit":50}]}]}`
	org, err := says(t, organization).client().OrganizationLimits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ws, err := says(t, workspace).client().WorkspaceLimits(t.Context(), "w")
	if err != nil {
		t.Fatal(err)
	}
	id := org.Entries[0].Group.ID
	if !strings.HasPrefix(id, "derived_") || id == org.Entries[1].Group.ID {
		t.Errorf("got ids %q and %q, want two derived ones", id, org.Entries[1].Group.ID)
	}
	wantOrg := usage.Reading{Entries: []usage.Entry{
		{Group: usage.Group{ID: id, Type: usage.ModelGroup, Models: []string{"b", "a"}}, Limits: []usage.Value{limit(usage.RequestsPerMinute, 50)}},
		{Group: usage.Group{ID: org.Entries[1].Group.ID, Type: usage.BatchGroup}, Limits: []usage.Value{limit(usage.EnqueuedBatchRequests, 7)}},
	}}
	if diff := cmp.Diff(wantOrg, org); diff != "" {
		t.Errorf("organization's limits (-want +got):\n%s", diff)
	}
	wantWorkspace := usage.Reading{WorkspaceID: "w", Entries: []usage.Entry{
		{Group: usage.Group{ID: id, Type: usage.ModelGroup, Models: []string{"a", "b"}}, Limits: []usage.Value{own(usage.RequestsPerMinute, 5, 50)}},
	}}
	if diff := cmp.Diff(wantWorkspace, ws); diff != "" {
		t.Errorf("workspace's limits (-want +got):\n%s", diff)
	}
}

func TestUnknownGroupsLimitersSourcesAndFieldsAreKept(t *testing.T) {
	t.Parallel()
	got, err := says(t, `{"next_page":null,"future":[1],"data":[{"workspace_id":"w","colour":"red",
		"group":{"type":"quantum","id":"rlg_1","display_name":null,"x":{}},"models":null,
		"limits":[{"type":"qubits_per_fortnight","value":0,"org_limit":9,"source":{"type":"parent"},"burst":true},
		          {"type":"dreams","value":9,"org_limit":9,"source":{"type":"parent"}}]}]}`).client().WorkspaceLimits(t.Context(), "w")
	if err != nil {
		t.Fatal(err)
	}
	zero := own("qubits_per_fortnight", 0, 9)
	want := usage.Reading{WorkspaceID: "w", Entries: []usage.Entry{
		{Group: usage.Group{ID: "rlg_1", Type: "quantum"}, Limits: []usage.Value{zero, inherited("dreams", 9)}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

func TestTheDefaultWorkspaceOfAnOlderAPIHasNoLimitsEither(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.URL.Query().Has("include_inherited") {
			reply{code: 400, body: envelope("invalid_request_error", "include_inherited: unknown", "")}.write(w)
			return
		}
		reply{code: 404, body: envelope("not_found_error", "Not found", "")}.write(w)
	})
	got, err := a.client().WorkspaceLimits(t.Context(), orgDefault)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(usage.Reading{WorkspaceID: orgDefault}, got); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

func TestLimitsArePagedAndAGroupMayComeAgain(t *testing.T) {
	t.Parallel()
	entry := func(limits string) string {
		return `{"group":{"type":"model_group","id":"g"},"models":["m"],"limits":[` + limits + `]}`
	}
	for name, tt := range map[string]struct {
		second string
		want   []usage.Value
		err    string
	}{
		"another limiter": {`{"type":"b","value":2}`, []usage.Value{limit("a", 1), limit("b", 2)}, ""},
		"the same":        {`{"type":"a","value":1}`, []usage.Value{limit("a", 1)}, ""},
		"a contradiction": {`{"type":"a","value":2}`, nil, "fetch rate_limits of acme: group g: a is stated twice, as 1 and as 2"},
	} {
		a := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			if r.URL.Query().Get("page") == "2" {
				_, _ = w.Write([]byte(`{"data":[` + entry(tt.second) + `],"next_page":null}`))
				return
			}
			_, _ = w.Write([]byte(`{"data":[` + entry(`{"type":"a","value":1}`) + `],"next_page":"2"}`))
		})
		got, err := a.client().OrganizationLimits(t.Context())
		if tt.err != "" {
			if err == nil || err.Error() != tt.err {
				t.Errorf("%s: got %v, want %s", name, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		want := usage.Reading{Entries: []usage.Entry{{Group: usage.Group{ID: "g", Type: usage.ModelGroup, Models: []string{"m"}}, Limits: tt.want}}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: limits (-want +got):\n%s", name, diff)
		}
	}
}
