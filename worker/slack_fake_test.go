package worker

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// fakeSlack is a Slack with one channel that keeps one card, and the Socket Mode of its
// app over real WebSockets: https://docs.slack.dev/apis/events-api/using-socket-mode
type fakeSlack struct {
	*httptest.Server
	opened   chan struct{} // a connection stands
	answered chan string   // envelope ids
	whispers chan string   // what only the person who pressed sees

	mu      sync.Mutex
	socket  *websocket.Conn // the newest
	blocks  json.RawMessage // of the card; nil: there is none
	edits   int             // of the card
	replies []string        // in its thread
}

const (
	slackChannel = "C0CLAUDEOPS"
	slackCard    = "1764000000.000001"
)

// slackUsers are the ids of those who press.
var slackUsers = map[string]string{"ada": "U0ADALOVE", "mallory": "U0MALLORY"}

func newFakeSlack(t *testing.T) *fakeSlack {
	t.Helper()
	c := &fakeSlack{opened: make(chan struct{}, 10), answered: make(chan string, 10), whispers: make(chan string, 10)}
	mux := http.NewServeMux()
	mux.HandleFunc("/link", c.link)
	mux.HandleFunc("/actions", func(_ http.ResponseWriter, r *http.Request) {
		var said struct{ Text string }
		_ = json.NewDecoder(r.Body).Decode(&said) // what cannot be read is empty, and not what is wanted
		c.whispers <- said.Text
	})
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		answer := c.call(strings.TrimPrefix(r.URL.Path, "/api/"), r)
		_ = json.NewEncoder(w).Encode(answer)
	})
	c.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		c.drop()
		c.Close()
	})
	return c
}

// call does what a method of the Web API does.
func (c *fakeSlack) call(method string, r *http.Request) map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	done := map[string]any{"ok": true, "channel": slackChannel, "ts": slackCard}
	switch {
	case method == "apps.connections.open":
		return map[string]any{"ok": true, "url": "ws" + strings.TrimPrefix(c.URL, "http") + "/link?ticket=1"}
	case method == "chat.postMessage" && r.FormValue("thread_ts") != "":
		c.replies = append(c.replies, r.FormValue("text"))
		done["ts"] = fmt.Sprintf("1764000000.%06d", len(c.replies)+1)
		return done
	case method == "chat.postMessage" && c.blocks == nil:
		c.blocks = json.RawMessage(r.FormValue("blocks"))
		return done
	case method == "chat.update" && r.FormValue("ts") == slackCard:
		c.blocks, c.edits = json.RawMessage(r.FormValue("blocks")), c.edits+1
		return done
	}
	return map[string]any{"ok": false, "error": "unknown_method"}
}

// link takes a connection and notes what is answered over it.
func (c *fakeSlack) link(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c.mu.Lock()
	c.socket = conn
	err = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","num_connections":1,"connection_info":{"app_id":"A0ALERTER"}}`))
	c.mu.Unlock()
	c.opened <- struct{}{}
	for err == nil {
		var answer struct {
			ID string `json:"envelope_id"`
		}
		if err = conn.ReadJSON(&answer); err == nil {
			c.answered <- answer.ID
		}
	}
}

// say sends something over the newest connection.
func (c *fakeSlack) say(t *testing.T, what string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.socket.WriteMessage(websocket.TextMessage, []byte(what)); err != nil {
		t.Fatal(err)
	}
}

// drop ends the newest connection without a word.
func (c *fakeSlack) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.socket != nil {
		_ = c.socket.Close()
	}
}

// press sends what Slack sends when somebody presses a button of the card, waits for
// the answer and returns how long that took.
func (c *fakeSlack) press(t *testing.T, envelope, user string, button json.RawMessage) time.Duration {
	t.Helper()
	began := time.Now()
	c.say(t, fmt.Sprintf(`{"envelope_id":%q,"type":"interactive","payload":{"type":"block_actions","user":{"id":%q,"name":%q},
		"container":{"type":"message","message_ts":%q,"channel_id":%q},"response_url":"%s/actions","actions":[{"block_id":"b0",%s]}}`,
		envelope, slackUsers[user], user, slackCard, slackChannel, c.URL, button[1:]))
	if got := await(t, "an answer to the envelope", c.answered); got != envelope {
		t.Errorf("got an answer to envelope %q, want one to %q", got, envelope)
	}
	return time.Since(began)
}

// button is the card's button of these words.
func (c *fakeSlack) button(t *testing.T, words string) json.RawMessage {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var blocks []struct {
		Elements []json.RawMessage `json:"elements"`
	}
	if err := json.Unmarshal(c.blocks, &blocks); err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		for _, e := range b.Elements {
			if strings.Contains(string(e), `"text":"`+words+`"`) {
				return e
			}
		}
	}
	t.Fatalf("the card has no button %q:\n%s", words, c.blocks)
	return nil
}

// card is what the card shows; empty: there is none.
func (c *fakeSlack) card() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.blocks)
}

// await waits for what must come; how long a busy machine takes says nothing.
func await[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-t.Context().Done():
		t.Fatalf("waited for %s", what)
	case <-time.After(time.Minute):
		t.Fatalf("waited a minute for %s", what)
	}
	panic("unreachable: Fatalf ends the test")
}
