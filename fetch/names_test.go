package fetch

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

func TestOrganization(t *testing.T) {
	t.Parallel()
	got, err := says(t, `{"id":"1f3c","type":"organization","name":"Acme Corp","future":{}}`).client().Organization(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(usage.Organization{ID: "1f3c", Name: "Acme Corp"}, got); diff != "" {
		t.Errorf("organization (-want +got):\n%s", diff)
	}
}

func TestAnOrganizationWithoutAnIDIsAnError(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                        "fetch organizations/me of acme: the organization has no id",
		`{"id":null,"name":"Acme"}`: "fetch organizations/me of acme: the organization has no id",
		`{"id":7}`:                  "fetch organizations/me of acme: organizations/me gave an answer that cannot be used: id is a number, which it cannot be [request req_test]",
		`{"id":"1"} {}`:             "fetch organizations/me of acme: organizations/me gave an answer that cannot be used: something follows the end of the answer [request req_test]",
		`<html>`:                    "fetch organizations/me of acme: organizations/me gave an answer that cannot be used: it is HTML, not JSON; is base_url right, or is a proxy in between? [request req_test]",
	} {
		if _, err := says(t, body).client().Organization(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", body, err, want)
		}
	}
}

func TestWorkspacesWithTheDefaultAndArchivedOnes(t *testing.T) {
	t.Parallel()
	a := pages(t, "workspaces.json")
	got, err := a.client().Workspaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []usage.Workspace{
		{ID: orgDefault, Name: "Default", Default: true},
		{ID: orgAgents, Name: "prod-agents"},
		{ID: orgBatch, Name: "nightly-batch"},
		{ID: orgCode, Name: "Claude Code"},
		{ID: "wrkspc_01OldXb7RtLq5VnKm3WcPd8YsZh", Name: "poc-2025", Archived: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("workspaces (-want +got):\n%s", diff)
	}
	if n := len(a.asked()); n != 1 {
		t.Errorf("got %d requests, want 1", n)
	}
}

func TestTheDefaultWorkspaceIsTheOneThatAListWithoutItLacks(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		first := ""
		if r.URL.Query().Get("include_default") == "true" {
			first = `{"id":"w1","name":"Default"},`
		}
		_, _ = w.Write([]byte(`{"data":[{"id":"w0","name":"Default","archived_at":"2026-01-01T00:00:00Z"},` + first +
			`{"id":"w2","name":"Default"},{"id":"w3","name":"other"}],"has_more":false}`))
	})
	got, err := a.client().Workspaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []usage.Workspace{
		{ID: "w0", Name: "Default", Archived: true}, {ID: "w1", Name: "Default", Default: true},
		{ID: "w2", Name: "Default"}, {ID: "w3", Name: "other"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("workspaces (-want +got):\n%s", diff)
	}
}

func TestWorkspacesFailWhenTheSecondListDoes(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 0 {
			_, _ = w.Write([]byte(`{"data":[{"id":"w1","name":"Default"},{"id":"w2","name":"Default"}],"has_more":false}`))
			return
		}
		w.WriteHeader(500)
	})
	if got, err := a.client().Workspaces(t.Context()); err == nil || got != nil {
		t.Errorf("got %v, %v, want an error: it is not known which is the default", got, err)
	}
}

func TestAnAPIWithoutIncludeDefaultGivesTheOthers(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.URL.Query().Has("include_default") {
			reply{code: 400, body: envelope("invalid_request_error", "include_default: unknown", "")}.write(w)
			return
		}
		_, _ = w.Write([]byte(`{"data":[{"id":"w3","name":"other"}],"has_more":false}`))
	})
	c := a.client()
	for range 2 {
		got, err := c.Workspaces(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]usage.Workspace{{ID: "w3", Name: "other"}}, got); diff != "" {
			t.Errorf("workspaces (-want +got):\n%s", diff)
		}
	}
	if n := len(a.asked()); n != 3 {
		t.Errorf("got %d requests, want 3: the refusal is remembered", n)
	}
}

