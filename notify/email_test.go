package notify

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
)

// expectedHeaders are all a mail may have.
var expectedHeaders = []string{
	"Auto-Submitted", "Content-Type", "Date", "From", "In-Reply-To", "List-Id", "Message-Id", "Mime-Version",
	"References", "Subject", "To", "User-Agent", "X-Alerter-Reason", "X-Alerter-Rule", "X-Alerter-Scope",
	"X-Alerter-Severity", "X-Alerter-Status", "X-Auto-Response-Suppress",
}

// wantHonestHeaders checks that no name made a header, that lines are short
// enough, and that the mail reads as the two parts it is.
func wantHonestHeaders(t *testing.T, raw []byte) {
	t.Helper()
	m, parts := parseMail(t, raw)
	for key := range m.Header {
		if !slices.Contains(expectedHeaders, key) {
			t.Errorf("got header %s, which is none of ours", key)
		}
	}
	if len(parts) != 2 || !strings.HasPrefix(parts[0].kind, "text/plain") || !strings.HasPrefix(parts[1].kind, "text/html") {
		t.Errorf("got %d parts, want text and HTML", len(parts))
	}
	for line := range bytes.Lines(raw) {
		if len(line) > 998 { // https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1
			t.Errorf("got a line of %d bytes, want at most 998", len(line))
		}
	}
}

// mailSettings are settings for a server.
func mailSettings(p *post, more map[string]any) jsonSettings {
	set := map[string]any{"to": []string{"a@example.com", "b@example.com"}, "from": "alerter@example.com", "smarthost": p.addr}
	for key, value := range more {
		set[key] = value
	}
	return settingsOf(set)
}

func TestMailGoesEncryptedToAllWithItsOwnEnvelope(t *testing.T) {
	t.Parallel()
	cert, ca := newAuthority(t)
	p := newPost(t, postOptions{certificate: cert})
	c := open(t, "email", mailSettings(p, map[string]any{"ca_file": ca, "envelope_from": "bounces@example.com", "username": "u", "password": testPass}), nil)
	if _, err := c.Send(t.Context(), samples()[0].m); err != nil {
		t.Fatal(err)
	}
	got := p.mailed()[0]
	got.raw = nil
	want := delivered{from: "bounces@example.com", to: []string{"a@example.com", "b@example.com"}, tls: true}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(delivered{})); diff != "" {
		t.Errorf("envelope differs (-want +got):\n%s", diff)
	}
	if p.login != "u "+testPass {
		t.Errorf("got login %q, want the user's", p.login)
	}
}

