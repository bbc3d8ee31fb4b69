package fetch

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/fetch/simulate"
	"alerter/usage"
)

// heard is an API that keeps the bodies of its answers of status 200.
type heard struct {
	*played
	bodies [][]byte
}

func playHeard(t *testing.T) *heard {
	t.Helper()
	h := &heard{played: play(t)}
	h.api = serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		h.rewrite(r)
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		if answer.Code == http.StatusOK {
			h.bodies = append(h.bodies, answer.Body.Bytes())
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
	now := h.client.Now
	h.client = h.api.client()
	h.client.Now = now
	return h
}

// last is the newest answer.
func (h *heard) last() []byte { return h.bodies[len(h.bodies)-1] }

func TestRawAnswersAreTheBytesThatCame(t *testing.T) {
	t.Parallel()
	h := playHeard(t)
	org, raw, err := h.client.RawOrganization(t.Context())
	if err != nil || org.ID == "" || !bytes.Equal(raw, h.last()) {
		t.Errorf("organization: got %q (%v), want %q", raw, err, h.last())
	}
	workspaces, raw, err := h.client.RawWorkspaces(t.Context())
	if err != nil || len(workspaces) < 2 || !bytes.Equal(raw, h.last()) {
		t.Errorf("workspaces: got %q (%v), want %q", raw, err, h.last())
	}
	for _, id := range []string{"", orgAgents} {
		raw, err := h.client.RawLimits(t.Context(), id)
		if err != nil || !bytes.Equal(raw, h.last()) {
			t.Errorf("limits of %q: got %q (%v), want %q", id, raw, err, h.last())
		}
		if _, err := ReadLimits(bytes.NewReader(raw), id); err != nil {
			t.Errorf("limits of %q cannot be read again: %v", id, err)
		}
	}
	if raw, err := h.client.RawLimits(t.Context(), orgDefault); err != nil || raw != nil {
		t.Errorf("limits of the default workspace: got %q (%v), want none", raw, err)
	}
}

func TestAListOfSeveralPagesIsJoined(t *testing.T) {
	t.Parallel()
	h := playHeard(t)
	h.rewrite = func(r *http.Request) {
		q := r.URL.Query()
		q.Set("limit", "2")
		r.URL.RawQuery = q.Encode()
	}
	want, raw, err := h.client.RawWorkspaces(t.Context())
	if err != nil || len(h.bodies) < 2 {
		t.Fatalf("got %d pages (%v), want several", len(h.bodies), err)
	}
	got, err := ReadWorkspaces(bytes.NewReader(raw))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("read again (-want +got): %v\n%s", err, diff)
	}
	limits, err := h.client.RawLimits(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	wantLimits, err := h.client.OrganizationLimits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gotLimits, err := ReadLimits(bytes.NewReader(limits), "")
	if diff := cmp.Diff(wantLimits, gotLimits); err != nil || diff != "" {
		t.Errorf("limits read again (-want +got): %v\n%s", err, diff)
	}
}

func TestRawPagesOfUsageAreReadOneByOne(t *testing.T) {
	t.Parallel()
	for _, source := range []usage.SourceKind{usage.SourceAnalytics, usage.SourceReport} {
		t.Run(string(source), func(t *testing.T) {
			t.Parallel()
			h := playHeard(t)
			h.rewrite = func(r *http.Request) {
				q := r.URL.Query()
				q.Set("limit", "25")
				r.URL.RawQuery = q.Encode()
			}
			asked := h.hour(source)
			kept := Saved{Source: source, DefaultWorkspaceID: orgDefault}
			q := RawQuery{Source: source, From: asked.From, To: asked.To}
			until := q.From
			for {
				p, err := h.client.RawUsage(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(p.Body, h.last()) {
					t.Fatalf("got a page of %d bytes, want the %d that came", len(p.Body), len(h.last()))
				}
				if p.Until.Before(until) || !p.Until.Before(q.To) || p.Newest.After(p.Until) || !p.ReadAt.Equal(h.at) {
					t.Errorf("got until %s, newest %s, read at %s after %s", p.Until, p.Newest, p.ReadAt, until)
				}
				until = p.Until
				again, err := ReadRawUsage(bytes.NewReader(p.Body), source)
				p.Body, p.ReadAt = nil, time.Time{}
				if diff := cmp.Diff(p, again); err != nil || diff != "" {
					t.Errorf("read again (-want +got): %v\n%s", err, diff)
				}
				if err := kept.Read(bytes.NewReader(h.last())); err != nil {
					t.Fatal(err)
				}
				if q.Cursor = p.Next; q.Cursor == "" {
					break
				}
			}
			answer, err := h.client.Usage(t.Context(), asked)
			if err != nil {
				t.Fatal(err)
			}
			minutes, _ := kept.Minutes(h.at)
			if diff := cmp.Diff(bucketsOf(answer.Minutes), bucketsOf(minutes)); diff != "" {
				t.Errorf("of the raw pages, and of one reading (-want +got):\n%s", diff)
			}
		})
	}
}

// bucketsOf is what was used, without minutes in which nothing was.
func bucketsOf(minutes []usage.Minute) map[time.Time][]usage.Bucket {
	used := map[time.Time][]usage.Bucket{}
	for _, m := range minutes {
		if len(m.Buckets) > 0 {
			used[m.Start] = slices.SortedFunc(slices.Values(m.Buckets), func(a, b usage.Bucket) int {
				return strings.Compare(fmt.Sprint(*a.Of), fmt.Sprint(*b.Of))
			})
		}
	}
	return used
}

func TestRawCostIsReadFromEitherReport(t *testing.T) {
	t.Parallel()
	for _, source := range []usage.SourceKind{usage.SourceAnalytics, usage.SourceReport} {
		h := playHeard(t)
		to := h.at.Truncate(24 * time.Hour)
		p, err := h.client.RawCost(t.Context(), RawQuery{Source: source, From: to.Add(-24 * time.Hour), To: to})
		if err != nil || !bytes.Equal(p.Body, h.last()) || !bytes.Contains(p.Body, []byte(`"amount"`)) {
			t.Errorf("%s: got %q (%v), want %q", source, p.Body, err, h.last())
		}
		again, err := ReadRawCost(bytes.NewReader(p.Body))
		if err != nil || again.Next != p.Next {
			t.Errorf("%s: got %+v (%v) when read again, want next %q", source, again, err, p.Next)
		}
	}
}

func TestAnAnswerThatBreaksOffIsKeptOnceAndWhole(t *testing.T) {
	t.Parallel()
	h := playHeard(t)
	want, err := h.client.RawUsage(t.Context(), rawHour(h.played))
	if err != nil {
		t.Fatal(err)
	}
	cut := play(t)
	cut.inject(t, simulate.Fault{Kind: simulate.CutOff, Count: 1})
	got, err := cut.client.RawUsage(t.Context(), rawHour(cut))
	if err != nil || !bytes.Equal(got.Body, want.Body) {
		t.Errorf("got %d bytes (%v), want the %d of an answer in one go", len(got.Body), err, len(want.Body))
	}
}

func rawHour(p *played) RawQuery {
	q := p.hour(usage.SourceAnalytics)
	return RawQuery{Source: q.Source, From: q.From, To: q.To}
}

func TestWhatCannotBeKeptIsAnError(t *testing.T) {
	t.Parallel()
	from := minute(9, 57)
	for name, tt := range map[string]struct {
		answer string
		query  RawQuery
		want   string
	}{
		"an answer with the key in it": {`{"data":[],"has_more":false,"echo":"` + testKey + `"}`, RawQuery{Source: usage.SourceAnalytics, From: from, To: from.Add(time.Hour)}, "it repeats the key"},
		"a row that cannot be read":    {`{"data":[{"starting_at":5}]}`, RawQuery{Source: usage.SourceAnalytics, From: from, To: from.Add(time.Hour)}, "data[0]: starting_at is not a time"},
		"the cursor that was asked":    {paged("a"), RawQuery{Source: usage.SourceAnalytics, From: from, To: from.Add(time.Hour), Cursor: "a"}, "repeats a cursor"},
		"a span that is too long":      {`{"data":[]}`, RawQuery{Source: usage.SourceReport, From: from, To: from.Add(48 * time.Hour)}, "more than the 24 hours"},
		"usage by key":                 {`{"data":[]}`, RawQuery{Source: usage.SourceKeys, From: from, To: from.Add(time.Hour)}, "is not read raw"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := says(t, tt.answer).client().RawUsage(t.Context(), tt.query)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), testKey) {
				t.Errorf("got %v, want %q and no key", err, tt.want)
			}
		})
	}
}

func TestARawPageWithoutSpeedIsReadWhereSpeedIsRefused(t *testing.T) {
	t.Parallel()
	h := playHeard(t)
	api := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if slices.Contains(r.URL.Query()["group_by[]"], "speed") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
	client := api.client()
	client.Now = h.client.Now
	q := rawHour(h.played)
	q.Source = usage.SourceReport
	for range 2 {
		if p, err := client.RawUsage(t.Context(), q); err != nil || len(p.Body) == 0 {
			t.Fatalf("got %d bytes (%v), want a page", len(p.Body), err)
		}
	}
	if n := len(api.asked()); n != 3 {
		t.Errorf("got %d requests, want 3: the refusal is remembered", n)
	}
	_, err := client.RawCost(t.Context(), RawQuery{Source: usage.SourceAnalytics})
	if refused, ok := errors.AsType[*StatusError](err); !ok || refused.Endpoint != EndpointCost {
		t.Errorf("got %v, want a refusal by %s", err, EndpointCost)
	}
}
