package notify

import (
	"encoding/base64"
	"flag"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/chart"
	"alerter/notify/route"
	"alerter/usage"
)

// make pictures sets this to docs/pictures.
var pictures = flag.String("pictures", "", "the folder to keep the pictures of the documents in; empty: they are only looked at")

// looked is when the pictures are taken.
var looked = time.Date(2026, 11, 23, 9, 58, 0, 0, time.UTC)

// keep writes a picture down.
func keep(t *testing.T, name string, picture []byte) {
	t.Helper()
	t.Logf("%s: %d bytes", name, len(picture))
	if *pictures == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*pictures, name), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// warned is an alert that has just come to its warning level.
func warned() evaluate.Alert {
	a := pressure("", "5f0c8a7d21b3e946", looked.Add(-14*time.Minute))
	a.SteppedAt, a.Reached = looked, [3]evaluate.Reached{{At: a.FiredAt, Level: 0.7}, {At: looked, Level: 0.85}}
	a.Reading.From, a.Reading.To, a.Reading.DataAsOf = looked.Add(-17*time.Minute), looked.Add(-6*time.Minute), looked.Add(-5*time.Minute)
	a.Reading.Top = []usage.Consumer{
		{Kind: "workspace", ID: "wrkspc_01prod", Name: "prod", Share: 0.612},
		{Kind: "workspace", ID: "wrkspc_01eval", Name: "nightly evals", Share: 0.244},
		{Kind: "workspace", ID: "wrkspc_01dev", Name: "dev", Share: 0.11},
	}
	return a
}

// worsened is the alert a quarter of an hour later.
func worsened() evaluate.Alert {
	a, later := warned(), looked.Add(15*time.Minute)
	a.Severity, a.Worst, a.Peak = evaluate.Critical, evaluate.Critical, 0.952
	a.SteppedAt, a.Reached[2] = later, evaluate.Reached{At: later, Level: 0.93}
	a.Reading.Value, a.Reading.Pressure, a.Reading.Threshold = 0.952, 0.952, 0.93
	a.Reading.Used, a.Reading.Utilization, a.Reading.Mean = 1_021_000, 1.021, 1.016
	a.Reading.To, a.Reading.DataAsOf = later.Add(-6*time.Minute), later.Add(-5*time.Minute)
	a.Reading.Odds.Within15, a.Reading.Odds.Within60 = 0.3, 0.51
	return a
}

