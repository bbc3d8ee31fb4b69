package fetch

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

// goodRow is a row of analytics/usage of 09:57 with one request.
const goodRow = `{"starting_at":"2026-11-23T09:57:00Z","ending_at":"2026-11-23T09:58:00Z",
"group":{"model":"m","workspace_id":"w","service_tier":"standard","speed":"standard","product":"messages_api"},
"usage":{"requests":1,"total_tokens":15,"uncached_input_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":2,"ephemeral_5m_input_tokens":3},
"cache_read_input_tokens":4,"output_tokens":5,"server_tool_use":{"web_search_requests":6}}}`

// goodBucket is a bucket of usage_report/messages of 09:57 with one row.
const goodBucket = `{"starting_at":"2026-11-23T09:57:00Z","ending_at":"2026-11-23T09:58:00Z","results":[{
"model":"m","workspace_id":"w","service_tier":"standard","speed":"standard","api_key_id":null,
"uncached_input_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":2,"ephemeral_5m_input_tokens":3},
"cache_read_input_tokens":4,"output_tokens":5,"server_tool_use":{"web_search_requests":6}}]}`

func onePage(rows ...string) string {
	return `{"data":[` + strings.Join(rows, ",") + `],"has_more":false,"next_page":null,"data_refreshed_at":null}`
}

// change replaces the first old in s, which must be there.
func change(s, old, with string) string {
	if !strings.Contains(s, old) {
		panic("unreachable: the test's text has no " + old)
	}
	return strings.Replace(s, old, with, 1)
}

