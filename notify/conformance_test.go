package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
	gocmp "github.com/google/go-cmp/cmp"
)

const (
	testToken  = "xoxb-1234-very-secret"
	testWhsec  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	testBearer = "hunter2-very-secret"
	testPass   = "pa55-very-secret"
)

// rig is one form of a kind of channel, and a place for it to send to.
type rig struct {
	name string
	kind string
	ext  string // of its golden files
	// secrets must appear nowhere but on the wire.
	secrets []string
	// begin starts a place that answers so (by HTTP status; a mail server by its
	// nearest word) and returns a channel to it.
	begin func(t *testing.T, a answer) site
}

// site is a channel and the place behind it.
type site struct {
	channel  Channel
	payload  func() []byte   // what the place got last, in a form to compare
	raw      func() []byte   // the same as it was sent
	received <-chan struct{} // one for each message that has begun to arrive
}

// rigs lists every form of every kind.
func rigs() []rig {
	return []rig{
		{name: "console", kind: "console", ext: ".txt", begin: beginConsole},
		{name: "email", kind: "email", ext: ".eml", secrets: []string{testPass}, begin: beginEmail},
		{name: "slack", kind: "slack", ext: ".txt", secrets: []string{testToken}, begin: beginSlackBot},
		{name: "slack-webhook", kind: "slack", ext: ".json", secrets: []string{"/services/T0/B0/" + testBearer, testBearer}, begin: beginSlackWebhook},
		{name: "webhook", kind: "webhook", ext: ".txt", secrets: []string{testWhsec, testWhsec[6:], testBearer, "in-the-path"}, begin: beginWebhook("standard")},
		{name: "webhook-alertmanager", kind: "webhook", ext: ".json", secrets: []string{testBearer, "in-the-path"}, begin: beginWebhook("alertmanager")},
	}
}

// open makes the channel or fails the test.
func open(t *testing.T, kind string, s Settings, out io.Writer) Channel {
	t.Helper()
	c, err := New(kind, s, Env{Now: fixedNow, Out: out, ExternalURL: page, Version: "1.2.3"})
	if err != nil {
		t.Fatalf("make channel %s: %v", kind, err)
	}
	return c
}

func beginConsole(t *testing.T, a answer) site {
	var b bytes.Buffer
	var out io.Writer = &b
	if a.code >= 300 {
		out = brokenWriter{}
	}
	return site{channel: open(t, "console", jsonSettings("{}"), out), payload: b.Bytes, raw: b.Bytes}
}

// brokenWriter takes nothing.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func beginWebhook(format string) func(*testing.T, answer) site {
	return func(t *testing.T, a answer) site {
		p := newPlace(t, a)
		set := map[string]any{
			"url": p.URL + "/hook/in-the-path", "format": format, "allow_private_networks": true,
			"headers": map[string]string{"Authorization": "Bearer " + testBearer},
		}
		if format == formatStandard {
			set["secret"] = testWhsec
		}
		raw := func() []byte { return p.last(t).body }
		payload := func() []byte {
			if format == formatAlertmanager {
				return pretty(t, raw())
			}
			return append(headerLines(p.last(t).header), pretty(t, raw())...)
		}
		return site{channel: open(t, "webhook", settingsOf(set), nil), payload: payload, raw: raw, received: p.received}
	}
}

// headerLines writes the headers that are part of the promise.
func headerLines(h http.Header) []byte {
	var b bytes.Buffer
	for _, key := range []string{"Content-Type", "User-Agent", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
		fmt.Fprintf(&b, "%s: %s\n", key, h.Get(key))
	}
	b.WriteByte('\n')
	return b.Bytes()
}

func beginSlackBot(t *testing.T, a answer) site {
	if a.body == "" && a.code == http.StatusOK {
		a.body = `{"ok":true,"channel":"C0OPS","ts":"1700000001.000200"}`
	}
	p := newPlace(t, a)
	c := open(t, "slack", settingsOf(map[string]any{"channel": "#claude-ops", "token": testToken, "api_url": p.URL}), nil)
	raw := func() []byte { return []byte(formOf(t, p.last(t)).Get("blocks")) }
	payload := func() []byte {
		form := formOf(t, p.last(t))
		var b bytes.Buffer
		fmt.Fprintf(&b, "POST %s\n", p.last(t).path)
		for _, key := range slices.Sorted(maps.Keys(form)) {
			if key != "blocks" && key != "token" {
				fmt.Fprintf(&b, "%s: %s\n", key, form.Get(key))
			}
		}
		return append(append(b.Bytes(), '\n'), pretty(t, []byte(form.Get("blocks")))...)
	}
	return site{channel: c, payload: payload, raw: raw, received: p.received}
}

