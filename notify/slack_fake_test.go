package notify

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeSlack is a workspace with one channel, #claude-ops, that remembers what is
// posted, edits it and gives it back, a few messages to a page.
type fakeSlack struct {
	*httptest.Server
	mu       sync.Mutex
	messages []*fakeMessage
	calls    []string            // methods, in order
	refuse   map[string][]string // by method: the codes it answers with, one call each
	cutOff   map[string]bool     // by method: it takes the call, and the answer never comes
	uploads  [][]byte            // what was sent to the address of a file, in order
	files    []string            // what was shown: channel, thread, name, title
	socket   *fakeSocket
}

// fakeMessage is a message as the channel holds it.
type fakeMessage struct {
	TS        string          `json:"ts"`
	Thread    string          `json:"thread_ts,omitempty"`
	Text      string          `json:"text"`
	Blocks    json.RawMessage `json:"blocks,omitempty"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`
	broadcast bool
	edits     int
}

const (
	fakeChannel = "C0CLAUDEOPS"
	fakePage    = 2
)

// newSlack starts a workspace; it ends with the test.
func newSlack(t *testing.T) *fakeSlack {
	t.Helper()
	f := &fakeSlack{refuse: map[string][]string{}, cutOff: map[string]bool{}, socket: newSocket()}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// bot is a channel to the workspace.
func (f *fakeSlack) bot(t *testing.T, channel string) Channel {
	t.Helper()
	return open(t, "slack", settingsOf(map[string]any{"channel": channel, "token": testToken, "api_url": f.URL + "/api/"}), nil)
}

func (f *fakeSlack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	if method == "/link" {
		f.socket.serve(w, r)
		return
	}
	_ = r.ParseForm()
	if strings.HasPrefix(r.URL.Path, "/upload/") {
		method = "upload"
		if file, _, err := r.FormFile("file"); err == nil {
			content, _ := io.ReadAll(file)
			r.Form.Set("content", string(content))
		}
	}
	f.mu.Lock()
	if strings.HasPrefix(r.URL.Path, "/actions/") {
		body, _ := io.ReadAll(r.Body)
		f.socket.whispers = append(f.socket.whispers, string(body))
	}
	f.calls = append(f.calls, method)
	answer := f.answer(method, r.Form)
	cut := f.cutOff[method]
	f.mu.Unlock()
	if cut {
		panic(http.ErrAbortHandler)
	}
	if method == "upload" && answer["ok"] != true {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// answer does what a method does. The lock is held.
func (f *fakeSlack) answer(method string, form url.Values) map[string]any {
	if codes := f.refuse[method]; len(codes) > 0 {
		f.refuse[method] = codes[1:]
		if codes[0] != "" {
			return map[string]any{"ok": false, "error": codes[0]}
		}
	}
	switch method {
	case "chat.postMessage":
		if c := form.Get("channel"); c != fakeChannel && c != "#claude-ops" {
			return map[string]any{"ok": false, "error": "channel_not_found"}
		}
		m := &fakeMessage{
			TS: fmt.Sprintf("%d.%06d", noon.Unix(), len(f.messages)+1), Thread: form.Get("thread_ts"), Text: form.Get("text"),
			Blocks: json.RawMessage(form.Get("blocks")), Metadata: json.RawMessage(form.Get("metadata")),
			broadcast: form.Get("reply_broadcast") == "true",
		}
		f.messages = append(f.messages, m)
		return map[string]any{"ok": true, "channel": fakeChannel, "ts": m.TS}
	case "chat.update":
		for _, m := range f.messages {
			if m.TS == form.Get("ts") && form.Get("channel") == fakeChannel {
				m.Text, m.Blocks, m.edits = form.Get("text"), json.RawMessage(form.Get("blocks")), m.edits+1
				return map[string]any{"ok": true, "channel": fakeChannel, "ts": m.TS}
			}
		}
		return map[string]any{"ok": false, "error": "message_not_found"}
	case "apps.connections.open":
		return map[string]any{"ok": true, "url": "ws" + strings.TrimPrefix(f.URL, "http") + "/link?ticket=very-secret&app_id=A0ALERTER"}
	case "usergroups.users.list":
		return map[string]any{"ok": true, "users": []string{"U0GRACEHO", "U0ADALOVE"}}
	case "files.getUploadURLExternal":
		return map[string]any{"ok": true, "upload_url": f.URL + "/upload/v1", "file_id": fmt.Sprintf("F%d %s %s", len(f.uploads), form.Get("filename"), form.Get("length"))}
	case "upload":
		f.uploads = append(f.uploads, []byte(form.Get("content")))
		return map[string]any{"ok": true}
	case "files.completeUploadExternal":
		f.files = append(f.files, strings.Join([]string{form.Get("channel_id"), form.Get("thread_ts"), form.Get("files")}, " "))
		return map[string]any{"ok": true, "files": json.RawMessage(form.Get("files"))}
	case "conversations.history":
		return f.page(form, func(m *fakeMessage) bool { return m.Thread == "" || m.broadcast })
	case "conversations.replies":
		return f.page(form, func(m *fakeMessage) bool { return m.TS == form.Get("ts") || m.Thread == form.Get("ts") })
	case "conversations.list":
		from, _ := strconv.Atoi(form.Get("cursor"))
		all := []map[string]any{{"id": "C0GENERAL", "name": "general"}, {"id": "C0RANDOM", "name": "random"}, {"id": fakeChannel, "name": "claude-ops"}}
		to := min(from+fakePage, len(all))
		return map[string]any{"ok": true, "channels": all[from:to], "response_metadata": map[string]any{"next_cursor": cursor(to, len(all))}}
	}
	return map[string]any{"ok": false, "error": "unknown_method"}
}

// page is a page of the messages that are meant, newest first, with their
// metadata where that was asked for.
func (f *fakeSlack) page(form url.Values, meant func(*fakeMessage) bool) map[string]any {
	var all []*fakeMessage
	for _, m := range f.messages {
		if meant(m) && m.TS > form.Get("oldest") && form.Get("channel") == fakeChannel {
			copied := *m
			if form.Get("include_all_metadata") != "1" {
				copied.Metadata = nil
			}
			all = append(all, &copied)
		}
	}
	slices.SortFunc(all, func(a, b *fakeMessage) int { return -cmp.Compare(a.TS, b.TS) })
	from, _ := strconv.Atoi(form.Get("cursor"))
	to := min(from+fakePage, len(all))
	next := cursor(to, len(all))
	return map[string]any{"ok": true, "messages": all[from:to], "has_more": next != "", "response_metadata": map[string]any{"next_cursor": next}}
}

func cursor(to, all int) string {
	if to >= all {
		return ""
	}
	return strconv.Itoa(to)
}

// made lists the calls so far, and forgets them.
func (f *fakeSlack) made() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

// refuses lets the next calls of a method be refused with these codes; an empty one goes through.
func (f *fakeSlack) refuses(method string, codes ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuse[method] = codes
}

// cuts lets the answers of a method get lost, or no longer.
func (f *fakeSlack) cuts(method string, lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cutOff[method] = lost
}

// seen is the channel as people see it: each message by its first line, edits
// counted, replies below.
func (f *fakeSlack) seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var lines []string
	for _, card := range f.messages {
		if card.Thread != "" {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s (edited %d times)", firstLine(card.Text), card.edits))
		for _, m := range f.messages {
			if m.Thread == card.TS {
				lines = append(lines, "  "+firstLine(m.Text)+map[bool]string{true: " (also in the channel)"}[m.broadcast])
			}
		}
	}
	return lines
}

// buttons are the words on the buttons of the newest card.
func (f *fakeSlack) buttons(t *testing.T) (words []string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	var blocks []struct {
		Type     string `json:"type"`
		Elements []struct {
			Text json.RawMessage `json:"text"`
		} `json:"elements"`
	}
	var card *fakeMessage
	for _, m := range f.messages {
		if m.Thread == "" {
			card = m
		}
	}
	if err := json.Unmarshal(card.Blocks, &blocks); err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		for _, e := range b.Elements {
			var text struct {
				Text string `json:"text"`
			}
			if b.Type == "actions" && json.Unmarshal(e.Text, &text) == nil {
				words = append(words, text.Text)
			}
		}
	}
	return words
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
