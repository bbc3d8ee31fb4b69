package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

// paged is a page that has another behind it.
func paged(next string, rows ...string) string {
	return fmt.Sprintf(`{"data":[%s],"has_more":true,"next_page":%q,"data_refreshed_at":null}`, strings.Join(rows, ","), next)
}

func TestPagingEndsOrFails(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		page     func(n int) string
		requests int
		want     string // of the error; empty: none
	}{
		"an empty page is not the end":    {func(n int) string { return []string{paged("a"), onePage(goodRow)}[n] }, 2, ""},
		"a cursor without more is no use": {func(int) string { return `{"data":[],"has_more":false,"next_page":"a"}` }, 1, ""},
		"a cursor is enough":              {func(n int) string { return []string{`{"data":[],"next_page":"a"}`, `{"data":[]}`}[n] }, 2, ""},
		"the same cursor again":           {func(int) string { return paged("a") }, 2, "page 2: the answer repeats a cursor: the pages would never end"},
		"two cursors in turn":             {func(n int) string { return paged([]string{"a", "b"}[n%2]) }, 3, "page 3: the answer repeats a cursor: the pages would never end"},
		"always another cursor":           {func(n int) string { return paged(fmt.Sprint(n)) }, maxPages, "page 1000: there are more than 1000 pages"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) { _, _ = w.Write([]byte(tt.page(n))) })
			_, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v, want an answer", err)
			case tt.want != "" && (err == nil || err.Error() != "fetch usage of acme: "+tt.want):
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if n := len(a.asked()); n != tt.requests {
				t.Errorf("got %d requests, want %d", n, tt.requests)
			}
		})
	}
}

func TestAPageThatFailsTakesTheOthersAlong(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 0 {
			_, _ = w.Write(recorded(t, "analytics_usage_1m_page1.json"))
			return
		}
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write(recorded(t, "error_429.json"))
	})
	got, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	refused, ok := errors.AsType[*StatusError](err)
	if !ok || !refused.RateLimited() || !strings.HasPrefix(err.Error(), "fetch usage of acme: page 2: ") {
		t.Errorf("got %v, want a 429 on page 2", err)
	}
	if diff := cmp.Diff(Answer{}, got); diff != "" {
		t.Errorf("an answer came with the error (-want +got):\n%s", diff)
	}
}

func TestARowThatComesAgainOnTheNextPageCountsOnce(t *testing.T) {
	t.Parallel()
	other := change(goodRow, `"model":"m"`, `"model":"n"`)
	a := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		_, _ = w.Write([]byte([]string{paged("a", other, goodRow), onePage(goodRow)}[n]))
	})
	got, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err != nil {
		t.Fatal(err)
	}
	buckets := got.Minutes[0].Buckets
	if len(buckets) != 2 || buckets[0].Requests != 1 || buckets[1].Requests != 1 {
		t.Errorf("got %+v, want two combinations with one request each", buckets)
	}
	want := []string{"rows left out for coming again on a later page: 1, the first of 2026-11-23T09:57:00Z"}
	if diff := cmp.Diff(want, got.Notes); diff != "" || got.SkippedRows != 1 {
		t.Errorf("got %d rows left out, notes (-want +got):\n%s", got.SkippedRows, diff)
	}
}

func TestACombinationSplitOverPagesIsAdded(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		_, _ = w.Write([]byte([]string{paged("a", goodRow), onePage(change(goodRow, `"requests":1`, `"requests":7`))}[n]))
	})
	got, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err != nil {
		t.Fatal(err)
	}
	if b := got.Minutes[0].Buckets; len(b) != 1 || b[0].Requests != 8 || b[0].Output != 10 {
		t.Errorf("got %+v, want one combination with 8 requests and 10 output tokens", b)
	}
}

func TestBeforePageIsCalledBeforeEachPageAndCanEndTheCall(t *testing.T) {
	t.Parallel()
	a := pages(t, "analytics_usage_1m_page1.json", "analytics_usage_1m_page2.json")
	var before []int
	q := recordedHour(usage.SourceAnalytics)
	q.BeforePage = func() error { before = append(before, len(a.asked())); return nil }
	if _, err := a.client().Usage(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{0, 1}, before); diff != "" {
		t.Errorf("requests made before each call (-want +got):\n%s", diff)
	}

	tired := errors.New("no budget left")
	q.BeforePage = func() error {
		if len(a.asked()) == 3 {
			return tired
		}
		return nil
	}
	_, err := a.client().Usage(t.Context(), q)
	if !errors.Is(err, tired) || err.Error() != "fetch usage of acme: wait before page 2: no budget left" {
		t.Errorf("got %v, want the error of BeforePage", err)
	}
}

func TestTheNewestRefreshStampCounts(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		_, _ = w.Write([]byte([]string{
			`{"data":[],"has_more":true,"next_page":"a","data_refreshed_at":"2026-11-23T11:00:00+01:00"}`,
			`{"data":[],"has_more":false,"next_page":null,"data_refreshed_at":null}`,
		}[n]))
	})
	got, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err != nil {
		t.Fatal(err)
	}
	if got.RefreshedAt != minute(10, 0) || !got.Newest.IsZero() {
		t.Errorf("got refreshed at %s and newest %s, want 10:00 and none", got.RefreshedAt, got.Newest)
	}
}
