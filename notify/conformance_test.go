package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestEveryKindHasARig(t *testing.T) {
	t.Parallel()
	have := map[string]bool{}
	for _, r := range rigs() {
		have[r.kind] = true
	}
	for _, kind := range Kinds() {
		if !have[kind] {
			t.Errorf("kind %s has no rig: the shared tests do not see it", kind)
		}
	}
}

func TestEveryChannelSendsTheGoldenPayload(t *testing.T) {
	t.Parallel()
	for _, r := range rigs() {
		for _, s := range samples() {
			if s.m.Kind == KindDigest && r.onlyAlerts {
				continue // is not sent any: see TakesDigest
			}
			t.Run(r.name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				site := r.begin(t, answer{code: http.StatusOK})
				if _, err := site.channel.Send(t.Context(), s.m); err != nil {
					t.Fatalf("send: %v", err)
				}
				golden(t, r.name+"/"+s.name+r.ext, site.payload())
			})
		}
	}
}

func TestTheSameMessageTwiceIsTheSamePayload(t *testing.T) {
	t.Parallel()
	for _, r := range rigs() {
		if r.kind == "console" {
			continue // prints what it is told
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			site := r.begin(t, answer{code: http.StatusOK})
			var payloads, ids [2]string
			for i := range 2 {
				receipt, err := site.channel.Send(t.Context(), samples()[0].m)
				if err != nil {
					t.Fatal(err)
				}
				payloads[i], ids[i] = string(site.payload()), receipt.ID
			}
			if diff := gocmp.Diff(payloads[0], payloads[1]); diff != "" || ids[0] != ids[1] {
				t.Errorf("got two payloads or ids (%q, %q), want one:\n%s", ids[0], ids[1], diff)
			}
		})
	}
}

// statuses is what an HTTP status means to the outbox.
var statuses = []struct {
	code       int
	permanent  bool
	retryAfter string // header
	wait       string // what RetryAfterOf says
	reason     string
}{
	{code: 300, permanent: true, reason: ReasonClientError},
	{code: 400, permanent: true, reason: ReasonClientError},
	{code: 401, permanent: true, reason: ReasonAuthError},
	{code: 403, permanent: true, reason: ReasonAuthError},
	{code: 404, permanent: true, reason: ReasonClientError},
	{code: 408, reason: ReasonClientError},
	{code: 410, permanent: true, reason: ReasonClientError},
	{code: 413, permanent: true, reason: ReasonClientError},
	{code: 425, reason: ReasonClientError},
	{code: 429, reason: ReasonRateLimited},
	{code: 429, retryAfter: "17", wait: "17s", reason: ReasonRateLimited},
	{code: 429, retryAfter: "Mon, 23 Nov 2026 09:59:03 GMT", wait: "1m0s", reason: ReasonRateLimited},
	{code: 429, retryAfter: "soon", reason: ReasonRateLimited},
	{code: 500, reason: ReasonServerError},
	{code: 502, reason: ReasonServerError},
	{code: 503, retryAfter: "120", wait: "2m0s", reason: ReasonServerError},
	{code: 504, reason: ReasonServerError},
}

func TestEachStatusMeansRetryOrGiveUp(t *testing.T) {
	t.Parallel()
	for _, r := range rigs() {
		if r.kind == "console" || r.kind == "email" {
			continue // no HTTP; email_test.go has the mail server's codes
		}
		for _, c := range statuses {
			t.Run(fmt.Sprintf("%s/%d%s", r.name, c.code, c.retryAfter), func(t *testing.T) {
				t.Parallel()
				header := map[string]string{}
				if c.retryAfter != "" {
					header["Retry-After"] = c.retryAfter
				}
				site := r.begin(t, answer{code: c.code, header: header, body: "no"})
				_, err := site.channel.Send(t.Context(), samples()[0].m)
				if err == nil {
					t.Fatal("got no error, want one")
				}
				if got := IsPermanent(err); got != c.permanent {
					t.Errorf("got permanent %v, want %v: %v", got, c.permanent, err)
				}
				wait, said := RetryAfterOf(err)
				if (said && wait.String() != c.wait) || said != (c.wait != "") {
					t.Errorf("got retry after %v (%v), want %q", wait, said, c.wait)
				}
				if got := ReasonOf(err); got != c.reason {
					t.Errorf("got reason %s, want %s", got, c.reason)
				}
			})
		}
	}
}

func TestNoErrorShowsASecret(t *testing.T) {
	t.Parallel()
	for _, r := range rigs() {
		for _, a := range []answer{
			{code: 301, header: map[string]string{"Location": "http://127.0.0.1:1/" + testBearer}, echo: true},
			{code: 400, echo: true}, {code: 401, echo: true}, {code: 429, echo: true}, {code: 500, echo: true},
		} {
			t.Run(fmt.Sprintf("%s/%d", r.name, a.code), func(t *testing.T) {
				t.Parallel()
				_, err := r.begin(t, a).channel.Send(t.Context(), samples()[0].m)
				wantNoSecret(t, err, r.secrets)
			})
		}
		t.Run(r.name+"/cancelled", func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := r.begin(t, answer{code: 200}).channel.Send(ctx, samples()[0].m)
			wantNoSecret(t, err, r.secrets)
		})
	}
}

// wantNoSecret looks for secrets in every way an error can be printed.
func wantNoSecret(t *testing.T, err error, secrets []string) {
	t.Helper()
	if err == nil {
		t.Fatal("got no error, want one")
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%q"} {
			text := fmt.Sprintf(verb, e)
			for _, s := range secrets {
				if strings.Contains(text, s) {
					t.Errorf("error shows the secret %q with %s: %s", s, verb, text)
				}
			}
		}
	}
}

