package fetch

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/fetch/simulate"
	"alerter/usage"
)

func TestFaultsOfThePlayedAPI(t *testing.T) {
	t.Parallel()
	status := func(code int, f simulate.Fault) (simulate.Fault, func(error) bool) {
		f.Kind, f.Status = simulate.Status, code
		return f, func(err error) bool {
			e, ok := errors.AsType[*StatusError](err)
			return ok && e.Code == code && e.RequestID != "" && e.RetryAfter == f.RetryAfter
		}
	}
	says := func(text string) func(error) bool {
		return func(err error) bool { return strings.Contains(err.Error(), text) }
	}
	type fault struct {
		fault simulate.Fault
		is    func(error) bool
	}
	all := map[string]fault{
		"html":    {simulate.Fault{Kind: simulate.HTML}, says("it is HTML, not JSON")},
		"cut off": {simulate.Fault{Kind: simulate.CutOff}, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		"hang":    {simulate.Fault{Kind: simulate.Hang}, func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }},
	}
	for name, code := range map[string]int{"401": 401, "403": 403, "429": 429, "500": 500, "503": 503, "529": 529} {
		f, is := status(code, simulate.Fault{})
		all[name] = fault{f, is}
	}
	f, is := status(429, simulate.Fault{RetryAfter: 33 * time.Second})
	all["429 with Retry-After"] = fault{f, is}
	for name, tt := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := play(t)
			want := p.everything(t)
			p.inject(t, tt.fault)
			for call, do := range calls(p.client) {
				ctx, cancel := context.WithCancel(t.Context())
				if tt.fault.Kind == simulate.Hang {
					ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
				}
				if err := do(ctx); err == nil || !tt.is(err) {
					t.Errorf("%s: got %v", call, err)
				}
				cancel()
			}
			p.Clear()
			if diff := cmp.Diff(want, p.everything(t)); diff != "" {
				t.Errorf("after the fault (-before +after):\n%s", diff)
			}
		})
	}
}

func TestAKeyThePlayedAPIDoesNotKnowIsRefused(t *testing.T) {
	t.Parallel()
	p := play(t)
	p.client.Key = func() (string, error) { return testKey + "x", nil }
	for call, do := range calls(p.client) {
		err := do(t.Context())
		if e, ok := errors.AsType[*StatusError](err); !ok || !e.KeyRefused() || RestFor(err, p.at) != 5*time.Minute {
			t.Errorf("%s: got %v, want a refused key", call, err)
		}
	}
}

func TestA429OfThePlayedAPIRestsUntilItsReset(t *testing.T) {
	t.Parallel()
	p := play(t)
	p.inject(t, simulate.Fault{Kind: simulate.Status, Status: 429, ResetAfter: 42 * time.Second})
	_, err := p.client.OrganizationLimits(t.Context())
	if rest := RestFor(err, p.at); rest != 42*time.Second {
		t.Errorf("got rest %s after %v, want 42s", rest, err)
	}
}

func TestProbesShowHowFarAReportIsBehind(t *testing.T) {
	t.Parallel()
	p := play(t)
	newest := func(source usage.SourceKind) time.Time {
		t.Helper()
		got, err := p.client.Probe(t.Context(), source, p.at)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got, want := newest(usage.SourceAnalytics), newest(usage.SourceReport); !got.Equal(want) || p.at.Sub(got) > 10*time.Minute {
		t.Errorf("got newest %s and %s, want the same recent minute", got, want)
	}
	p.inject(t, simulate.Fault{Kind: simulate.LateAnalytics, Lateness: 3 * time.Hour})
	if behind := newest(usage.SourceReport).Sub(newest(usage.SourceAnalytics)); behind < 3*time.Hour-5*time.Minute || behind > 3*time.Hour+5*time.Minute {
		t.Errorf("got %s between the reports, want about 3h", behind)
	}
	p.inject(t, simulate.Fault{Kind: simulate.NotEnrolled})
	_, err := p.client.Probe(t.Context(), usage.SourceAnalytics, p.at)
	if e, ok := errors.AsType[*StatusError](err); !ok || !e.Refused() {
		t.Errorf("got %v, want the report refused", err)
	}
}
