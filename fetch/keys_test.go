package fetch

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

// twoReports answers analytics/usage with one reply and the older report with another.
func twoReports(t *testing.T, analytics, report reply) *api {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if strings.HasSuffix(r.URL.Path, "/analytics/usage") {
			analytics.write(w)
			return
		}
		report.write(w)
	})
}

var (
	notEnrolled = reply{code: 400, body: envelope("invalid_request_error", "not enrolled", "organization_not_enrolled_in_beta")}
	keyRow      = strings.Replace(goodRow, `"product":"messages_api"`, `"product":null,"api_key_id":"apikey_1"`, 1)
	keyBucket   = strings.Replace(goodBucket, `"api_key_id":null`, `"api_key_id":"apikey_1"`, 1)
)

func TestUsageByKeyComesFromTheNewerReport(t *testing.T) {
	t.Parallel()
	a := twoReports(t, reply{code: 200, body: onePage(keyRow)}, reply{code: 500})
	got, err := a.client().Usage(t.Context(), recordedHour(usage.SourceKeys))
	if err != nil {
		t.Fatal(err)
	}
	want := []usage.Bucket{used(usage.Combination{Model: "m", WorkspaceID: "w", ServiceTier: "standard", Speed: "standard", APIKeyID: "apikey_1"}, 1, 1, 3, 2, 4, 5, 6)}
	if diff := cmp.Diff(want, got.Minutes[0].Buckets); diff != "" {
		t.Errorf("buckets (-want +got):\n%s", diff)
	}
	if got.Minutes[0].Source != usage.SourceKeys || got.Notes != nil {
		t.Errorf("got source %s and notes %q, want keys and none", got.Minutes[0].Source, got.Notes)
	}
	by := []string{"model", "workspace_id", "api_key_id", "service_tier", "speed"}
	if got := a.asked()[0].URL.Query()["group_by[]"]; !slices.Equal(got, by) {
		t.Errorf("got grouped by %v, want %v", got, by)
	}
}

func TestUsageByKeyFallsBackToTheOlderReport(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]reply{
		"not enrolled": notEnrolled,
		"bare 400":     {code: 400, body: envelope("invalid_request_error", "group_by: no", "")},
		"403":          {code: 403, body: envelope("permission_error", "no", "")},
		"404":          {code: 404, body: envelope("not_found_error", "no", "")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := twoReports(t, refusal, reply{code: 200, body: onePage(keyBucket)})
			c, clock := a.client(), tick
			c.Now = func() time.Time { return clock }
			for range 2 {
				got, err := c.Usage(t.Context(), recordedHour(usage.SourceKeys))
				if err != nil {
					t.Fatal(err)
				}
				want := []usage.Bucket{used(usage.Combination{Model: "m", WorkspaceID: "w", ServiceTier: "standard", Speed: "standard", APIKeyID: "apikey_1"},
					usage.RequestsUnknown, 1, 3, 2, 4, 5, 6)}
				if diff := cmp.Diff(want, got.Minutes[0].Buckets); diff != "" {
					t.Errorf("buckets (-want +got):\n%s", diff)
				}
				if got.Minutes[0].Source != usage.SourceKeys || len(got.Notes) == 0 || got.Notes[0] != keysFromReportNote {
					t.Errorf("got source %s and notes %q, want keys and a note", got.Minutes[0].Source, got.Notes)
				}
			}
			if n := len(a.asked()); n != 3 {
				t.Errorf("got %d requests, want 3: the refusal is remembered", n)
			}
			by := []string{"model", "workspace_id", "service_tier", "api_key_id", "speed"}
			if got := a.asked()[1].URL.Query()["group_by[]"]; !slices.Equal(got, by) {
				t.Errorf("got grouped by %v, want %v", got, by)
			}
			clock = clock.Add(refusalLasts)
			if _, err := c.Usage(t.Context(), recordedHour(usage.SourceKeys)); err != nil {
				t.Fatal(err)
			}
			if n := len(a.asked()); n != 5 {
				t.Errorf("got %d requests after six hours, want the newer report to be asked again", n)
			}
		})
	}
}

func TestUsageByKeyDoesNotFallBackFromATrouble(t *testing.T) {
	t.Parallel()
	for _, code := range []int{401, 429, 500} {
		a := twoReports(t, reply{code: code}, reply{code: 200, body: onePage(keyBucket)})
		_, err := a.client().Usage(t.Context(), recordedHour(usage.SourceKeys))
		if refused, ok := errors.AsType[*StatusError](err); !ok || refused.Code != code {
			t.Errorf("got %v, want the %d", err, code)
		}
	}
}

func TestWhenBothReportsFailBothReasonsAreTold(t *testing.T) {
	t.Parallel()
	a := twoReports(t, notEnrolled, reply{code: 401, body: envelope("authentication_error", "bad", "")})
	_, err := a.client().Usage(t.Context(), recordedHour(usage.SourceKeys))
	if refused, ok := errors.AsType[*StatusError](err); !ok || !refused.KeyRefused() {
		t.Errorf("got %v, want the refused key first", err)
	}
	if err == nil || !strings.Contains(err.Error(), "organization_not_enrolled_in_beta") {
		t.Errorf("got %v, want the refusal of the newer report too", err)
	}
}

