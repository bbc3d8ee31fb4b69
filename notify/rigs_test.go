package notify

import (
	"bytes"
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
	secrets    []string
	onlyAlerts bool // takes no digests
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
		{name: "alertmanager", kind: "alertmanager", onlyAlerts: true, ext: ".txt", secrets: []string{testBearer}, begin: beginAlertmanager},
		{name: "console", kind: "console", ext: ".txt", begin: beginConsole},
		{name: "discord", kind: "discord", ext: ".json", secrets: []string{testBearer}, begin: beginDiscord},
		{name: "email", kind: "email", ext: ".eml", secrets: []string{testPass}, begin: beginEmail},
		{name: "jsm", kind: "jsm", onlyAlerts: true, ext: ".txt", secrets: []string{testBearer}, begin: beginJSM},
		{name: "ntfy", kind: "ntfy", ext: ".txt", secrets: []string{testBearer, testTopic}, begin: beginNtfy},
		{name: "pagerduty", kind: "pagerduty", onlyAlerts: true, ext: ".txt", secrets: []string{testRouting}, begin: beginPagerDuty},
		{name: "slack", kind: "slack", ext: ".txt", secrets: []string{testToken}, begin: beginSlackBot},
		{name: "slack-webhook", kind: "slack", ext: ".json", secrets: []string{"/services/T0/B0/" + testBearer, testBearer}, begin: beginSlackWebhook},
		{name: "teams", kind: "teams", ext: ".json", secrets: []string{testBearer, testPass}, begin: beginTeams},
		{name: "telegram", kind: "telegram", ext: ".txt", secrets: []string{testTelegram, testBearer}, begin: beginTelegram},
		{name: "webhook", kind: "webhook", ext: ".txt", secrets: []string{testWhsec, testWhsec[6:], testBearer, "in-the-path"}, begin: beginWebhook("standard")},
		{name: "webhook-alertmanager", kind: "webhook", onlyAlerts: true, ext: ".json", secrets: []string{testBearer, "in-the-path"}, begin: beginWebhook("alertmanager")},
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
		if errors.Is(err, io.EOF) {
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