func beginSlackWebhook(t *testing.T, a answer) site {
	p := newPlace(t, a)
	c := open(t, "slack", settingsOf(map[string]any{"webhook_url": p.URL + "/services/T0/B0/" + testBearer}), nil)
	raw := func() []byte { return p.last(t).body }
	return site{channel: c, payload: func() []byte { return pretty(t, raw()) }, raw: raw, received: p.received}
}

func beginEmail(t *testing.T, a answer) site {
	cert, ca := newAuthority(t)
	p := newPost(t, postOptions{certificate: cert})
	switch {
	case a.code == http.StatusUnauthorized || a.code == http.StatusForbidden:
		p.auth = &smtp.SMTPError{Code: 535, Message: "go away"}
	case a.code >= 300 && !worthRetrying(a.code):
		p.data = &smtp.SMTPError{Code: 554, Message: "transaction failed"}
	case a.code >= 300:
		p.data = &smtp.SMTPError{Code: 451, Message: "try again later"}
	}
	if a.hang {
		p.hang = make(chan struct{})
		t.Cleanup(func() { close(p.hang) })
	}
	c := open(t, "email", settingsOf(map[string]any{
		"to": []string{"ops@example.com", "Team Two <two@example.com>"}, "from": "Alerter <alerter@example.com>",
		"envelope_from": "bounces@example.com", "smarthost": p.addr, "ca_file": ca, "hello": "alerter.example.com",
		"username": "alerter", "password": testPass,
	}), nil)
	raw := func() []byte {
		all := p.mailed()
		if len(all) == 0 {
			t.Fatal("got no mail, want one")
		}
		return all[len(all)-1].raw
	}
	return site{channel: c, payload: func() []byte { return readableMail(t, raw()) }, raw: raw, received: p.received}
}

// readableMail writes a mail with its headers sorted and its parts decoded.
func readableMail(t *testing.T, raw []byte) []byte {
	t.Helper()
	m, parts := parseMail(t, raw)
	var b bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(m.Header)) {
		for _, value := range m.Header[key] {
			plain, err := new(mime.WordDecoder).DecodeHeader(value)
			if err != nil {
				t.Errorf("header %s: %v", key, err)
			}
			fmt.Fprintf(&b, "%s: %s\n", key, plain)
		}
	}
	for _, p := range parts {
		fmt.Fprintf(&b, "\n======== %s\n%s", p.kind, p.text)
	}
	return b.Bytes()
}

// mailPart is a part of a mail, decoded.
type mailPart struct{ kind, text string }

// parseMail reads a mail with the standard library, which did not write it.
func parseMail(t *testing.T, raw []byte) (*mail.Message, []mailPart) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("read mail: %v", err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("got content type %q (%v), want multipart/alternative", kind, err)
	}
	var parts []mailPart
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return m, parts
		}
		if err != nil {
			t.Fatalf("read part: %v", err)
		}
		if got := p.Header.Get("Content-Transfer-Encoding"); got != "quoted-printable" {
			t.Fatalf("got encoding %q, want quoted-printable", got)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatalf("decode part: %v", err)
		}
		parts = append(parts, mailPart{p.Header.Get("Content-Type"), strings.ReplaceAll(string(text), "\r\n", "\n")})
	}
}

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
	case "webhook-alertmanager":
		pretty(t, s.raw())
	case "email":
		wantHonestHeaders(t, s.raw())
	case "console":
		if text := string(s.raw()); strings.ContainsAny(text, "\x1b\x07\x00\r") || strings.Count(text, "\n") > 120 {
			t.Errorf("got control characters or more than a few screens: %q", clip(text, 500))
		}
	}
}