func TestMailOverPort465SpeaksTLSFromTheFirstByte(t *testing.T) {
	t.Parallel()
	cert, ca := newAuthority(t)
	p := newPost(t, postOptions{certificate: cert, implicit: true, plainAuth: true})
	c := open(t, "email", mailSettings(p, map[string]any{"ca_file": ca, "username": "u", "password": testPass}), nil).(*email)
	// The port decides, and a test cannot have 465: the line is told instead.
	letter, err := c.letter(samples()[0].m, "<x@example.com>")
	if err != nil {
		t.Fatal(err)
	}
	line, err := c.line(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	line.implicit = true
	if err := c.deliver(line, letter, testPass); err != nil {
		t.Fatal(err)
	}
	if len(p.mailed()) != 1 || p.login != "u "+testPass {
		t.Errorf("got %d mails and login %q, want 1 and the user's", len(p.mailed()), p.login)
	}
}

func TestMailIsNotSentUnencryptedUnlessToldSo(t *testing.T) {
	t.Parallel()
	p := newPost(t, postOptions{})
	if _, err := open(t, "email", mailSettings(p, nil), nil).Send(t.Context(), samples()[0].m); err == nil || !strings.Contains(err.Error(), "does not offer STARTTLS, and require_tls") {
		t.Errorf("got %v, want an error that names STARTTLS and require_tls", err)
	}
	if _, err := open(t, "email", mailSettings(p, map[string]any{"require_tls": false}), nil).Send(t.Context(), samples()[0].m); err != nil {
		t.Errorf("got %v with require_tls: false, want a mail", err)
	}
	if got := len(p.mailed()); got != 1 {
		t.Errorf("got %d mails, want 1", got)
	}
}

func TestMailTrustsNoStrangersCertificate(t *testing.T) {
	t.Parallel()
	cert, _ := newAuthority(t)
	p := newPost(t, postOptions{certificate: cert})
	_, err := open(t, "email", mailSettings(p, nil), nil).Send(t.Context(), samples()[0].m)
	if err == nil || len(p.mailed()) != 0 {
		t.Errorf("got %v and %d mails, want an error and none", err, len(p.mailed()))
	}
}

func TestUncheckedCertificatesAreOnlyForMailThatMayGoInTheClear(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, c := range []struct {
		settings EmailSettings
		host     string
		want     bool
	}{
		{EmailSettings{}, "127.0.0.1", false},
		{EmailSettings{RequireTLS: &yes}, "localhost", false},
		{EmailSettings{RequireTLS: &no}, "mail.example.com", true},
		{EmailSettings{RequireTLS: &no, CAFile: "/ca.pem"}, "mail.example.com", false},
		{EmailSettings{RequireTLS: &no, Username: "u"}, "mail.example.com", false},
		{EmailSettings{RequireTLS: &no, Username: "u"}, "::1", true},
	} {
		e := &email{settings: c.settings}
		if got := e.anyCertificate(c.host); got != c.want {
			t.Errorf("%+v to %s: got %v, want %v", c.settings, c.host, got, c.want)
		}
	}
	cert, _ := newAuthority(t)
	p := newPost(t, postOptions{certificate: cert})
	if _, err := open(t, "email", mailSettings(p, map[string]any{"require_tls": false}), nil).Send(t.Context(), samples()[0].m); err != nil {
		t.Fatal(err)
	}
	if !p.mailed()[0].tls {
		t.Error("got a mail in the clear from a server that offers TLS, want it encrypted")
	}
}

func TestMailServersCodesMeanRetryOrGiveUp(t *testing.T) {
	t.Parallel()
	refuse := func(code int) *smtp.SMTPError { return &smtp.SMTPError{Code: code, Message: "no"} }
	for _, c := range []struct {
		name      string
		set       func(*post)
		permanent bool
		reason    string
	}{
		{"sender for now", func(p *post) { p.from = refuse(451) }, false, ReasonServerError},
		{"sender for good", func(p *post) { p.from = refuse(550) }, true, ReasonClientError},
		{"recipients for now", func(p *post) { p.rcpt["a@example.com"] = refuse(450) }, false, ReasonServerError},
		{"recipients for good", func(p *post) { p.rcpt["a@example.com"], p.rcpt["b@example.com"] = refuse(550), refuse(551) }, true, ReasonClientError},
		{"content for now", func(p *post) { p.data = refuse(452) }, false, ReasonServerError},
		{"content for good", func(p *post) { p.data = refuse(554) }, true, ReasonClientError},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t, postOptions{})
			c.set(p)
			_, err := open(t, "email", mailSettings(p, map[string]any{"require_tls": false}), nil).Send(t.Context(), samples()[0].m)
			if err == nil || IsPermanent(err) != c.permanent || ReasonOf(err) != c.reason {
				t.Errorf("got %v (permanent %v, reason %s), want permanent %v, reason %s", err, IsPermanent(err), ReasonOf(err), c.permanent, c.reason)
			}
			if len(p.mailed()) != 0 {
				t.Error("got a mail, want none")
			}
		})
	}
}

