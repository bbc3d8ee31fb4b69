package web

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

// elements counts the elements of a page and fails on what is not closed.
func elements(t *testing.T, page string) map[string]int {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	count := map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count
		}
		if err != nil {
			t.Fatalf("read the page: %v", err)
		}
		if e, ok := token.(xml.StartElement); ok {
			count[e.Name.Local]++
		}
	}
}

// words is the text of a page, without markup and with single spaces.
func words(page string) string {
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(text), " ")
}

func checkSays(t *testing.T, page string, sentences ...string) {
	t.Helper()
	text := words(page)
	for _, s := range sentences {
		if !strings.Contains(text, s) {
			t.Errorf("got no %q in\n%s", s, text)
		}
	}
}

func TestThePageSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	w := filled(t)
	page := w.body(t, "/")
	golden(t, "page.html", page)
	checkSays(t, page,
		"1 critical, 1 warning · alerter",
		"As of 2026-11-23 14:00:20 UTC",
		"acme : data 2 min old (up to 13:58 UTC), from analytics: it counts requests too",
		"The last read did not succeed: the API answered 503",
		"since 2026-11-21 13:00 UTC (2 days) · AlerterKeyRefused",
		"since 13:52 UTC (7 min) · LimitPressure",
		"critical, pending",
		"Claude Opus 5 output tokens per minute whole organization 860 1000 86 %",
		"tokens per day whole organization unknown 9 G unknown",
		"Not watched",
		"claude-new",
		"thoughts per minute",
	)
	if got := elements(t, page)["tr"]; got != 7 {
		t.Errorf("got %d rows, want the head and six series", got)
	}
}

func TestThePageOfAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.body(t, "/")
	checkSays(t, page, "No organization has been read yet.", "No alert is active.", "No limits are known yet.")
	if strings.Contains(page, "Not watched") || elements(t, page)["table"] != 0 {
		t.Errorf("got empty lists in\n%s", page)
	}
}

func TestThePageOfAnOrganizationWithoutData(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.update(t, func(tx *store.Tx) error {
		return errors.Join(tx.PutOrganization(organization(), "acme", inside), putLimits(tx))
	})
	checkSays(t, w.body(t, "/"), "acme : no data yet", "unknown 1000 unknown unknown")
}

func TestNamesAreTextAndNeverMarkup(t *testing.T) {
	t.Parallel()
	w := filled(t)
	page := w.body(t, "/")
	if elements(t, page)["script"] != 0 || strings.Contains(page, "<script") {
		t.Errorf("got a script in\n%s", page)
	}
	if !strings.Contains(page, "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt; &amp; &#39;co&#39;") {
		t.Errorf("got no escaped name in\n%s", page)
	}
}

func TestThePageLoadsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	w := filled(t)
	page := w.body(t, "/")
	for _, m := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		// Relative, so that the page works below any path of a proxy.
		if strings.Contains(m[1], ":") || strings.HasPrefix(m[1], "/") {
			t.Errorf("got link %q, want a path relative to the page", m[1])
		}
		if got := w.ask(request("/" + m[1])).Code; got != http.StatusOK {
			t.Errorf("got %d for %q, which the page names", got, m[1])
		}
	}
	for _, bad := range []string{"<style", " style=", " onclick=", "javascript:"} {
		if strings.Contains(page, bad) {
			t.Errorf("got %q in the page, which its policy forbids", bad)
		}
	}
}

func TestSeveralOrganizationsAreNamedInEachLine(t *testing.T) {
	t.Parallel()
	w := filled(t)
	w.update(t, func(tx *store.Tx) error {
		return tx.PutOrganization(usage.Organization{ID: "other", Name: "other"}, "other", inside)
	})
	checkSays(t, w.body(t, "/"), "whole organization acme 860", "LimitPressure", "acme, claude-new", "other : no data yet")
}

func TestThePageShowsTheWorstOfMany(t *testing.T) {
	t.Parallel()
	var st Status
	for i := range 10_000 {
		st.Series = append(st.Series, Series{Labels: Labels{Workspace: fmt.Sprint("w", i)}, State: "fine"})
		st.Alerts = append(st.Alerts, Alert{State: evaluate.Firing, Severity: evaluate.Warning, Annotations: map[string]string{"summary": fmt.Sprint("a", i)}})
		st.Unmatched.Models = append(st.Unmatched.Models, UnmatchedModel{Model: fmt.Sprint("m", i)})
		st.Unmatched.Limiters = append(st.Unmatched.Limiters, UnmatchedLimit{ModelGroup: fmt.Sprint("g", i)})
	}
	var b strings.Builder
	if err := pageTemplate.Execute(&b, newPageData(st, "1")); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	count := elements(t, page)
	if got := count["tr"]; got != 1+shownSeries {
		t.Errorf("got %d rows, want the head and %d", got, shownSeries)
	}
	if got := count["li"]; got != shownAlerts+shownUnwatched {
		t.Errorf("got %d items, want %d alerts and %d not watched", got, shownAlerts, shownUnwatched)
	}
	if len(page) > 1<<20 {
		t.Errorf("got %d bytes, want less than a megabyte", len(page))
	}
	checkSays(t, page, "10000 warning · alerter", "9950 more, none of them worse", "9800 more, none of them worse", "19980 more: see")
}