func TestAnswersThatCannotBeUsedAreErrors(t *testing.T) {
	t.Parallel()
	const lead = "fetch usage of acme: page 1: analytics_usage gave an answer that cannot be used: "
	row := func(old, with string) string { return onePage(goodRow, change(goodRow, old, with)) }
	for name, tt := range map[string]struct{ body, want string }{
		"html":              {"\n<!doctype html><html>", "it is HTML, not JSON; is base_url right, or is a proxy in between?"},
		"a list":            {`[]`, "it is not a JSON object"},
		"a word":            {`ok`, "it is not a JSON object"},
		"an empty object":   {`{}`, "it has no field data"},
		"an error object":   {`{"type":"error","error":{}}`, "it has no field data"},
		"data null":         {`{"data":null}`, "it is null, not a list"},
		"data a string":     {`{"data":"x"}`, "it is a string, not a list"},
		"data a number":     {`{"data":7}`, "it is a number, not a list"},
		"data a truth":      {`{"data":true}`, "it is a truth value, not a list"},
		"data an object":    {`{"data":{}}`, "it is an object, not a list"},
		"data twice":        {`{"data":[],"data":[]}`, `it has two fields "data"`},
		"bad has_more":      {`{"data":[],"has_more":"no"}`, "has_more: it is a string, which it cannot be"},
		"bad next_page":     {`{"data":[],"has_more":true,"next_page":7}`, "next_page: it is a number, which it cannot be"},
		"a broken list":     {`{"data":[}`, "invalid character '}' looking for beginning of value"},
		"something behind":  {onePage() + `{}`, "something follows the end of the answer"},
		"row a string":      {onePage(`"row"`), "data[0]: it is a string, which it cannot be"},
		"no start":          {row(`"starting_at":"2026-11-23T09:57:00Z",`, ``), "data[1]: starting_at is missing"},
		"start a number":    {row(`"2026-11-23T09:57:00Z"`, `1763891820`), "data[1]: starting_at is not a time"},
		"no end":            {row(`"ending_at":"2026-11-23T09:58:00Z"`, `"ending_at":null`), "data[1]: ending_at is missing"},
		"an hour wide":      {row(`09:58:00Z`, `10:57:00Z`), "data[1]: the bucket of 2026-11-23T09:57:00Z is 1h0m0s wide, not a minute"},
		"between minutes":   {row(`"starting_at":"2026-11-23T09:57:00Z","ending_at":"2026-11-23T09:58:00Z"`, `"starting_at":"2026-11-23T09:57:30Z","ending_at":"2026-11-23T09:58:30Z"`), "data[1]: the bucket of 2026-11-23T09:57:30Z does not begin with a minute"},
		"model a number":    {row(`"model":"m"`, `"model":5`), "data[1]: group.model is not a string"},
		"group a list":      {row(`"group":{"model":"m","workspace_id":"w","service_tier":"standard","speed":"standard","product":"messages_api"}`, `"group":[]`), "data[1]: group is a list, which it cannot be"},
		"usage null":        {row(`"total_tokens":15,"uncached_input_tokens":1`, `"uncached_input_tokens":null`), "data[1]: usage.uncached_input_tokens is missing"},
		"no output":         {row(`"output_tokens":5,`, ``), "data[1]: usage.output_tokens is missing"},
		"no cache writes":   {row(`"cache_creation":{"ephemeral_1h_input_tokens":2,"ephemeral_5m_input_tokens":3}`, `"cache_creation":null`), "data[1]: usage.cache_creation.ephemeral_5m_input_tokens is missing"},
		"output a string":   {row(`"output_tokens":5`, `"output_tokens":"5"`), "data[1]: usage.output_tokens is not a whole number"},
		"output a fraction": {row(`"output_tokens":5`, `"output_tokens":5.5`), "data[1]: usage.output_tokens is not a whole number"},
		"requests a truth":  {row(`"requests":1`, `"requests":true`), "data[1]: usage.requests is not a whole number"},
		"more without page": {`{"data":[],"has_more":true,"next_page":null}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := says(t, tt.body)
			got, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
			want := lead + tt.want + " [request req_test]"
			if tt.want == "" {
				want = "fetch usage of acme: page 1: the answer says there is more but has no next_page"
			}
			if err == nil || err.Error() != want {
				t.Errorf("got error  %v\nwant error %s", err, want)
			}
			if diff := cmp.Diff(Answer{}, got); diff != "" {
				t.Errorf("an answer came with the error (-want +got):\n%s", diff)
			}
			if n := len(a.asked()); n != 1 {
				t.Errorf("got %d requests, want 1: repeating does not help", n)
			}
		})
	}
}

func TestBrokenBucketsOfTheOlderReportAreErrors(t *testing.T) {
	t.Parallel()
	bucket := func(old, with string) string { return onePage(goodBucket, change(goodBucket, old, with)) }
	for name, tt := range map[string]struct{ body, want string }{
		"bucket a list":    {onePage(`[]`), "data[0]: it is a list, not an object"},
		"results missing":  {onePage(`{"starting_at":"2026-11-23T09:57:00Z","ending_at":"2026-11-23T09:58:00Z"}`), "data[0]: results is missing"},
		"results null":     {onePage(`{"results":null}`), "data[0]: it is null, not a list"},
		"results twice":    {onePage(`{"results":[],"results":[]}`), "data[0]: it has two fields results"},
		"a day wide":       {bucket(`23T09:58`, `24T09:57`), "data[1]: the bucket of 2026-11-23T09:57:00Z is 24h0m0s wide, not a minute"},
		"output missing":   {bucket(`"output_tokens":5,`, ``), "data[1]: results[0]: output_tokens is missing"},
		"tier a number":    {bucket(`"service_tier":"standard"`, `"service_tier":1`), "data[1]: results[0]: service_tier is not a string"},
		"row a truth":      {bucket(`"results":[`, `"results":[true,`), "data[1]: results[0]: it is a truth value, which it cannot be"},
		"searches a list":  {bucket(`{"web_search_requests":6}`, `[]`), "data[1]: results[0]: server_tool_use is a list, which it cannot be"},
		"bounds are null":  {onePage(`{"starting_at":null,"ending_at":null,"results":[]}`), "data[0]: starting_at is missing"},
		"times are no RFC": {bucket(`"2026-11-23T09:57:00Z"`, `"23.11.2026 09:57"`), "data[1]: starting_at is not a time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := says(t, tt.body).client().Usage(t.Context(), recordedHour(usage.SourceReport))
			want := "fetch usage of acme: page 1: usage_report gave an answer that cannot be used: " + tt.want + " [request req_test]"
			if err == nil || err.Error() != want {
				t.Errorf("got error  %v\nwant error %s", err, want)
			}
		})
	}
}

func TestBodiesThatBreakOffAreAskedForThreeTimes(t *testing.T) {
	t.Parallel()
	whole := onePage(goodRow)
	for name, answer := range map[string]func(w http.ResponseWriter){
		"the length is not reached": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
			_, _ = io.WriteString(w, whole[:len(whole)/2])
		},
		"a chunk is missing": func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, whole[:len(whole)/2])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"the JSON ends in a row":      func(w http.ResponseWriter) { _, _ = io.WriteString(w, whole[:len(whole)/2]) },
		"the JSON ends between rows":  func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"data":[`+goodRow+`,`) },
		"the JSON ends after a row":   func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"data":[`+goodRow) },
		"the JSON ends after data":    func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"data":[`+goodRow+`]`) },
		"the JSON ends after a name":  func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"data":[],"has_more"`) },
		"the JSON ends after a colon": func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"data":[],"has_more":`) },
		"nothing comes":               func(http.ResponseWriter) {},
		"only space comes":            func(w http.ResponseWriter) { _, _ = io.WriteString(w, " \r\n\t") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w) })
			got, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %v, want an unexpected end", err)
			}
			if got.Minutes != nil {
				t.Errorf("got %d minutes of a broken page, want none", len(got.Minutes))
			}
			if n := len(a.asked()); n != 3 {
				t.Errorf("got %d requests, want 3", n)
			}
		})
	}
}

