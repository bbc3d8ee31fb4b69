package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"alerter/usage"
)

// roundTrip is a transport without sockets, so that time can be virtual.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answered(code int, body string) *http.Response {
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// virtual is a client in a synctest bubble, with real timers.
func virtual(send roundTrip) *Client {
	start := time.Now()
	return &Client{
		HTTP: &http.Client{Transport: send},
		Key:  func() (string, error) { return testKey, nil },
		Now:  func() time.Time { return tick.Add(time.Since(start)) },
	}
}

// hang waits as a server does that never answers.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// stalled is a body of which only the beginning comes.
type stalled struct {
	ctx  context.Context
	head io.Reader
}

func (s *stalled) Read(p []byte) (int, error) {
	if n, _ := s.head.Read(p); n > 0 {
		return n, nil
	}
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func (s *stalled) Close() error { return nil }

func TestWhatMayPassIsAskedAgainAfterAPause(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	for name, first := range map[string]func(*http.Request) (*http.Response, error){
		"connection refused": func(*http.Request) (*http.Response, error) { return nil, refused },
		"500":                func(*http.Request) (*http.Response, error) { return answered(500, ""), nil },
		"529":                func(*http.Request) (*http.Response, error) { return answered(529, ""), nil },
		"a cut-off body":     func(*http.Request) (*http.Response, error) { return answered(200, `{"id":`), nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var at []time.Time
				c := virtual(func(r *http.Request) (*http.Response, error) {
					at = append(at, time.Now())
					if len(at) < 3 {
						return first(r)
					}
					return answered(200, `{"id":"1","name":"Acme"}`), nil
				})
				got, err := c.Organization(t.Context())
				if err != nil || got.Name != "Acme" {
					t.Fatalf("got %+v, %v, want Acme on the third attempt", got, err)
				}
				for i, most := range []time.Duration{300 * time.Millisecond, 600 * time.Millisecond} {
					if pause := at[i+1].Sub(at[i]); pause < most/2 || pause > most {
						t.Errorf("got pause %s before attempt %d, want %s to %s", pause, i+2, most/2, most)
					}
				}
			})
		})
	}
}

func TestAShortRetryAfterOfAFaultIsObeyed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := virtual(func(*http.Request) (*http.Response, error) {
			if time.Since(start) < 2*time.Second {
				res := answered(503, "")
				res.Header.Set("Retry-After", "2")
				return res, nil
			}
			return answered(200, `{"id":"1","name":"Acme"}`), nil
		})
		if _, err := c.Organization(t.Context()); err != nil {
			t.Errorf("got %v, want the second attempt after two seconds to succeed", err)
		}
	})
}

func TestAnAttemptThatHangsIsGivenUpForAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, n := time.Now(), 0
		c := virtual(func(r *http.Request) (*http.Response, error) {
			if n++; n == 1 {
				return hang(r)
			}
			return answered(200, `{"id":"1","name":"Acme"}`), nil
		})
		if _, err := c.Organization(t.Context()); err != nil {
			t.Errorf("got %v, want the second attempt to succeed", err)
		}
		if took := time.Since(start); took < attemptTimeout || took > attemptTimeout+firstPause {
			t.Errorf("took %s, want one attempt's %s and a pause", took, attemptTimeout)
		}
	})
}

func TestNoCallOutlivesItsDeadline(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]roundTrip{
		"no answer": hang,
		"a body that stops": func(r *http.Request) (*http.Response, error) {
			res := answered(200, "")
			res.Body = &stalled{r.Context(), strings.NewReader(`{"id":"1","data":[`)}
			return res, nil
		},
		"an error's body that stops": func(r *http.Request) (*http.Response, error) {
			res := answered(500, "")
			res.Body = &stalled{r.Context(), strings.NewReader(`{"type":`)}
			return res, nil
		},
		"a fault that asks for patience": func(*http.Request) (*http.Response, error) {
			res := answered(503, "")
			res.Header.Set("Retry-After", "3")
			return res, nil
		},
		"pages without end": func(r *http.Request) (*http.Response, error) {
			time.Sleep(300 * time.Millisecond)
			return answered(200, `{"id":"1","has_more":true,"next_page":"`+time.Now().String()+`","last_id":"`+time.Now().String()+`","data":[]}`), nil
		},
	} {
		for _, limit := range []time.Duration{100 * time.Millisecond, 5 * time.Second} {
			t.Run(name+" "+limit.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					for call, do := range calls(virtual(send)) {
						ctx, cancel := context.WithTimeout(t.Context(), limit)
						start := time.Now()
						err := do(ctx)
						took := time.Since(start)
						cancel()
						if name == "pages without end" { // this one's sleep does not hear the deadline
							took -= 300 * time.Millisecond
						}
						if took > limit {
							t.Errorf("%s took %s, want at most %s", call, took, limit)
						}
						if _, ok := errors.AsType[*StatusError](err); err != nil && !ok && !errors.Is(err, context.DeadlineExceeded) {
							t.Errorf("%s: got %v, want the deadline", call, err)
						}
					}
				})
			})
		}
	}
}

func TestCallsWithoutADeadlineGetOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, do := range calls(virtual(hang)) {
			start := time.Now()
			err := do(context.WithoutCancel(t.Context()))
			if took := time.Since(start); err == nil || took > usageTimeout {
				t.Errorf("%s: got %v after %s, want an error within %s", name, err, took, usageTimeout)
			}
		}
	})
}

func TestACallThatIsCancelledStopsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		c := virtual(func(*http.Request) (*http.Response, error) {
			n++
			time.AfterFunc(10*time.Millisecond, cancel) // in the pause before the next attempt
			return answered(500, ""), nil
		})
		start := time.Now()
		_, err := c.Usage(ctx, recordedHour(usage.SourceAnalytics))
		if !errors.Is(err, context.Canceled) || n != 1 || time.Since(start) != 10*time.Millisecond {
			t.Errorf("got %v after %d attempts and %s, want it cancelled after one and 10ms", err, n, time.Since(start))
		}
		if refused, ok := errors.AsType[*StatusError](err); !ok || refused.Code != 500 {
			t.Errorf("got %v, want the 500 to be named too", err)
		}
	})
}