func TestTheOlderReportIsReadWithoutSpeedWhereThatIsRefused(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if slices.Contains(r.URL.Query()["group_by[]"], "speed") {
			reply{code: 400, body: envelope("invalid_request_error", "group_by[]: speed needs a beta", "")}.write(w)
			return
		}
		if r.Header.Get("anthropic-beta") != "" {
			t.Errorf("got beta %q without the dimension it is for", r.Header.Get("anthropic-beta"))
		}
		_, _ = w.Write([]byte(onePage(change(goodBucket, `"speed":"standard"`, `"speed":null`))))
	})
	c := a.client()
	for range 2 {
		got, err := c.Usage(t.Context(), recordedHour(usage.SourceReport))
		if err != nil {
			t.Fatal(err)
		}
		if of := *got.Minutes[0].Buckets[0].Of; of != (usage.Combination{Model: "m", WorkspaceID: "w", ServiceTier: "standard"}) {
			t.Errorf("got %+v, want a combination without speed", of)
		}
		if diff := cmp.Diff([]string{noSpeedNote}, got.Notes); diff != "" {
			t.Errorf("notes (-want +got):\n%s", diff)
		}
	}
	if n := len(a.asked()); n != 3 {
		t.Errorf("got %d requests, want 3: the refusal is remembered", n)
	}
}

func TestA400ThatIsNotAboutSpeedIsTold(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		reply{code: 400, body: envelope("invalid_request_error", []string{"first", "second"}[n%2], "")}.write(w)
	})
	c := a.client()
	for range 2 {
		_, err := c.Usage(t.Context(), recordedHour(usage.SourceReport))
		if refused, ok := errors.AsType[*StatusError](err); !ok || refused.Message != "first" {
			t.Errorf("got %v, want the first refusal", err)
		}
	}
	if n := len(a.asked()); n != 4 {
		t.Errorf("got %d requests, want 4: nothing is remembered", n)
	}
}

func TestProbeOfTheNewerReportAsksForOneRow(t *testing.T) {
	t.Parallel()
	a := says(t, onePage(goodRow))
	got, err := a.client().Probe(t.Context(), usage.SourceAnalytics, tick)
	if err != nil || got != minute(9, 57) {
		t.Errorf("got %s, %v, want 09:57", got, err)
	}
	want := url.Values{
		"starting_at": {"2026-11-22T10:04:00Z"}, "ending_at": {"2026-11-23T10:04:00Z"}, "time_bucket_width": {"1m"},
		"order_by": {"time"}, "order": {"desc"}, "limit": {"1"},
	}
	if diff := cmp.Diff(want, a.asked()[0].URL.Query()); diff != "" || len(a.asked()) != 1 {
		t.Errorf("%d requests, the first (-want +got):\n%s", len(a.asked()), diff)
	}
}

func TestProbeOfTheOlderReportLooksFurtherBackOnlyWhenNothingIsNear(t *testing.T) {
	t.Parallel()
	near := says(t, onePage(goodBucket, change(change(goodBucket, "09:57", "09:58"), "09:58:00Z\",\"results", "09:59:00Z\",\"results")))
	got, err := near.client().Probe(t.Context(), usage.SourceReport, tick)
	if err != nil || got != minute(9, 58) || len(near.asked()) != 1 {
		t.Errorf("got %s, %v after %d requests, want 09:58 after 1", got, err, len(near.asked()))
	}
	far := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		_, _ = w.Write([]byte([]string{onePage(), onePage(change(change(goodBucket, "09:57", "01:57"), "09:58", "01:58"))}[n]))
	})
	got, err = far.client().Probe(t.Context(), usage.SourceReport, tick)
	if err != nil || got != minute(1, 57) {
		t.Errorf("got %s, %v, want 01:57", got, err)
	}
	var from []string
	for _, r := range far.asked() {
		from = append(from, r.URL.Query().Get("starting_at")+" "+r.URL.Query().Get("limit"))
	}
	if want := []string{"2026-11-23T08:04:00Z 120", "2026-11-22T10:04:00Z 1440"}; !slices.Equal(from, want) {
		t.Errorf("got %v, want %v", from, want)
	}
}

func TestProbeOfAnEmptyReportIsZero(t *testing.T) {
	t.Parallel()
	for _, source := range []usage.SourceKind{usage.SourceAnalytics, usage.SourceReport, usage.SourceKeys} {
		if got, err := says(t, onePage()).client().Probe(t.Context(), source, tick); err != nil || !got.IsZero() {
			t.Errorf("%s: got %s, %v, want no time and no error", source, got, err)
		}
	}
}

func TestAny400ToAProbeMeansThatTheReportIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		reply   reply
		refused bool
	}{
		"not enrolled": {notEnrolled, true},
		"bare 400":     {reply{code: 400, body: envelope("invalid_request_error", "no", "")}, true},
		"403":          {reply{code: 403}, true},
		"404":          {reply{code: 404}, true},
		"401":          {reply{code: 401}, false},
		"429":          {reply{code: 429}, false},
		"500":          {reply{code: 500}, false},
	} {
		a := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { tt.reply.write(w) })
		_, err := a.client().Probe(t.Context(), usage.SourceAnalytics, tick)
		if refused, ok := errors.AsType[*StatusError](err); !ok || refused.Refused() != tt.refused {
			t.Errorf("%s: got %v, want refused %t", name, err, tt.refused)
		}
	}
}

func TestProbeOfAnUnknownSourceIsAnError(t *testing.T) {
	t.Parallel()
	_, err := says(t, onePage()).client().Probe(t.Context(), "console", tick)
	if err == nil || err.Error() != `probe usage of acme: there is no source "console"` {
		t.Errorf("got %v, want an error", err)
	}
}