func TestABrokenPageLeavesNothingBehindWhenItIsAskedForAgain(t *testing.T) {
	t.Parallel()
	first, second := recorded(t, "analytics_usage_1m_page1.json"), recorded(t, "analytics_usage_1m_page2.json")
	a := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		body := first
		if r.URL.Query().Has("page") {
			body = second
		}
		if n == 0 || n == 2 {
			body = body[:len(body)-40] // every row is there, the end is not
		}
		_, _ = w.Write(body)
	})
	got, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err != nil {
		t.Fatal(err)
	}
	want, err := pages(t, "analytics_usage_1m_page1.json", "analytics_usage_1m_page2.json").client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer after two broken pages (-want +got):\n%s", diff)
	}
}

func TestFieldsMayBeNewOrInAnotherOrder(t *testing.T) {
	t.Parallel()
	want, err := says(t, onePage(goodRow)).client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err != nil {
		t.Fatal(err)
	}
	reordered := `{"data_refreshed_at":null,"future":{"a":[1,{"b":null}],"c":"]}"},"next_page":null,"has_more":false,"data":[
		{"future":[[]],"usage":{"server_tool_use":{"web_search_requests":6,"future":1},"output_tokens":5,"cache_read_input_tokens":4,
		"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":2},"uncached_input_tokens":1,"requests":1,"future_tokens":9},
		"group":{"product":"messages_api","speed":"standard","service_tier":"standard","workspace_id":"w","model":"m","mood":"good"},
		"ending_at":"2026-11-23T10:58:00+01:00","starting_at":"2026-11-23T10:57:00+01:00"}]}`
	got, err := says(t, reordered).client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}

	bucket := `{"results":[{"output_tokens":5,"server_tool_use":null,"uncached_input_tokens":1,"cache_read_input_tokens":4,"future":{"x":[]},
		"cache_creation":{"ephemeral_1h_input_tokens":2,"ephemeral_5m_input_tokens":3},"model":"m"}],"future":["y"],
		"ending_at":"2026-11-23T09:58:00Z","starting_at":"2026-11-23T09:57:00Z"}`
	report, err := says(t, onePage(bucket)).client().Usage(t.Context(), recordedHour(usage.SourceReport))
	if err != nil {
		t.Fatal(err)
	}
	wantBucket := []usage.Bucket{used(usage.Combination{Model: "m", WorkspaceID: orgDefault}, usage.RequestsUnknown, 1, 3, 2, 4, 5, 0)}
	if diff := cmp.Diff(wantBucket, report.Minutes[0].Buckets); diff != "" {
		t.Errorf("bucket with its bounds behind its results (-want +got):\n%s", diff)
	}
}

func TestNullRequestsAreUnknownAndNotZero(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]string{
		"null":    change(goodRow, `"requests":1`, `"requests":null`),
		"missing": change(goodRow, `"requests":1,`, ``),
	} {
		got, err := says(t, onePage(row)).client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
		if err != nil {
			t.Fatal(err)
		}
		if n := got.Minutes[0].Buckets[0].Requests; n != usage.RequestsUnknown {
			t.Errorf("%s: got %d requests, want unknown", name, n)
		}
	}
}
