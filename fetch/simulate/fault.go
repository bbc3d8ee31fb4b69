package simulate

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Kind is what is wrong in a Fault.
type Kind string

// The faults there are. The first five replace the answer, the others change it.
const (
	Status         Kind = "status"          // an error in the documented envelope
	NotEnrolled    Kind = "not_enrolled"    // 400 organization_not_enrolled_in_beta
	HTML           Kind = "html"            // 200 with a page of HTML
	Hang           Kind = "hang"            // no answer until the client gives up
	CutOff         Kind = "cut_off"         // the body ends in the middle
	UnknownLimiter Kind = "unknown_limiter" // rate limits with a limiter type nobody knows
	UnknownGroup   Kind = "unknown_group"   // rate limits with a group type nobody knows
	ExtraField     Kind = "extra_field"     // every object of the answer has a field nobody knows
	LateAnalytics  Kind = "late_analytics"  // the newer reports are Lateness older
	StopReporting  Kind = "stop_reporting"  // the reports show nothing newer than Since
)

// Fault is something wrong with the answers of one endpoint or all.
type Fault struct {
	ID       int // given by Inject
	Kind     Kind
	Endpoint Endpoint // empty: all
	Count    int      // answers it has left; zero: until it is cleared

	Status     int           // of a Status fault: 400 to 599
	ErrorCode  string        // of a Status fault: details.error_code
	RetryAfter time.Duration // of a Status fault: the header, in whole seconds; zero: none
	ResetAfter time.Duration // of a Status fault: anthropic-ratelimit-requests-reset; zero: none
	Lateness   time.Duration // of LateAnalytics
	Since      time.Time     // of StopReporting; zero: when it is injected
}

type faults struct {
	mu   sync.Mutex // guards everything below
	list []Fault
	last int
}

// Inject switches a fault on and returns its id.
func (s *Server) Inject(f Fault) (int, error) {
	if err := f.check(); err != nil {
		return 0, fmt.Errorf("inject fault: %w", err)
	}
	if f.Kind == StopReporting && f.Since.IsZero() {
		f.Since = s.now()
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.last++
	f.ID = s.faults.last
	s.faults.list = append(s.faults.list, f)
	return f.ID, nil
}

// Clear switches faults off, all of them without ids. Ids of faults that are
// over are no mistake.
func (s *Server) Clear(ids ...int) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = slices.DeleteFunc(s.faults.list, func(f Fault) bool { return len(ids) == 0 || slices.Contains(ids, f.ID) })
}

// Faults are the faults that are on.
func (s *Server) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return slices.Clone(s.faults.list)
}

func (f Fault) check() error {
	all := []Kind{Status, NotEnrolled, HTML, Hang, CutOff, UnknownLimiter, UnknownGroup, ExtraField, LateAnalytics, StopReporting}
	endpoints := []Endpoint{"", Me, Workspaces, OneWorkspace, APIKeys, RateLimits, WorkspaceRateLimits, AnalyticsUsage,
		AnalyticsCost, UsageReport, CostReport, SpendLimits}
	switch {
	case !slices.Contains(all, f.Kind):
		return fmt.Errorf("unknown kind %q", f.Kind)
	case !slices.Contains(endpoints, f.Endpoint):
		return fmt.Errorf("unknown endpoint %q", f.Endpoint)
	case f.Kind == Status && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("status %d is not an error", f.Status)
	case f.Kind == LateAnalytics && f.Lateness <= 0:
		return fmt.Errorf("lateness %s is not positive", f.Lateness)
	case f.Count < 0 || f.RetryAfter < 0 || f.ResetAfter < 0:
		return fmt.Errorf("count, retry_after or reset_after is negative")
	}
	return nil
}

// take is the faults of one answer, which counts against them. Of those that
// replace the answer only the first is taken.
func (f *faults) take(e Endpoint) []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var taken []Fault
	replaced := false
	for i := 0; i < len(f.list); i++ {
		one := &f.list[i]
		replaces := one.replaces()
		if !one.aimedAt(e) || replaces && replaced {
			continue
		}
		replaced = replaced || replaces
		taken = append(taken, *one)
		if one.Count == 1 {
			f.list = slices.Delete(f.list, i, i+1)
			i--
		} else if one.Count > 1 {
			one.Count--
		}
	}
	return taken
}

func (f Fault) aimedAt(e Endpoint) bool {
	if (f.Kind == NotEnrolled || f.Kind == LateAnalytics) && e != AnalyticsUsage && e != AnalyticsCost {
		return false
	}
	return f.Endpoint == "" || f.Endpoint == e
}

func (f Fault) replaces() bool {
	return slices.Contains([]Kind{Status, NotEnrolled, HTML, Hang, CutOff}, f.Kind)
}

func has(all []Fault, k Kind) bool {
	return slices.ContainsFunc(all, func(f Fault) bool { return f.Kind == k })
}

// fail answers with a fault, and reports whether it did.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, all []Fault, id string) bool {
	for _, f := range all {
		switch f.Kind {
		case Status:
			if f.RetryAfter > 0 {
				w.Header().Set("retry-after", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
			}
			if f.ResetAfter > 0 {
				w.Header().Set("anthropic-ratelimit-requests-reset", s.now().Add(f.ResetAfter).Format(time.RFC3339))
			}
			write(w, f.Status, f.refusal().body(id))
		case NotEnrolled:
			no := refuse(400, "This organization is not enrolled in the beta %s.", analyticsBeta)
			no.code = "organization_not_enrolled_in_beta"
			write(w, no.status, no.body(id))
		case HTML:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte("<!doctype html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n"))
		case Hang:
			<-r.Context().Done()
		default:
			continue
		}
		return true
	}
	return false
}

// refusal words an error as the examples in the documentation do.
func (f Fault) refusal() *refusal {
	text := map[int]string{
		401: "invalid x-api-key",
		403: "Your API key does not have permission to use the specified resource.",
		404: "Not found",
		429: "This request would exceed your organization's rate limit for this endpoint. Please try again later.",
		500: "Internal server error",
		503: "Service unavailable",
		529: "Overloaded",
	}[f.Status]
	if text == "" {
		text = http.StatusText(f.Status)
	}
	r := refuse(f.Status, "%s", text)
	if r.kind == "" {
		r.kind = "api_error"
	}
	r.code = f.ErrorCode
	return r
}

// wireExtra is a field no client has heard of.
type wireExtra struct {
	Field map[string]any `json:"simulated_future_field"`
}

// extra is nil, and then not in the body, unless a fault asks for it.
func extra(all []Fault) *wireExtra {
	if !has(all, ExtraField) {
		return nil
	}
	return &wireExtra{map[string]any{"since": "tomorrow", "values": []int{1, 2, 3}}}
}