func TestNumbersAreShortEnoughToRead(t *testing.T) {
	t.Parallel()
	for want, n := range map[string]evaluate.Number{
		"unknown": evaluate.Unknown(), "0": 0, "0.4": 0.37, "64": 64, "9999": 9999, "-120": -120,
		"10 k": 10_000, "12.3 k": 12_345, "999 k": 999_499, "1 M": 999_600, "1.74 M": 1_740_000,
		"20 M": 19_999_000, "9 G": 9_000_000_000, "1 T": 999_900_000_000, "12000 T": 12e15,
		"-12.3 k": -12_345, "∞": evaluate.Number(inf),
	} {
		if got := Amount(n); got != want {
			t.Errorf("got %q for %v, want %q", got, float64(n), want)
		}
	}
}

func TestRatiosAreInPercent(t *testing.T) {
	t.Parallel()
	for want, n := range map[string]evaluate.Number{
		"unknown": evaluate.Unknown(), "0 %": 0, "86 %": 0.858, "99 %": 0.999, "100 %": 1, "104 %": 1.04, "over": evaluate.Number(inf),
	} {
		if got := Percent(n); got != want {
			t.Errorf("got %q for %v, want %q", got, float64(n), want)
		}
	}
}

func TestSpansAreInTheLargestFittingUnit(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"0 s": -time.Second, "59 s": 59 * time.Second, "3 min": 3*time.Minute + 46*time.Second, "119 min": 119 * time.Minute,
		"2 h": 2 * time.Hour, "47 h": 47 * time.Hour, "9 days": 9*24*time.Hour + time.Hour,
	} {
		if got := Span(d); got != want {
			t.Errorf("got %q for %v, want %q", got, d, want)
		}
	}
}

func TestWhoSaysWhatKindEachIs(t *testing.T) {
	t.Parallel()
	top := []Consumer{
		{"workspace", "a", 0.5}, {"workspace", "b", 0.3}, {"workspace", "c", 0.2}, {"model", "m", 1}, {"key", "k", 0.4}, {"key", "l", 0.1},
	}
	for want, most := range map[string]map[string]int{
		"workspace a 50 %, workspace b 30 %, key k 40 %": cellWho,
		"workspace a 50 %, model m 100 %":                {"workspace": 1, "model": 1},
		"":                                               nil,
	} {
		if got := Who(top, most); got != want {
			t.Errorf("got %q for %v, want %q", got, most, want)
		}
	}
}

func TestEveryLimiterHasWords(t *testing.T) {
	t.Parallel()
	for limiter, want := range map[string]string{
		"input_tokens_per_minute_cache_aware": "input tokens per minute (cache reads not counted)",
		"input_tokens_per_minute":             "input tokens per minute (cache reads counted)",
		"fast_itpmca":                         "fast input tokens per minute (cache reads not counted)",
		"fast_otpm":                           "fast output tokens per minute ()",
		"tool_uses_per_second":                "tool uses per second ()",
	} {
		if got := LimiterWords(limiter) + " (" + limiterNote(limiter) + ")"; got != want {
			t.Errorf("got %q for %s, want %q", got, limiter, want)
		}
	}
}

func TestThePictureOfTheLastHour(t *testing.T) {
	t.Parallel()
	for want, h := range map[string]History{
		"last hour: nothing known":     {evaluate.Unknown()},
		"last hour: at most 95\u00a0%": {0.5, 0.8, 0.95, evaluate.Unknown()},
		"last hour: at most over":      {evaluate.Number(inf)},
	} {
		got := string(bars(h))
		if !strings.Contains(got, `aria-label="`+want+`"`) {
			t.Errorf("got %s, want it labelled %q", got, want)
		}
		elements(t, got)
	}
	got := string(bars(History{0.5, 0.8, 0.95}))
	for _, class := range []string{"low", "high", "full"} {
		if !strings.Contains(got, `class="`+class+`"`) {
			t.Errorf("got %s, want a bar of class %s", got, class)
		}
	}
	if !strings.Contains(got, "M177 28v-21h2v21z") {
		t.Errorf("got %s, want the newest minute at the right edge", got)
	}
}

func TestHistoryInJSONHasFourDigits(t *testing.T) {
	t.Parallel()
	got, err := History{0.123456, evaluate.Unknown(), evaluate.Number(inf), 1, 0}.MarshalJSON()
	if want := "[0.1235,null,null,1,0]"; err != nil || string(got) != want {
		t.Errorf("got %s %v, want %s", got, err, want)
	}
}
