package notify

import (
	"bytes"
	"fmt"
	"testing"
)

// testRouting is a routing key as long as real ones.
const testRouting = "0123456789abcdef-hunter2-secret!"

func beginPagerDuty(t *testing.T, a answer) site {
	return beginPager(t, a, "pagerduty", map[string]any{"routing_key": testRouting})
}

func beginAlertmanager(t *testing.T, a answer) site {
	p := newPlace(t, a)
	c := open(t, "alertmanager", settingsOf(map[string]any{
		"urls": []string{p.URL + "/"}, "headers": map[string]string{"Authorization": "Bearer " + testBearer}, "allow_private_networks": true,
	}), nil)
	raw := func() []byte { return p.last(t).body }
	payload := func() []byte {
		return fmt.Appendf(nil, "POST %s\nAuthorization: %s\n\n%s", p.last(t).path, p.last(t).header.Get("Authorization"), pretty(t, raw()))
	}
	return site{channel: c, payload: payload, raw: raw, received: p.received}
}

func beginJSM(t *testing.T, a answer) site {
	return beginPager(t, a, "jsm", map[string]any{"api_key": testBearer})
}

// beginPager opens a pager to a place, and shows the requests it made
// since it was last looked at.
func beginPager(t *testing.T, a answer, kind string, set map[string]any) site {
	p := newPlace(t, a)
	set["url"] = p.URL
	shown := 0
	payload := func() []byte {
		var b bytes.Buffer
		all := p.requests()
		for _, r := range all[shown:] {
			fmt.Fprintf(&b, "POST %s\n%s\n", r.path, pretty(t, r.body))
		}
		shown = len(all)
		return b.Bytes()
	}
	raw := func() []byte { return p.last(t).body }
	return site{channel: open(t, kind, settingsOf(set), nil), payload: payload, raw: raw, received: p.received}
}
