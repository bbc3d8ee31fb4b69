package simulate_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"alerter/fetch/simulate"
)

// crowd is a busy organization whose clock stands still.
func crowd(t *testing.T) *simulate.Server {
	t.Helper()
	c := simulate.Synthetic(6, 40, 7)
	c.Reporting.Corrected, c.Reporting.CorrectedAfter = 0.1, 10*time.Minute
	c.Now = func() time.Time { return c.Start.Add(17 * time.Second) }
	return server(t, c)
}

// pages follows next_page until has_more is false and returns all rows as text.
func pages(t *testing.T, s http.Handler, path string) (rows []string, n int) {
	t.Helper()
	next, seen := "", map[string]bool{}
	for {
		o := get(t, s, path+next)
		n++
		for _, row := range data(t, o) {
			rows = append(rows, text(row))
		}
		page, _ := o["next_page"].(string)
		if more, ok := o["has_more"]; ok && more != (page != "") {
			t.Fatalf("page %d: has_more %v beside next_page %q", n, more, page)
		}
		if page == "" {
			return rows, n
		}
		if seen[page] {
			t.Fatalf("page %d: cursor %q again", n, page)
		}
		seen[page] = true
		next = "&page=" + url.QueryEscape(page)
	}
}

func TestPagingLosesNothing(t *testing.T) {
	t.Parallel()
	const (
		hour    = "?starting_at=2026-11-23T11:40:00Z&ending_at=2026-11-23T12:05:00Z"
		grouped = "&group_by[]=model&group_by[]=workspace_id"
	)
	r := rand.New(rand.NewPCG(1, 2))
	tests := []struct {
		name, path string
		most       int
	}{
		{"oldest first", usage + hour + "&time_bucket_width=1m&order_by=time&order=asc" + grouped, 1000},
		{"newest first", usage + hour + "&time_bucket_width=1m&order_by=time" + grouped, 1000},
		{"largest first", usage + hour + "&time_bucket_width=1m" + grouped, 1000},
		{"smallest first", usage + hour + "&time_bucket_width=1m&order=asc&order_by=requests" + grouped, 1000},
		{"hours", usage + hour + "&time_bucket_width=1h&order_by=time" + grouped, 1000},
		{"totals", usage + hour + grouped, 1000},
		{"report", report + hour + "&bucket_width=1m" + grouped, 1440},
		{"limits", limits + "?group_type=model_group", 1000},
	}
	for _, test := range tests {
		var sizes []int
		for range 4 {
			sizes = append(sizes, 1+r.IntN(60))
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := crowd(t)
			want, n := pages(t, s, fmt.Sprintf("%s&limit=%d", test.path, test.most))
			if n != 1 || len(want) == 0 {
				t.Fatalf("got %d rows on %d pages with the largest limit, want one page", len(want), n)
			}
			for _, limit := range sizes {
				got, n := pages(t, s, fmt.Sprintf("%s&limit=%d", test.path, limit))
				if wantPages := (len(want) + limit - 1) / limit; n != wantPages {
					t.Errorf("limit %d: got %d pages, want %d", limit, n, wantPages)
				}
				if strings.Join(got, "\n") != strings.Join(want, "\n") {
					t.Errorf("limit %d: %d rows differ from the %d in one page", limit, len(got), len(want))
				}
			}
		})
	}
}

func TestDefaultPageSizes(t *testing.T) {
	t.Parallel()
	s := crowd(t)
	const range_ = "?starting_at=2026-11-22T00:00:00Z&ending_at=2026-11-22T12:00:00Z"
	for path, want := range map[string]int{
		usage + range_ + "&time_bucket_width=1m&group_by[]=model": 20,
		cost + range_ + "&time_bucket_width=1m&group_by[]=model":  20,
		report + range_ + "&bucket_width=1m":                      60,
		report + "?starting_at=2026-11-01T00:00:00Z":              7,
		report + range_ + "&bucket_width=1h":                      12,
		costs + "?starting_at=2026-11-01T00:00:00Z":               7,
		limits:                           6,
		spaces:                           10,
		spaces + "?include_default=true": 11,
	} {
		if got := len(data(t, get(t, s, path))); got != want {
			t.Errorf("GET %s: got %d entries, want %d", path, got, want)
		}
	}
}

func TestPageSplitsABucket(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	q := usage + hourQuery("&group_by[]=model&group_by[]=service_tier&limit=3")
	first := get(t, s, q)
	rows := data(t, first)
	if got := rows[2]["starting_at"]; got != "2026-11-23T12:00:00Z" {
		t.Errorf("got last row of page 1 at %v", got)
	}
	second := data(t, get(t, s, q+"&page="+first["next_page"].(string)))
	if a, b := second[0]["starting_at"], second[2]["starting_at"]; a != b || a != "2026-11-23T12:02:00Z" {
		t.Errorf("got rows at %v and %v, want all of page 2 in the bucket that is split", a, b)
	}
}

func TestCursorBelongsToItsRequest(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	q := usage + hourQuery("&group_by[]=model&limit=2")
	page := "&page=" + get(t, s, q)["next_page"].(string)
	for _, path := range []string{
		usage + hourQuery("&group_by[]=model&limit=3") + page,
		usage + hourQuery("&group_by[]=product&limit=2") + page,
		cost + hourQuery("&group_by[]=model&limit=2") + page,
		q + "&models[]=" + opus + page,
	} {
		if w := request(s, path, nil); w.Code != http.StatusBadRequest {
			t.Errorf("GET %s: got %d, want 400", path, w.Code)
		}
	}
	if w := request(s, q+page, nil); w.Code != http.StatusOK {
		t.Errorf("got %d for the cursor's own request", w.Code)
	}
}

func TestListsGoBothWays(t *testing.T) {
	t.Parallel()
	s := crowd(t)
	for _, limit := range []int{1, 3, 4, 10, 1000} {
		var names []string
		after := ""
		for {
			o := get(t, s, fmt.Sprintf("%s?limit=%d%s", spaces, limit, after))
			for _, w := range data(t, o) {
				names = append(names, w["name"].(string))
			}
			if o["last_id"] == nil {
				t.Fatalf("limit %d: last_id is null on a page with entries", limit)
			}
			if !o["has_more"].(bool) {
				break
			}
			after = "&after_id=" + o["last_id"].(string)
		}
		if len(names) != 10 || names[0] != "workspace-1" || names[9] != "workspace-10" {
			t.Errorf("limit %d: got %v", limit, names)
		}
	}
	back := get(t, s, spaces+"?limit=3&before_id=wrkspc_synthetic06")
	if back["first_id"] != "wrkspc_synthetic03" || back["last_id"] != "wrkspc_synthetic05" || back["has_more"] != true {
		t.Errorf("got %s before the sixth", text(back))
	}
	empty := get(t, server(t, small()), apiKeys+"?status=expired")
	if text(empty) != `{"data":[],"first_id":null,"has_more":false,"last_id":null}` {
		t.Errorf("got %s for no keys", text(empty))
	}
}
