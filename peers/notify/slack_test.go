package notify

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"alerter/notify"
)

// Emulate's Slack begins with these.
const (
	general     = "C000000001"
	slackToken  = "xoxb-peers"
	webhookPath = "/services/T000000001/B000000001/X000000001"
)

// slackMessage is a message as the Web API gives it back.
type slackMessage struct {
	TS       string           `json:"ts"`
	ThreadTS string           `json:"thread_ts"`
	Text     string           `json:"text"`
	Blocks   []map[string]any `json:"blocks"`
	Metadata struct {
		EventType string         `json:"event_type"`
		Payload   map[string]any `json:"event_payload"`
	} `json:"metadata"`
}

// startSlack starts emulate's Slack and returns its address.
func startSlack(t *testing.T) string {
	t.Helper()
	port := freePort(t)
	start(t, []string{port}, node(t), npm(t, "emulate"), "start", "--service", "slack", "--port", port)
	return "http://127.0.0.1:" + port
}

// readSlack reads messages back through the Web API.
func readSlack(t *testing.T, url, method, form string) []slackMessage {
	t.Helper()
	var answer struct {
		OK       bool           `json:"ok"`
		Error    string         `json:"error"`
		Messages []slackMessage `json:"messages"`
	}
	header := http.Header{"Authorization": {"Bearer " + slackToken}, "Content-Type": {"application/x-www-form-urlencoded"}}
	call(t, http.MethodPost, url+"/api/"+method, header, form+"&include_all_metadata=true", &answer)
	if !answer.OK {
		t.Fatalf("%s: got %s", method, answer.Error)
	}
	return answer.Messages
}

func TestEmulatedSlackKeepsAnEditedCardAndItsThread(t *testing.T) {
	t.Parallel()
	url := startSlack(t)
	c := channel(t, "slack", settings{"channel": general, "token": slackToken, "api_url": url + "/api/"})
	messages := episode()
	card := send(t, c, messages[0])
	for _, m := range messages[1:] {
		m.Receipt = &card
		send(t, c, m)
	}
	thread := readSlack(t, url, "conversations.replies", "channel="+card.Channel+"&ts="+card.ID)
	if len(thread) != 3 {
		t.Fatalf("got %d messages in the thread, want 3", len(thread))
	}
	for i, want := range []string{"[RESOLVED]", "[ESCALATED:critical]", "[RESOLVED]"} { // the card shows how it ended
		got := thread[i]
		if !strings.HasPrefix(got.Text, want) || (i > 0 && got.ThreadTS != card.ID) {
			t.Errorf("message %d: got %q in thread %q, want %s in %s", i, got.Text, got.ThreadTS, want, card.ID)
		}
		if len(got.Blocks) == 0 || got.Blocks[0]["type"] != "header" {
			t.Errorf("message %d: got blocks %v, want a header first", i, got.Blocks)
		}
	}
	inChannel := readSlack(t, url, "conversations.history", "channel="+card.Channel)
	if n := len(inChannel); n == 0 || inChannel[n-1].TS != card.ID {
		t.Errorf("got channel %+v, want the card as its first message of ours", inChannel)
	}
	b, err := json.Marshal(thread[0].Blocks)
	if err != nil {
		t.Fatal(err)
	}
	if blocks := string(b); !strings.Contains(blocks, "[RESOLVED]") || strings.Contains(blocks, "[FIRING") || strings.Contains(blocks, "[ESCALATED") {
		t.Errorf("got a card that shows what was, want only that it is over:\n%s", blocks)
	}
	if strings.Contains(thread[0].Text, "<!channel>") {
		t.Errorf("got a mention made from a key's name: %s", thread[0].Text)
	}
	first := thread[0].Metadata
	if first.EventType != "alerter_message" || first.Payload["key"] != messages[0].Key {
		t.Errorf("got metadata %+v, want the message's key", first)
	}
}

func TestEmulatedSlackGivesMessagesBackSoThatNoneComesTwice(t *testing.T) {
	t.Parallel()
	url := startSlack(t)
	c := channel(t, "slack", settings{"channel": general, "token": slackToken, "api_url": url + "/api/"})
	messages := episode()
	card := send(t, c, messages[0])
	messages[0].Again = true
	if again := send(t, c, messages[0]); again != card {
		t.Errorf("got receipt %+v for the card sent again, want %+v", again, card)
	}
	messages[1].Receipt = &card
	send(t, c, messages[1])
	messages[1].Again = true
	send(t, c, messages[1])
	thread := readSlack(t, url, "conversations.replies", "channel="+card.Channel+"&ts="+card.ID)
	if len(thread) != 2 || !strings.HasPrefix(thread[0].Text, "[FIRING:critical]") || !strings.HasPrefix(thread[1].Text, "[ESCALATED:critical]") {
		t.Errorf("got %d messages in the thread, want the card as it is and one reply", len(thread))
	}
}

func TestEmulatedSlackTakesAnIncomingWebhook(t *testing.T) {
	t.Parallel()
	url := startSlack(t)
	send(t, channel(t, "slack", settings{"webhook_url": url + webhookPath}), episode()[0])
	all := readSlack(t, url, "conversations.history", "channel="+general)
	if len(all) == 0 || !strings.HasPrefix(all[0].Text, "[FIRING:warning] Claude Opus 5") || len(all[0].Blocks) == 0 {
		b, _ := json.Marshal(all)
		t.Errorf("got %s, want the message with its blocks", b)
	}
}

func TestEmulatedSlackRefusesWhatNobodyCanRead(t *testing.T) {
	t.Parallel()
	url := startSlack(t)
	c := channel(t, "slack", settings{"channel": "C0NOWHERE", "token": slackToken, "api_url": url + "/api/"})
	_, err := c.Send(t.Context(), episode()[0])
	if !notify.IsPermanent(err) || !strings.Contains(err.Error(), "channel_not_found") || strings.Contains(err.Error(), slackToken) {
		t.Errorf("got %v, want a permanent channel_not_found without the token", err)
	}
}