func TestACancelledContextEndsTheSending(t *testing.T) {
	t.Parallel()
	for _, r := range rigs() {
		t.Run(r.name+"/before", func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := r.begin(t, answer{code: 200}).channel.Send(ctx, samples()[0].m)
			if !errors.Is(err, context.Canceled) || IsPermanent(err) || ReasonOf(err) != ReasonContextCanceled {
				t.Errorf("got %v (permanent %v, reason %s), want a cancellation to retry", err, IsPermanent(err), ReasonOf(err))
			}
		})
		if r.kind == "console" {
			continue // cannot hang
		}
		t.Run(r.name+"/while waiting", func(t *testing.T) {
			t.Parallel()
			site := r.begin(t, answer{code: 200, hang: true})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				<-site.received
				cancel()
			}()
			_, err := site.channel.Send(ctx, samples()[0].m)
			if !errors.Is(err, context.Canceled) || IsPermanent(err) {
				t.Errorf("got %v (permanent %v), want a cancellation to retry", err, IsPermanent(err))
			}
			wantNoSecret(t, err, r.secrets)
		})
	}
}

// tooLong is how the outbox says that an attempt took too long.
type tooLong struct{}

func (tooLong) Error() string        { return "timed out after 10 s" }
func (tooLong) Is(target error) bool { return target == context.DeadlineExceeded }

// overdue is a context whose deadline passes when it is told to, and not when a
// machine is busy.
type overdue struct {
	context.Context // its cause counts
	passed          chan struct{}
}

func (o overdue) Done() <-chan struct{} { return o.passed }

func (o overdue) Err() error {
	select {
	case <-o.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestATimeoutIsToldInTheWordsOfItsCause(t *testing.T) {
	t.Parallel()
	for _, r := range rigs() {
		if r.kind == "console" {
			continue // cannot hang
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			site := r.begin(t, answer{code: 200, hang: true})
			cause, cancel := context.WithCancelCause(t.Context())
			ctx := overdue{cause, make(chan struct{})}
			go func() {
				<-site.received
				cancel(tooLong{})
				close(ctx.passed)
			}()
			_, err := site.channel.Send(ctx, samples()[0].m)
			if err == nil || !strings.HasSuffix(err.Error(), ": timed out after 10 s") || strings.Contains(err.Error(), "context") {
				t.Errorf("got %v, want the cause and nothing of contexts", err)
			}
			if IsPermanent(err) || ReasonOf(err) != ReasonContextDeadlineExceeded {
				t.Errorf("got permanent %v, reason %s, want a time-out to retry", IsPermanent(err), ReasonOf(err))
			}
		})
	}
}

// awkward are names that break careless formats.
var awkward = map[string]string{
	"long":      strings.Repeat("x", 10_000),
	"long wide": strings.Repeat("ü€𝕏", 3_000),
	"markup":    `<!channel> <b>&amp;</b> *bold* _it_ ~no~ ` + "`code`" + ` <https://evil.example|click>`,
	"newlines":  "two\nlines\r\nSubject: injected\r\n\r\nbody\u2028\u2029",
	"quotes":    `she said "no" and 'yes' and \ and {{.Title}} ${HOME}`,
	"emoji":     "🔥👩‍👩‍👧‍👦🇩🇪 :smile: @here #general",
	"control":   "a\x00b\x1b[31mred\x07\u202egnp.exe",
	"not UTF-8": "bad\xff\xfebytes",
}

func TestAwkwardNamesGoThrough(t *testing.T) {
	t.Parallel()
	for _, r := range rigs() {
		for what, called := range awkward {
			t.Run(r.name+"/"+what, func(t *testing.T) {
				t.Parallel()
				site := r.begin(t, answer{code: http.StatusOK})
				if _, err := site.channel.Send(t.Context(), named(called)); err != nil {
					t.Fatalf("send: %v", err)
				}
				wantWithinLimits(t, r, site)
			})
		}
	}
}

func TestAGroupOf500AlertsIsAMessageNotAnError(t *testing.T) {
	t.Parallel()
	for _, r := range rigs() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			site := r.begin(t, answer{code: http.StatusOK})
			if _, err := site.channel.Send(t.Context(), many(500)); err != nil {
				t.Fatalf("send: %v", err)
			}
			wantWithinLimits(t, r, site)
		})
	}
}

// wantWithinLimits checks what each format allows.
func wantWithinLimits(t *testing.T, r rig, s site) {
	t.Helper()
	switch r.name {
	case "slack":
		wantSlackLimits(t, s.raw(), "")
	case "slack-webhook":
		wantSlackWebhookLimits(t, s.raw())
	case "webhook":
		if n := len(s.raw()); n > 20_000 {
			t.Errorf("got %d bytes, want at most 20 kB", n)
		}
		pretty(t, s.raw())
	case "alertmanager":
		pretty(t, s.raw())
	case "webhook-alertmanager":
		pretty(t, s.raw())
	case "discord", "ntfy", "teams", "telegram":
		wantChatLimits(t, r.name, s.raw())
	case "jsm", "pagerduty":
		wantPagerLimits(t, r.name, s.raw())
	case "email":
		wantHonestHeaders(t, s.raw())
	case "console":
		if text := string(s.raw()); strings.ContainsAny(text, "\x1b\x07\x00\r") || strings.Count(text, "\n") > 120 {
			t.Errorf("got control characters or more than a few screens: %q", clip(text, 500))
		}
	}
}
