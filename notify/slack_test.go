package notify

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack/slacktest"

	"alerter/evaluate"
)

// formOf reads the form a request carried.
func formOf(t *testing.T, r request) url.Values {
	t.Helper()
	form, err := url.ParseQuery(string(r.body))
	if err != nil {
		t.Fatalf("read form: %v", err)
	}
	return form
}

// slackBlock is what is checked of any block.
type slackBlock struct {
	Type string `json:"type"`
	Text *struct {
		Type     string `json:"type"`
		Text     string `json:"text"`
		Verbatim bool   `json:"verbatim"`
	} `json:"text"`
	Elements []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	} `json:"elements"`
}

// wantSlackLimits checks blocks and text against Slack's limits.
func wantSlackLimits(t *testing.T, blocks []byte, text string) {
	t.Helper()
	var all []slackBlock
	if err := json.Unmarshal(blocks, &all); err != nil {
		t.Fatalf("read blocks: %v", err)
	}
	total := utf8.RuneCountInString(text)
	if len(all) == 0 || len(all) > 50 {
		t.Errorf("got %d blocks, want 1 to 50", len(all))
	}
	for _, b := range all {
		texts := []string{}
		if b.Text != nil {
			texts = append(texts, b.Text.Text)
		}
		for _, e := range b.Elements {
			texts = append(texts, e.Text)
		}
		for _, s := range texts {
			total += utf8.RuneCountInString(s)
			most := 3000
			if b.Type == "header" {
				most = 150
			}
			if n := utf8.RuneCountInString(s); n == 0 || n > most || !utf8.ValidString(s) {
				t.Errorf("got %d characters in a %s, want 1 to %d of valid text", n, b.Type, most)
			}
			if b.Type != "header" {
				wantEscaped(t, s)
			}
		}
	}
	if total > 10_000 {
		t.Errorf("got %d characters in all, want at most 10,000", total)
	}
}

// wantEscaped looks for markup that did not come from us: our own links are the
// only things in angle brackets.
func wantEscaped(t *testing.T, s string) {
	t.Helper()
	for rest := s; ; {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			break
		}
		if !strings.HasPrefix(after, page) {
			t.Errorf("got markup from a name: %s", clip(s, 300))
			return
		}
		rest = after
	}
}

