package notify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

const (
	testTopic    = "claude-ops-very-secret"
	testTelegram = "123456:" + testBearer
)

// jsonPlace opens a channel to a place that answers body where it answers well,
// and looks at what it got as JSON.
func jsonPlace(t *testing.T, a answer, body string, open func(p *place) Channel) (site, *place) {
	if a.body == "" && a.code == http.StatusOK {
		a.body = body
	}
	p := newPlace(t, a)
	raw := func() []byte { return p.last(t).body }
	return site{channel: open(p), payload: func() []byte { return pretty(t, raw()) }, raw: raw, received: p.received}, p
}

func beginDiscord(t *testing.T, a answer) site {
	s, _ := jsonPlace(t, a, `{"id":"1200","channel_id":"1100"}`, func(p *place) Channel {
		return open(t, "discord", settingsOf(map[string]any{"webhook_url": p.URL + "/api/webhooks/1000/" + testBearer}), nil)
	})
	return s
}

func beginTeams(t *testing.T, a answer) site {
	s, _ := jsonPlace(t, a, "1", func(p *place) Channel {
		return open(t, "teams", settingsOf(map[string]any{"webhook_url": p.URL + "/workflows/" + testBearer + "?sig=" + testPass}), nil)
	})
	return s
}

func beginNtfy(t *testing.T, a answer) site {
	s, p := jsonPlace(t, a, `{"id":"sPs71M8A2T"}`, func(p *place) Channel {
		return open(t, "ntfy", settingsOf(map[string]any{"url": p.URL, "topic": testTopic, "token": testBearer}), nil)
	})
	bare := s.payload
	s.payload = func() []byte {
		return append(fmt.Appendf(nil, "Authorization: %s\n\n", p.last(t).header.Get("Authorization")), bare()...)
	}
	return s
}

func beginTelegram(t *testing.T, a answer) site {
	s, p := jsonPlace(t, a, `{"ok":true,"result":{"message_id":77}}`, func(p *place) Channel {
		return open(t, "telegram", settingsOf(map[string]any{"api_url": p.URL, "token": testTelegram, "chat": "-1001234567890"}), nil)
	})
	bare := s.payload
	s.payload = func() []byte {
		var sent struct{ Text string }
		if err := json.Unmarshal(s.raw(), &sent); err != nil {
			t.Fatal(err)
		}
		return fmt.Appendf(nil, "POST %s\n%s\n%s\n", p.last(t).path, bare(), sent.Text)
	}
	return s
}