// busyMorning is the chart of that alert's limit.
func busyMorning(t *testing.T) *chart.Picture {
	t.Helper()
	s := usage.Series{From: looked.Add(-200 * time.Minute), Settled: 194}
	for i := range 198 {
		used := 300 + 110*math.Sin(float64(i)/28) + float64(i*7919%97)
		if i >= 182 {
			used = 950 + float64(i*7919%31)
		}
		s.Points = append(s.Points, usage.Point{Used: used, Limit: 1000})
	}
	c := chart.New(s, looked.Add(-3*time.Hour), looked, chart.Reading{Window: 15 * time.Minute, Depth: time.Minute, Levels: [3]float64{0.7, 0.85, 0.93}})
	c.Title = "Claude Opus 5 · output tokens per minute · whole organization · acme"
	c.Spans = []chart.Span{{From: looked.Add(-9 * time.Minute), To: looked.Add(-2 * time.Minute), Severity: "info"}, {From: looked.Add(-2 * time.Minute), To: looked, Severity: "warning"}}
	p, err := c.Picture(chart.Narrow)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPictureOfTheSlackCardThatEmulateHolds(t *testing.T) {
	t.Parallel()
	eye := newCamera(t)
	url := startSlack(t)
	c, err := notify.New("slack", settings{
		"channel": general, "token": slackToken, "app_token": "xapp-peers", "allowed_users": []string{"*"}, "api_url": url + "/api/",
	}, notify.Env{Now: func() time.Time { return looked }, ExternalURL: page})
	if err != nil {
		t.Fatal(err)
	}
	card := send(t, c, composed(evaluate.Fired, looked, warned()))
	a := worsened()
	worse := routed(evaluate.Escalated, looked.Add(15*time.Minute), a)
	taken := routed(evaluate.ReasonAcknowledged, looked.Add(17*time.Minute), a)
	taken.Items[0].By = "ada"
	taken.Standings = []route.Standing{{Fingerprint: a.Fingerprint, FiredAt: a.FiredAt, AcknowledgedAt: taken.At, AcknowledgedBy: "ada"}}
	for _, then := range []struct {
		route.Message
		picture string
		shows   []string
	}{
		{worse, "slack-card.png", []string{"[FIRING:critical] Claude Opus 5", "workspace nightly evals", "Acknowledge", "Silence 1 h", "(edited)", "[ESCALATED:critical]"}},
		{taken, "slack-acknowledged.png", []string{"[FIRING:critical] Claude Opus 5", "Acknowledged by ada at 10:15 UTC.", "Silence 1 h", "(edited)", "[ACKNOWLEDGED:critical]"}},
	} {
		m := withCard(then.Message)
		m.Receipt = &card
		send(t, c, m)
		thread := readSlack(t, url, "conversations.replies", "channel="+card.Channel+"&ts="+card.ID)
		keep(t, then.picture, eye.photograph(t, view{html: showSlack(t, thread), scheme: "light", width: 720, shows: then.shows}))
	}
}

// textPage shows a mail as a terminal does.
var textPage = template.Must(template.New("text").Parse(`<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 14px 18px; background: #1b1d22; color: #d7dae0; font: 13px/1.45 "Noto Sans Mono", "DejaVu Sans Mono", monospace }
pre { margin: 0; font: inherit; white-space: pre-wrap } .header { color: #8fb7e8 }
</style><pre class="header">From: {{.From}}
To: {{.To}}
Subject: {{.Subject}}
</pre><br><pre>{{.Text}}</pre>`))

func TestPicturesOfTheMailThatMaildevRead(t *testing.T) {
	t.Parallel()
	eye := newCamera(t)
	smtp, web := freePort(t), freePort(t)
	start(t, []string{smtp, web}, node(t), npm(t, "maildev"), "--smtp", smtp, "--web", web, "--ip", "127.0.0.1", "--web-ip", "127.0.0.1")
	m := composed(evaluate.Fired, looked, warned())
	m.Chart = busyMorning(t)
	send(t, channel(t, "email", mailTo(smtp)), m)
	var mails []devMail
	await(t, "the mail", func() bool {
		call(t, http.MethodGet, "http://127.0.0.1:"+web+"/api/email", http.Header{}, "", &mails)
		return len(mails) > 0
	})
	mail := mails[0]
	shows := []string{"[FIRING:warning] Claude Opus 5", "0.96 M of 1.00 M tokens/min", "workspace nightly evals", "Message Batches", "Rule"}
	var text strings.Builder
	if err := textPage.Execute(&text, map[string]string{
		"From": "Alerter <alerter@example.com>", "To": "ops@example.com, Team Two <two@example.com>", "Subject": mail.Subject, "Text": mail.Text,
	}); err != nil {
		t.Fatal(err)
	}
	keep(t, "mail-text.png", eye.photograph(t, view{html: text.String(), scheme: "dark", width: 1100, shows: append(slices.Clone(shows), "Subject: "+mail.Subject)}))
	html := strings.ReplaceAll(mail.HTML, "cid:chart@alerter", "data:image/png;base64,"+base64.StdEncoding.EncodeToString(m.Chart.PNG))
	for _, scheme := range []string{"light", "dark"} {
		keep(t, "mail-"+scheme+".png", eye.photograph(t, view{html: html, scheme: scheme, width: 640, shows: shows}))
	}
	keep(t, "chart.png", m.Chart.PNG)
	if want := fmt.Sprintf(`width="%d"`, m.Chart.Width); !strings.Contains(mail.HTML, want) {
		t.Errorf("got a page without an image of %s", want)
	}
}
