package notify

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"alerter/notify"
	"alerter/notify/chart"
	"alerter/usage"
)

// mailTo is a mail receiver by a server on this machine.
func mailTo(port string) settings {
	return settings{
		"to": []string{"ops@example.com", "Team Two <two@example.com>"}, "from": "Alerter <alerter@example.com>",
		"smarthost": "127.0.0.1:" + port, "require_tls": false, "hello": "alerter.example.com",
	}
}

// sendEpisode sends three messages as one thread and returns their ids.
func sendEpisode(t *testing.T, c notify.Channel) [3]string {
	t.Helper()
	var ids [3]string
	var root *notify.Receipt
	for i, m := range episode() {
		m.Receipt, m.Chart = root, picture(t)
		receipt := send(t, c, m)
		if root == nil {
			root = &receipt
		}
		ids[i] = receipt.ID
	}
	return ids
}

// picture is a chart as messages carry it.
func picture(t *testing.T) *chart.Picture {
	t.Helper()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s := usage.Series{From: at.Add(-time.Hour), Points: slices.Repeat([]usage.Point{{Used: 90, Limit: 100}}, 60), Settled: 55}
	p, err := chart.New(s, s.From, at, chart.Reading{}).Picture(chart.Narrow)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// devMail is what maildev shows of a mail.
type devMail struct {
	Subject   string         `json:"subject"`
	Text      string         `json:"text"`
	HTML      string         `json:"html"`
	InReplyTo string         `json:"inReplyTo"`
	Headers   map[string]any `json:"headers"`
	// Attachments are the parts that are neither text nor HTML.
	Attachments []struct {
		ContentType string `json:"contentType"`
		ContentID   string `json:"contentId"`
		Size        int    `json:"size"`
	} `json:"attachments"`
}

func TestMaildevReadsAThreadOfThreeMails(t *testing.T) {
	t.Parallel()
	smtp, web := freePort(t), freePort(t)
	start(t, []string{smtp, web}, node(t), npm(t, "maildev"), "--smtp", smtp, "--web", web, "--ip", "127.0.0.1", "--web-ip", "127.0.0.1")
	ids := sendEpisode(t, channel(t, "email", mailTo(smtp)))

	var mails []devMail
	await(t, "three mails", func() bool {
		mails = nil
		call(t, http.MethodGet, "http://127.0.0.1:"+web+"/api/email", http.Header{}, "", &mails)
		return len(mails) >= 3
	})
	if len(mails) != 3 {
		t.Errorf("got %d mails, want the three that were sent", len(mails))
	}
	bySubject := map[string]devMail{}
	for _, m := range mails {
		bySubject[m.Subject] = m
	}
	const tail = " Claude Opus 5 · LimitPressure · acme"
	for i, subject := range []string{"[FIRING:warning]" + tail, "[ESCALATED:critical]" + tail, "[RESOLVED]" + tail} {
		m, ok := bySubject[subject]
		if !ok {
			t.Errorf("got no mail %q among %d", subject, len(mails))
			continue
		}
		if m.Headers["message-id"] != ids[i] {
			t.Errorf("%s: got id %q, want %q", subject, m.Headers["message-id"], ids[i])
		}
		wantReply := bare(ids[0])
		if i == 0 {
			wantReply = ""
		}
		references, _ := m.Headers["references"].(string)
		if bare(m.InReplyTo) != wantReply || bare(references) != wantReply {
			t.Errorf("%s: got In-Reply-To %q and References %q, want %q", subject, m.InReplyTo, references, wantReply)
		}
		if !strings.Contains(m.Text, "output tokens per minute, Claude Opus 5, whole organization acme") || !strings.Contains(m.HTML, "<h1") {
			t.Errorf("%s: got text or HTML without the limit:\n%s", subject, m.Text)
		}
		if len(m.Attachments) != 1 || m.Attachments[0].ContentType != "image/png" || m.Attachments[0].ContentID != "chart@alerter" || m.Attachments[0].Size != len(picture(t).PNG) {
			t.Errorf("%s: got attachments %+v, want the chart", subject, m.Attachments)
		}
		if m.Headers["auto-submitted"] != "auto-generated" {
			t.Errorf("%s: got headers %v, want Auto-Submitted: auto-generated", subject, m.Headers)
		}
	}
	if first := bySubject["[FIRING:warning]"+tail]; !strings.Contains(first.Text, `key <!channel> & "früh" 🔥`) || strings.Contains(first.HTML, "<!channel>") {
		t.Errorf("got a name changed in text or not escaped in HTML:\n%s", first.Text)
	}
}

// bare is a message id without its brackets.
func bare(id string) string { return strings.Trim(id, "<>") }

func TestAiosmtpdReceivesAThreadOfThreeMails(t *testing.T) {
	t.Parallel()
	python := program(t, "/usr/bin/python3")
	program(t, "/usr/lib/python3/dist-packages/aiosmtpd/__init__.py")
	port := freePort(t)
	out := start(t, []string{port}, python, "-m", "aiosmtpd", "-n", "-l", "127.0.0.1:"+port, "-c", "aiosmtpd.handlers.Debugging", "stdout")
	ids := sendEpisode(t, channel(t, "email", mailTo(port)))
	await(t, "three mails", func() bool { return strings.Count(out.String(), "END MESSAGE") >= 3 })

	said := out.String()
	for _, want := range []string{
		"Message-ID: " + ids[0], "Message-ID: " + ids[1], "Message-ID: " + ids[2], "Auto-Submitted: auto-generated",
		"List-Id: <alerts.alerter.example.com>", "Content-Type: multipart/related", "Content-Type: multipart/alternative", "Content-Id: <chart@alerter>", "Content-Type: image/png",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("got no %q in what aiosmtpd printed", want)
		}
	}
	for _, header := range []string{"In-Reply-To: ", "References: "} {
		if n := strings.Count(said, header+ids[0]); n != 2 {
			t.Errorf("got %d times %s the first mail, want 2", n, header)
		}
	}
}