func TestListsArePagedByTheLastID(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		switch r.URL.Query().Get("after_id") {
		case "":
			_, _ = w.Write([]byte(`{"data":[{"id":"w1","name":"one"},{"id":"w2","name":"two"}],"has_more":true,"first_id":"w1","last_id":"w2"}`))
		case "w2": // w2 again: something was put before it in between
			_, _ = w.Write([]byte(`{"data":[{"id":"w2","name":"two"},{"id":"w3","name":"three"}],"has_more":false,"first_id":"w2","last_id":"w3"}`))
		default:
			t.Errorf("got after_id %q, want the last of the page before", r.URL.Query().Get("after_id"))
		}
	})
	got, err := a.client().Workspaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []usage.Workspace{{ID: "w1", Name: "one"}, {ID: "w2", Name: "two"}, {ID: "w3", Name: "three"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("workspaces (-want +got):\n%s", diff)
	}
}

func TestBrokenListsAreErrors(t *testing.T) {
	t.Parallel()
	const bad = "api_keys gave an answer that cannot be used: "
	for body, want := range map[string]string{
		`{"data":[]}`: bad + "it has no field has_more [request req_test]",
		`{"data":[],"has_more":true,"last_id":null}`:                          "the answer says there is more but has no last_id",
		`{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}`:                 "the answer repeats a cursor: the pages would never end",
		`{"data":[{"id":""}],"has_more":false}`:                               bad + "data[0]: id is missing [request req_test]",
		`{"data":[{"id":"a"},{"name":"b"}],"has_more":false}`:                 bad + "data[1]: id is missing [request req_test]",
		`{"data":[{"id":"a","name":{}}],"has_more":false}`:                    bad + "data[0]: name is an object, which it cannot be [request req_test]",
		`{"data":[{"id":"a","scope":"workspace"}],"has_more":false}`:          bad + "data[0]: scope is a string, which it cannot be [request req_test]",
		`{"data":[{"id":"a","scope":{"workspace_id":1}}],"has_more":false}`:   bad + "data[0]: scope.workspace_id is a number, which it cannot be [request req_test]",
		`{"data":[{"id":"a"}],"has_more":false,"last_id":["a"]}`:              bad + "last_id: it is a list, which it cannot be [request req_test]",
		`{"data":["a"],"has_more":false}`:                                     bad + "data[0]: it is a string, which it cannot be [request req_test]",
		`{"data":[{"id":"a","name":"x"}],"has_more":false},"data":[{"id":"b"`: bad + "something follows the end of the answer: ",
	} {
		_, err := says(t, body).client().Keys(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), "fetch api_keys of acme: "+want) {
			t.Errorf("%s:\ngot  %v\nwant %s", body, err, want)
		}
	}
}

func TestKeysAreNamesAndWorkspaces(t *testing.T) {
	t.Parallel()
	got, err := pages(t, "api_keys.json").client().Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []usage.Key{
		{ID: "apikey_01Ab7TnQx5RkVw3LmZc9PdYh", Name: "agents-prod-eu", WorkspaceID: orgAgents},
		{ID: "apikey_01Cd8WpRz6TmXy4NqBf2KhLs", Name: "batch-runner", WorkspaceID: orgBatch},
		{ID: "apikey_01Ef9XqSb7UnYz5PrCg3LjMt", Name: "playground-legacy", WorkspaceID: orgDefault},
		{ID: "apikey_01Gh2YrTc8VpZb6QsDh4MkNv", Name: "jana-cli"},
		{ID: "apikey_01Jk3ZsUd9WqBc7RtEj5NmPw", Name: "poc-2025-key", WorkspaceID: "wrkspc_01OldXb7RtLq5VnKm3WcPd8YsZh"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestKeysOfTheOlderVersionHaveTheWorkspaceAtTheTop(t *testing.T) {
	t.Parallel()
	got, err := says(t, `{"data":[{"id":"a","name":"x","workspace_id":"w1"},{"id":"b","name":"y","workspace_id":null}],"has_more":false}`).
		client().Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]usage.Key{{ID: "a", Name: "x", WorkspaceID: "w1"}, {ID: "b", Name: "y"}}, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestAListThatFailsHalfWayGivesNothing(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 0 {
			_, _ = w.Write([]byte(`{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}`))
			return
		}
		w.WriteHeader(500)
	})
	got, err := a.client().Keys(t.Context())
	if refused, ok := errors.AsType[*StatusError](err); !ok || refused.Code != 500 || got != nil {
		t.Errorf("got %v, %v, want no keys and a 500", got, err)
	}
}