// wantSlackWebhookLimits checks the body of an incoming webhook.
func wantSlackWebhookLimits(t *testing.T, body []byte) {
	t.Helper()
	var m struct {
		Text   string          `json:"text"`
		Blocks json.RawMessage `json:"blocks"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	wantEscaped(t, m.Text)
	wantSlackLimits(t, m.Blocks, m.Text)
}

func TestSlackTokenIsInTheHeaderOfEveryCall(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 200, body: `{"ok":true,"channel":"C0OPS","ts":"1700000001.000200"}`})
	c := open(t, "slack", settingsOf(map[string]any{"channel": "#claude-ops", "token": testToken, "api_url": p.URL + "/api/"}), nil)
	m := inThread(Compose(routed(evaluate.Escalated, criticalAlert()), page))
	m.Again = true
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, r := range p.requests() {
		paths = append(paths, r.path)
		if form := formOf(t, r); form.Has("token") || r.header.Get("Authorization") != "Bearer "+testToken || r.header.Get("User-Agent") != "alerter/1.2.3" {
			t.Errorf("%s: got the token elsewhere than in the header, or no name", r.path)
		}
	}
	if want := []string{"/api/chat.update", "/api/conversations.replies", "/api/chat.postMessage"}; !slices.Equal(paths, want) {
		t.Errorf("got calls %v, want %v", paths, want)
	}
}

func TestSlackRefusalsMeanRetryOrGiveUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code, reason string
		permanent    bool
	}{
		{"channel_not_found", ReasonClientError, true},
		{"is_archived", ReasonClientError, true},
		{"msg_too_long", ReasonClientError, true},
		{"invalid_auth", ReasonAuthError, true},
		{"account_inactive", ReasonAuthError, true},
		{"missing_scope", ReasonAuthError, true},
		{"ratelimited", ReasonRateLimited, false},
		{"internal_error", ReasonServerError, false},
		{"something_new", ReasonOther, false},
	} {
		t.Run(c.code, func(t *testing.T) {
			t.Parallel()
			s := beginSlackBot(t, answer{code: 200, body: `{"ok":false,"error":"` + c.code + `"}`, header: map[string]string{"Retry-After": "30"}})
			_, err := s.channel.Send(t.Context(), samples()[0].m)
			if err == nil || IsPermanent(err) != c.permanent || ReasonOf(err) != c.reason || !strings.Contains(err.Error(), c.code) {
				t.Errorf("got %v (permanent %v, reason %s), want permanent %v, reason %s", err, IsPermanent(err), ReasonOf(err), c.permanent, c.reason)
			}
			if wait, _ := RetryAfterOf(err); wait.String() != "30s" {
				t.Errorf("got retry after %v, want 30s", wait)
			}
		})
	}
}

func TestSlackMessageGoesWithoutThreadOrLayoutRatherThanNotAtAll(t *testing.T) {
	t.Parallel()
	p := newPlace(t,
		answer{code: 200, body: `{"ok":true,"channel":"C0OPS","ts":"1.1"}`}, // the edit of the card
		answer{code: 200, body: `{"ok":false,"error":"thread_not_found"}`},
		answer{code: 200, body: `{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] no"]}}`},
		answer{code: 200, body: `{"ok":true,"channel":"C0OPS","ts":"1.2"}`})
	c := open(t, "slack", settingsOf(map[string]any{"channel": "C0OPS", "token": testToken, "api_url": p.URL}), nil)
	if _, err := c.Send(t.Context(), inThread(Compose(routed(evaluate.Fired, pressureAlert()), page))); err != nil {
		t.Fatal(err)
	}
	all := p.requests()
	if len(all) != 4 {
		t.Fatalf("got %d requests, want 4", len(all))
	}
	all = all[1:]
	if form := formOf(t, all[1]); form.Has("thread_ts") || !form.Has("blocks") {
		t.Error("got thread or no blocks in the second, want blocks without a thread")
	}
	if form := formOf(t, all[2]); form.Has("thread_ts") || form.Has("blocks") || !strings.Contains(form.Get("text"), "Claude Opus 5") {
		t.Error("got thread or blocks in the third, want text only")
	}
}

func TestSlackGivesUpAfterTheSimplestForm(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 200, body: `{"ok":false,"error":"channel_not_found"}`})
	c := open(t, "slack", settingsOf(map[string]any{"channel": "C0OPS", "token": testToken, "api_url": p.URL}), nil)
	_, err := c.Send(t.Context(), inThread(samples()[0].m))
	if !IsPermanent(err) || len(p.requests()) != 2 {
		t.Errorf("got %v after %d requests, want a permanent error after 2", err, len(p.requests()))
	}
}

func TestSlackTestServerTakesTheMessage(t *testing.T) {
	t.Parallel()
	s := slacktest.NewTestServer()
	s.Start()
	defer s.Stop()
	c := open(t, "slack", settingsOf(map[string]any{"channel": "#claude-ops", "token": testToken, "api_url": s.GetAPIURL()}), nil)
	receipt, err := c.Send(t.Context(), samples()[0].m)
	if err != nil || receipt.ID == "" || receipt.Channel != "#claude-ops" {
		t.Fatalf("got receipt %+v, error %v, want a ts in #claude-ops", receipt, err)
	}
}

func TestSlackEscapeCutsBetweenCharactersAndEntities(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		most int
		want string
	}{
		{"", 5, ""},
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"<!channel>", 100, "&lt;!channel&gt;"},
		{"a&b", 7, "a&amp;b"},
		{"a&b", 6, "a…"},
		{"&&", 5, "…"},
		{"&&", 6, "&amp;…"},
		{"𝕏𝕏𝕏", 2, "𝕏…"},
	} {
		if got := slackEscape(c.in, c.most); got != c.want {
			t.Errorf("slackEscape(%q, %d): got %q, want %q", c.in, c.most, got, c.want)
		}
	}
}

func TestSlackWebhookFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	other := newPlace(t, answer{code: 200})
	s := beginSlackWebhook(t, answer{code: http.StatusTemporaryRedirect, header: map[string]string{"Location": other.URL}})
	if _, err := s.channel.Send(t.Context(), samples()[0].m); !IsPermanent(err) || len(other.requests()) != 0 {
		t.Errorf("got %v and %d requests elsewhere, want a permanent error and none", err, len(other.requests()))
	}
}