func TestOneRefusedRecipientDoesNotKeepTheMailFromTheOthers(t *testing.T) {
	t.Parallel()
	p := newPost(t, postOptions{})
	p.rcpt["b@example.com"] = &smtp.SMTPError{Code: 550, Message: "no such person"}
	_, err := open(t, "email", mailSettings(p, map[string]any{"require_tls": false}), nil).Send(t.Context(), samples()[0].m)
	if !IsPermanent(err) || !strings.Contains(err.Error(), "b@example.com was refused") {
		t.Errorf("got %v, want a permanent error that names b@example.com", err)
	}
	if all := p.mailed(); len(all) != 1 || !slices.Equal(all[0].to, []string{"a@example.com"}) {
		t.Errorf("got %d mails, want one to a@example.com", len(all))
	}
}

func TestPasswordIsNotShownToAServerWithoutTLS(t *testing.T) {
	t.Parallel()
	// The library makes an exception for the names of this machine only.
	p := newPost(t, postOptions{plainAuth: true})
	p.auth = &smtp.SMTPError{Code: 535, Message: "bad credentials"}
	_, err := open(t, "email", mailSettings(p, map[string]any{"require_tls": false, "username": "u", "password": testPass}), nil).Send(t.Context(), samples()[0].m)
	wantNoSecret(t, err, []string{testPass})
	if !IsPermanent(err) || ReasonOf(err) != ReasonAuthError {
		t.Errorf("got %v (permanent %v, reason %s), want a permanent auth error", err, IsPermanent(err), ReasonOf(err))
	}
}

func TestMailsOfAnEpisodeAreOneThread(t *testing.T) {
	t.Parallel()
	p := newPost(t, postOptions{})
	c := open(t, "email", mailSettings(p, map[string]any{"require_tls": false}), nil)
	first, err := c.Send(t.Context(), Compose(routed(evaluate.Fired, pressureAlert()), page))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []Message{Compose(routed(evaluate.Escalated, criticalAlert()), page), Compose(routed(evaluate.ReasonResolved, resolvedAlert()), page)} {
		m.Receipt = &first
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	var tails []string
	ids := map[string]bool{}
	for i, d := range p.mailed() {
		m, _ := parseMail(t, d.raw)
		ids[m.Header.Get("Message-Id")] = true
		wantRoot := first.ID
		if i == 0 {
			wantRoot = ""
		}
		if got := m.Header.Get("In-Reply-To"); got != wantRoot {
			t.Errorf("mail %d: got In-Reply-To %q, want %q", i, got, wantRoot)
		}
		if got := m.Header.Get("References"); got != wantRoot {
			t.Errorf("mail %d: got References %q, want %q", i, got, wantRoot)
		}
		subject := decodedSubject(t, d.raw)
		_, tail, _ := strings.Cut(subject, "] ")
		tails = append(tails, tail)
	}
	if len(ids) != 3 {
		t.Errorf("got %d different Message-IDs, want 3", len(ids))
	}
	if len(slices.Compact(tails)) != 1 {
		t.Errorf("got subjects that end differently: %q", tails)
	}
}

// decodedSubject is the subject as people read it.
func decodedSubject(t *testing.T, raw []byte) string {
	t.Helper()
	for line := range strings.Lines(string(readableMail(t, raw))) {
		if after, ok := strings.CutPrefix(line, "Subject: "); ok {
			return strings.TrimSpace(after)
		}
	}
	t.Fatal("got no subject")
	return ""
}

func TestUnreachableMailServerIsTriedAgain(t *testing.T) {
	t.Parallel()
	c := open(t, "email", settingsOf(map[string]any{"to": []string{"a@example.com"}, "from": "b@example.com", "smarthost": "127.0.0.1:1"}), nil)
	_, err := c.Send(t.Context(), samples()[0].m)
	if err == nil || IsPermanent(err) || errors.Is(err, errPrivateAddress) || ReasonOf(err) != ReasonOther {
		t.Errorf("got %v, want an error to retry", err)
	}
}
