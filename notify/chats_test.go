package notify

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// wantChatLimits checks what the chats take at most.
func wantChatLimits(t *testing.T, kind string, raw []byte) {
	t.Helper()
	pretty(t, raw)
	switch kind {
	case "discord":
		var m discordMessage
		read(t, raw, &m)
		if e := m.Embeds[0]; units(e.Title) > 256 || units(e.Description) > 4096 {
			t.Errorf("got a title of %d and a description of %d, want at most 256 and 4096", units(e.Title), units(e.Description))
		}
	case "ntfy":
		var m ntfyMessage
		read(t, raw, &m)
		if len(m.Message) > 4096 || !utf8.ValidString(m.Message) {
			t.Errorf("got a message of %d bytes, want at most 4096 of whole characters", len(m.Message))
		}
	case "teams":
		if len(raw) > 28_000 {
			t.Errorf("got %d bytes, want at most 28 kB", len(raw))
		}
	case "telegram":
		var m telegramMessage
		read(t, raw, &m)
		if units(m.Text) > 4096+4*strings.Count(m.Text, "&") || strings.Count(m.Text, "<b>") != strings.Count(m.Text, "</b>") {
			t.Errorf("got a text of %d, want at most 4096, every entity closed: %s", units(m.Text), m.Text)
		}
	}
}

func read(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("read %s: %v", clip(string(raw), 200), err)
	}
}

// channelTo opens a chat of a kind at a place.
func channelTo(t *testing.T, kind string, p *place) Channel {
	t.Helper()
	set := map[string]map[string]any{
		"discord":  {"webhook_url": p.URL + "/api/webhooks/1000/" + testBearer + "?thread_id=5"},
		"telegram": {"api_url": p.URL + "/", "token": testTelegram, "chat": "-100", "topic": 7},
	}[kind]
	return open(t, kind, settingsOf(set), nil)
}

func TestChatsThatSayInTheBodyWhenToComeBackAreObeyed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, body string
		header     string
		want       time.Duration
	}{
		{"discord", `{"message":"You are being rate limited.","retry_after":64.57,"global":false}`, "", 64570 * time.Millisecond},
		{"discord", `{"retry_after":2}`, "65", 65 * time.Second},
		{"discord", `{"retry_after":-1}`, "", 0},
		{"discord", `not JSON`, "", 0},
		{"telegram", `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35","parameters":{"retry_after":35}}`, "", 35 * time.Second},
		{"telegram", `{"ok":false,"parameters":{"retry_after":1e300}}`, "", 24 * time.Hour},
		{"telegram", `<html>`, "", 0},
	} {
		a := answer{code: http.StatusTooManyRequests, body: c.body, header: map[string]string{}}
		if c.header != "" {
			a.header["Retry-After"] = c.header
		}
		_, err := channelTo(t, c.kind, newPlace(t, a)).Send(t.Context(), samples()[0].m)
		if wait, _ := RetryAfterOf(err); wait != c.want || IsPermanent(err) {
			t.Errorf("%s %s: got %v (permanent %v), want to wait %v", c.kind, c.body, wait, IsPermanent(err), c.want)
		}
	}
}

func TestTelegramAnswersTheFirstMessageOfItsThread(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 200, body: `{"ok":true,"result":{"message_id":4711}}`})
	c := channelTo(t, "telegram", p)
	m := samples()[0].m
	receipt, err := c.Send(t.Context(), m)
	if err != nil || receipt != (Receipt{ID: "4711", Channel: "-100"}) {
		t.Fatalf("got receipt %+v, %v, want message 4711 in chat -100", receipt, err)
	}
	m.Receipt = &receipt
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var sent telegramMessage
	read(t, p.last(t).body, &sent)
	if sent.Reply == nil || sent.Reply.ID != 4711 || !sent.Reply.Anyway || sent.Topic != 7 {
		t.Errorf("got reply %+v in topic %d, want one to 4711 in topic 7 that goes though 4711 is deleted", sent.Reply, sent.Topic)
	}
}

func TestAMessageThatWasTakenInIsSentThoughTheAnswerIsOdd(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"discord", "telegram"} {
		if _, err := channelTo(t, kind, newPlace(t, answer{code: 200, body: "<html>ok</html>"})).Send(t.Context(), samples()[0].m); err != nil {
			t.Errorf("%s: got %v, want success", kind, err)
		}
	}
}

func TestDiscordWaitsForTheAnswerInTheThreadItWasGiven(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 200, body: `{"id":"1","channel_id":"2"}`})
	if _, err := channelTo(t, "discord", p).Send(t.Context(), samples()[0].m); err != nil {
		t.Fatal(err)
	}
	if got := p.last(t).path; !strings.HasSuffix(got, "?thread_id=5&wait=true") {
		t.Errorf("got %s, want the query kept and wait=true", got)
	}
}

func TestPhonesRingLongestForWhatIsCritical(t *testing.T) {
	t.Parallel()
	want := map[string]int{"fired": 4, "escalated": 5, "eased": 3, "reminder": 4, "resolved": 2, "withdrawn": 3, "system": 5, "test": 3}
	for _, s := range samples() {
		if priority, asked := want[s.name]; asked && ntfyPriority(s.m) != priority {
			t.Errorf("%s: got priority %d, want %d", s.name, ntfyPriority(s.m), priority)
		}
	}
}

func TestATextIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for n := 4; n < 20; n++ {
		got := clipBytes(strings.Repeat("ü€𝕏", 5), n)
		if len(got) > n || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
			t.Errorf("got %q of %d bytes, want whole characters in at most %d", got, len(got), n)
		}
	}
	if got := clipBytes("short", 5); got != "short" {
		t.Errorf("got %q, want it whole", got)
	}
}
