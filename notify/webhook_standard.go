package notify

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"alerter/evaluate"
)

// maxStandardBody keeps a message under the 20 kB Standard Webhooks asks for:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
const maxStandardBody = 20_000

// standardMessage is the body of a Standard Webhooks message.
type standardMessage struct {
	Type      string       `json:"type"`
	Timestamp time.Time    `json:"timestamp"`
	Data      standardData `json:"data"`
}

// standardData is what the message is about.
type standardData struct {
	Receiver    string            `json:"receiver"`
	GroupKey    string            `json:"group_key"`
	GroupLabels map[string]string `json:"group_labels"`
	Reason      evaluate.Reason   `json:"reason"`
	Title       string            `json:"title"`
	Alerts      []standardAlert   `json:"alerts"`
	// TruncatedAlerts counts the alerts that were left out for size.
	TruncatedAlerts int     `json:"truncated_alerts"`
	ExternalURL     string  `json:"external_url,omitempty"`
	Digest          *Digest `json:"digest,omitempty"` // only of a digest
}

// standardAlert is shape A and why the alert is in this message.
type standardAlert struct {
	Alert
	Reason evaluate.Reason `json:"reason"`
}

// standardType names the event.
func standardType(m Message) string {
	switch {
	case m.Kind == KindTest:
		return "test.ping"
	case m.Kind == KindDigest:
		return "digest"
	case m.Kind == KindSystem:
		return "system.alert"
	case m.Reason == evaluate.Fired && aboutLimits(m):
		return "limit.changed"
	case m.Reason == evaluate.Fired:
		return "alert.firing"
	}
	return "alert." + string(m.Reason)
}

// aboutLimits reports whether every alert of the message says that a limit changed.
func aboutLimits(m Message) bool {
	for _, i := range m.Items {
		if i.Alert.Annotations["change"] == "" {
			return false
		}
	}
	return len(m.Items) > 0
}

// standardBody writes m in under 20 kB: whole, or with fewer alerts and their
// number, or at the worst with its longest strings cut.
func standardBody(m Message, maxAlerts int) ([]byte, error) {
	show := len(m.Items)
	if maxAlerts > 0 {
		show = min(show, maxAlerts)
	}
	for _, longest := range []int{0, 1024, 256, 64} { // 0: as it is
		body, err := fitStandard(shorten(m, longest), show)
		if err != nil || len(body) <= maxStandardBody {
			return body, err
		}
	}
	return nil, fmt.Errorf("a message of one alert is over %d bytes", maxStandardBody)
}

// fitStandard writes m with as many of its first alerts as fit, at least one.
func fitStandard(m Message, show int) ([]byte, error) {
	body, err := marshalStandard(m, show)
	if err != nil || len(body) <= maxStandardBody {
		return body, err
	}
	least, most := 1, show // the answer lies in between; one is tried by the caller if it does not fit
	for least < most {
		middle := (least + most + 1) / 2
		body, err := marshalStandard(m, middle)
		if err != nil {
			return nil, err
		}
		if len(body) <= maxStandardBody {
			least = middle
		} else {
			most = middle - 1
		}
	}
	return marshalStandard(m, min(least, show))
}

// marshalStandard writes m with its first show alerts.
func marshalStandard(m Message, show int) ([]byte, error) {
	data := standardData{
		Receiver: m.Receiver, GroupKey: m.GroupKey, GroupLabels: m.GroupLabels, Reason: m.Reason,
		Title: m.Title, Alerts: []standardAlert{}, TruncatedAlerts: len(m.Items) - show, ExternalURL: m.ExternalURL,
		Digest: m.Digest,
	}
	if data.GroupLabels == nil {
		data.GroupLabels = map[string]string{}
	}
	for _, i := range m.Items[:show] {
		data.Alerts = append(data.Alerts, standardAlert{Alert: i.Alert, Reason: i.Reason})
	}
	return marshalJSON(standardMessage{Type: standardType(m), Timestamp: m.At.UTC(), Data: data})
}

// marshalJSON writes v without the escapes meant for HTML, which double the size of some names.
func marshalJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// shorten returns m with every string of its alerts and group labels cut to so
// many runes; 0 cuts nothing. m itself stays as it is.
func shorten(m Message, longest int) Message {
	if longest == 0 {
		return m
	}
	m.GroupKey, m.Title = clip(m.GroupKey, longest), clip(m.Title, longest)
	m.GroupLabels = shortenMap(m.GroupLabels, longest)
	items := make([]Item, len(m.Items))
	for i, item := range m.Items {
		item.Alert.Labels = shortenMap(item.Alert.Labels, longest)
		item.Alert.Annotations = shortenMap(item.Alert.Annotations, longest)
		items[i] = item
	}
	m.Items = items
	m.Digest = m.Digest.shortened(longest)
	return m
}

// shortenMap cuts the values of a map.
func shortenMap(in map[string]string, longest int) map[string]string {
	out := make(map[string]string, len(in))
	for key, value := range in {
		out[clip(key, longest)] = clip(value, longest)
	}
	return out
}

// webhookID is the message's id: the same on every attempt, so that the
// receiving side can throw away repeats. The specification allows no dot in it.
func webhookID(key string) string {
	return "msg_" + shortHash("webhook", key)
}

// signingKey checks one secret and returns what signs with it.
func signingKey(secret string) (*standardwebhooks.Webhook, error) {
	encoded, ok := strings.CutPrefix(secret, "whsec_")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(raw) < 24 || len(raw) > 64 {
		return nil, errors.New("secret: want whsec_ followed by the base64 of 24 to 64 bytes")
	}
	return standardwebhooks.NewWebhookRaw(raw)
}

// sign sets the headers of Standard Webhooks; without keys, all but the signature.
func sign(h http.Header, id string, at time.Time, body []byte, keys []string) error {
	h.Set(standardwebhooks.HeaderWebhookID, id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	var signatures []string
	for _, key := range keys {
		w, err := signingKey(key)
		if err != nil {
			return err
		}
		s, err := w.Sign(id, at, body)
		if err != nil {
			return fmt.Errorf("sign message: %w", err)
		}
		signatures = append(signatures, s)
	}
	if len(signatures) > 0 {
		h.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	}
	return nil
}
