package fetch

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

func TestLimitsWithoutEndAreAnError(t *testing.T) {
	t.Parallel()
	_, err := says(t, `{"data":[],"next_page":"again"}`).client().OrganizationLimits(t.Context())
	if err == nil || err.Error() != "fetch rate_limits of acme: the answer repeats a cursor: the pages would never end" {
		t.Errorf("got %v, want the loop to be noticed", err)
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
