package fetch

import (
	"errors"
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

func TestOnlyTheAPIsOwn404MeansNoLimits(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		reply{code: 404, body: envelope("not_found_error", "Not found", "")}.write(w)
	})
	got, err := a.client().WorkspaceLimits(t.Context(), orgDefault)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(usage.Reading{WorkspaceID: orgDefault}, got); diff != "" {
		t.Errorf("limits of the default workspace (-want +got):\n%s", diff)
	}

	for name, answer := range map[string]reply{
		"a proxy's page": {code: 404, body: "<html>404</html>"},
		"an empty page":  {code: 404},
		"another error":  {code: 404, body: envelope("permission_error", "no", "")},
	} {
		a := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answer.write(w) })
		_, err := a.client().WorkspaceLimits(t.Context(), orgDefault)
		if refused, ok := errors.AsType[*StatusError](err); !ok || refused.Code != 404 {
			t.Errorf("%s: got %v, want the 404: it must not remove limits", name, err)
		}
	}
	a = serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		reply{code: 404, body: envelope("not_found_error", "Not found", "")}.write(w)
	})
	if _, err := a.client().OrganizationLimits(t.Context()); err == nil {
		t.Error("got no error for the organization's limits, want the 404")
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

func TestAnErrorNamesTheWorkspace(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		reply{code: 400, body: envelope("invalid_request_error", "no", "")}.write(w)
	})
	_, err := a.client().WorkspaceLimits(t.Context(), orgAgents)
	want := "fetch workspace_rate_limits of acme: of workspace " + orgAgents + ": workspace_rate_limits answered 400 invalid_request_error: "
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
}

func TestLimitsWithoutEndAreAnError(t *testing.T) {
	t.Parallel()
	_, err := says(t, `{"data":[],"next_page":"again"}`).client().OrganizationLimits(t.Context())
	if err == nil || err.Error() != "fetch rate_limits of acme: the answer repeats a cursor: the pages would never end" {
		t.Errorf("got %v, want the loop to be noticed", err)
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

func TestBrokenLimitsAreErrorsAndNoReadings(t *testing.T) {
	t.Parallel()
	const group = `"group":{"type":"model_group","id":"g"}`
	entry := func(rest string) string {
		return `{"data":[{"limits":[],` + group + `},{` + rest + `}],"next_page":null}`
	}
	for body, want := range map[string]string{
		entry(`"limits":[]`):                                                              "data[1]: group.type is missing",
		entry(`"group":null,"limits":[]`):                                                 "data[1]: group.type is missing",
		entry(`"group":"g","limits":[]`):                                                  "data[1]: group is a string, which it cannot be",
		entry(group):                                                                      "data[1]: limits is missing",
		entry(group + `,"limits":null`):                                                   "data[1]: limits is missing",
		entry(group + `,"limits":{}`):                                                     "data[1]: limits is an object, which it cannot be",
		entry(group + `,"models":"m","limits":[]`):                                        "data[1]: models is a string, which it cannot be",
		entry(group + `,"limits":[{"value":1}]`):                                          "data[1]: limits[0]: type is missing",
		entry(group + `,"limits":[{"type":"a"}]`):                                         "data[1]: limits[0]: value is missing",
		entry(group + `,"limits":[{"type":"a","value":null}]`):                            "data[1]: limits[0]: value is missing",
		entry(group + `,"limits":[{"type":"a","value":-1}]`):                              "data[1]: limits[0]: value is -1, which no limit can be",
		entry(group + `,"limits":[{"type":"a","value":"5"}]`):                             "data[1]: limits.value is a string, which it cannot be",
		entry(group + `,"limits":[{"type":"a","value":1.5}]`):                             "data[1]: limits.value is a number, which it cannot be",
		entry(group + `,"limits":[{"type":"a","value":1e400}]`):                           "data[1]: limits.value is a number, which it cannot be",
		entry(group + `,"limits":[{"type":"a","value":1,"org_limit":-1}]`):                "data[1]: limits[0]: org_limit is -1, which no limit can be",
		entry(group + `,"limits":[{"type":"a","value":1},{"type":"a","value":2}]`):        "data[1]: limits[1]: a is stated twice, as 1 and as 2",
		entry(group + `,"limits":[{"type":"a","value":1,"source":"workspace"}]`):          "data[1]: limits.source is a string, which it cannot be",
		entry(`"workspace_id":"wrkspc_other",` + group + `,"limits":[{"type":"a"}]`):      "data[1]: workspace_id is not the one that was asked for",
		`{"data":[{` + group + `,"limits":[]}],"next_page":{}}`:                           "next_page: it is an object, which it cannot be",
		`{"type":"error","error":{"type":"not_found_error","message":"model not found"}}`: "it has no field data",
	} {
		a := says(t, body)
		for _, call := range []string{"OrganizationLimits", "WorkspaceLimits"} {
			err := calls(a.client())[call](t.Context())
			if err == nil || !strings.HasSuffix(err.Error(), " gave an answer that cannot be used: "+want+" [request req_test]") {
				t.Errorf("%s: %s:\ngot  %v\nwant %s", call, body, err, want)
			}
		}
	}
}

func TestAWorkspaceIsNeededAndItsIDCannotLeaveThePath(t *testing.T) {
	t.Parallel()
	a := says(t, `{"data":[]}`)
	if _, err := a.client().WorkspaceLimits(t.Context(), ""); err == nil || err.Error() != "fetch workspace_rate_limits of acme: no workspace is given" {
		t.Errorf("got %v, want a refusal", err)
	}
	if _, err := a.client().WorkspaceLimits(t.Context(), "../../me?x=1#"); err != nil {
		t.Fatal(err)
	}
	if got := a.asked()[0].URL.EscapedPath(); got != "/v1/organizations/workspaces/..%2F..%2Fme%3Fx=1%23/rate_limits" {
		t.Errorf("got path %s, want the id as one part of it", got)
	}
}
