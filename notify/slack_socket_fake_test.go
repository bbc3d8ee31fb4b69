package notify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// fakeSocket is the Socket Mode side of a workspace: it opens WebSockets, greets,
// sends envelopes, and notes what is answered.
type fakeSocket struct {
	mu       sync.Mutex
	conn     *websocket.Conn // the newest connection
	opened   chan struct{}   // one for each greeting that was sent
	answered chan string     // envelope ids
	whispers []string        // bodies sent to the response_url
}

func newSocket() *fakeSocket {
	return &fakeSocket{opened: make(chan struct{}, 100), answered: make(chan string, 100)}
}

// serve takes a connection: https://docs.slack.dev/apis/events-api/using-socket-mode
func (s *fakeSocket) serve(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	hello := `{"type":"hello","num_connections":1,"debug_info":{"host":"applink-1","approximate_connection_time":18060},"connection_info":{"app_id":"A0ALERTER"}}`
	s.mu.Lock()
	s.conn = conn
	_ = conn.WriteMessage(websocket.TextMessage, []byte(hello))
	s.mu.Unlock()
	s.opened <- struct{}{}
	for {
		var answer struct {
			ID string `json:"envelope_id"`
		}
		if err := conn.ReadJSON(&answer); err != nil {
			return
		}
		s.answered <- answer.ID
	}
}

// send sends an envelope over the newest connection.
func (s *fakeSocket) send(t *testing.T, envelope string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conn.WriteMessage(websocket.TextMessage, []byte(envelope)); err != nil {
		t.Fatal(err)
	}
}

// drop ends the newest connection without a word.
func (s *fakeSocket) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.conn.Close()
}

// wantAnswer waits for the answer to an envelope and returns how long it took.
func (s *fakeSocket) wantAnswer(t *testing.T, envelope string) time.Duration {
	t.Helper()
	began := time.Now()
	if got := next(t, "an answer to "+envelope, s.answered); got != envelope {
		t.Errorf("got an answer to %q, want one to %q", got, envelope)
	}
	return time.Since(began)
}

// envelopeOf is what Slack sends when somebody presses a button of a message,
// found by its words.
func (f *fakeSlack) envelopeOf(t *testing.T, id string, card Receipt, words string) string {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.messages {
		if m.TS != card.ID {
			continue
		}
		var blocks []struct {
			Type     string            `json:"type"`
			Elements []json.RawMessage `json:"elements"`
		}
		if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks {
			for _, e := range b.Elements {
				if b.Type == "actions" && strings.Contains(string(e), `"text":"`+words+`"`) {
					return fmt.Sprintf(`{"envelope_id":%q,"type":"interactive","accepts_response_payload":true,"payload":{"type":"block_actions",
						"user":{"id":"U0ADALOVE","username":"ada","name":"ada","team_id":"T0ACME"},"api_app_id":"A0ALERTER","token":"very-old",
						"container":{"type":"message","message_ts":%q,"channel_id":%q,"is_ephemeral":false},
						"team":{"id":"T0ACME","domain":"acme"},"channel":{"id":%q,"name":"claude-ops"},"message":{"type":"message","ts":%q},
						"response_url":"%s/actions/T0/1/very-secret","actions":[{"block_id":"b0","action_ts":"1.1",%s]}}`, id, card.ID, card.Channel, card.Channel, card.ID, f.URL, e[1:])
				}
			}
		}
	}
	t.Fatalf("the card has no button %q", words)
	return ""
}
