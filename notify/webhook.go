package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The formats of a webhook.
const (
	formatStandard     = "standard"
	formatAlertmanager = "alertmanager"
)

// WebhookSettings are those of a webhook receiver.
type WebhookSettings struct {
	// URL is where to POST. It often carries a token, so it is kept as a secret.
	URL     Secret `yaml:"url,omitempty" json:"url,omitempty" jsonschema_description:"Where to POST. Kept as a secret: such addresses often carry a token."`
	URLFile string `yaml:"url_file,omitempty" json:"url_file,omitempty" jsonschema_description:"A file with the address, read at every use."`
	// Secret signs the message by Standard Webhooks 1.0.0: whsec_ and base64 of
	// 24 to 64 bytes. Empty: not signed.
	Secret     Secret `yaml:"secret,omitempty" json:"secret,omitempty" jsonschema_description:"Signs the message by Standard Webhooks: whsec_ and base64 of 24 to 64 bytes. Without it messages are not signed."`
	SecretFile string `yaml:"secret_file,omitempty" json:"secret_file,omitempty" jsonschema_description:"A file with the secret, read at every use; of several, one in a line, each signs."`
	// Secrets sign as well, for the time in which a secret is changed.
	Secrets []Secret `yaml:"secrets,omitempty" json:"secrets,omitempty" jsonschema_description:"More secrets that sign as well, while a secret is being changed."`
	// Format is "standard" (the default) or "alertmanager".
	Format string `yaml:"format,omitempty" json:"format,omitempty" jsonschema:"enum=standard,enum=alertmanager" jsonschema_description:"standard (the default) or alertmanager: its webhook, version 4."`
	// Headers are sent along, such as Authorization.
	Headers map[string]Secret `yaml:"headers,omitempty" json:"headers,omitempty" jsonschema_description:"Headers sent along, such as Authorization."`
	// MaxAlerts bounds the alerts of one message; 0: all (in the standard format, all that fit).
	MaxAlerts int `yaml:"max_alerts,omitempty" json:"max_alerts,omitempty" jsonschema_description:"At most so many alerts in one message; 0 is all."`
	// AllowPrivateNetworks permits places on this machine and in private networks.
	AllowPrivateNetworks bool `yaml:"allow_private_networks,omitempty" json:"allow_private_networks,omitempty" jsonschema_description:"Permit addresses on this machine and in private networks."`
}

// ownHeaders are those the channel sets itself.
var ownHeaders = []string{
	"Content-Type", "Content-Length", "Host", "User-Agent", "Transfer-Encoding", "Connection",
	"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature",
}

func (s *WebhookSettings) check() error {
	errs := []error{
		oneOf("url", s.URL, s.URLFile, true),
		oneOf("secret", s.Secret, s.SecretFile, false),
		checkURL("url", string(s.URL)),
	}
	switch s.Format {
	case "", formatStandard, formatAlertmanager:
	default:
		errs = append(errs, fmt.Errorf("format: %q is not one of %s, %s", s.Format, formatStandard, formatAlertmanager))
	}
	if s.MaxAlerts < 0 {
		errs = append(errs, fmt.Errorf("max_alerts: %d is negative", s.MaxAlerts))
	}
	for _, secret := range append([]Secret{s.Secret}, s.Secrets...) {
		if secret != "" {
			_, err := signingKey(string(secret))
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, checkHeaders(s.Headers)...)...)
}

// checkHeaders refuses headers that the channel sets itself or that cannot be sent.
func checkHeaders(headers map[string]Secret) []error {
	var errs []error
	for header, value := range headers {
		if slices.Contains(ownHeaders, http.CanonicalHeaderKey(header)) {
			errs = append(errs, fmt.Errorf("headers: %s is set by the channel itself", header))
		}
		if !validHeader(header, string(value)) {
			errs = append(errs, fmt.Errorf("headers: %q is not a header that can be sent", header))
		}
	}
	return errs
}

// validHeader reports whether a header can be put on the wire as it is.
func validHeader(key, value string) bool {
	if key == "" || strings.ContainsAny(value, "\r\n\x00") {
		return false
	}
	for _, r := range key {
		if !strings.ContainsRune("!#$%&'*+-.^_`|~", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// checkURL refuses an address that cannot be posted to; an empty one is not there.
func checkURL(key, raw string) error {
	if raw == "" {
		return nil
	}
	_, err := parseURL(key, raw)
	return err
}

// parseURL reads an address to POST to, without ever repeating it in an error.
func parseURL(key, raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%s: not an http or https address", key)
	}
	return u, nil
}

func (s *WebhookSettings) warnings() []string {
	var said []string
	if s.Secret == "" && s.SecretFile == "" && len(s.Secrets) == 0 {
		said = append(said, "webhook without secret: messages are not signed, the receiving side cannot tell who sent them")
	}
	if !s.AllowPrivateNetworks {
		said = append(said, plainHTTP("webhook url", string(s.URL), "and change the messages")...)
	}
	return said
}

// onlyAlerts: a message in Alertmanager's format is about alerts.
func (s *WebhookSettings) onlyAlerts() bool { return s.Format == formatAlertmanager }

func (s *WebhookSettings) open(env Env) Channel {
	return &webhook{settings: *s, poster: newGuardedPoster(env, s.AllowPrivateNetworks)}
}

// webhook POSTs messages as JSON.
type webhook struct {
	settings WebhookSettings
	poster   poster
}

// Send posts m. Only a 2xx answer is a success.
func (w *webhook) Send(ctx context.Context, m Message) (Receipt, error) {
	to, err := readSecret("url", w.settings.URL, w.settings.URLFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("post webhook: %w", err)
	}
	u, err := parseURL("url", to)
	if err != nil {
		return Receipt{}, fmt.Errorf("post webhook: %w", err)
	}
	keys, err := w.keys()
	if err != nil {
		return Receipt{}, fmt.Errorf("post webhook: %w", err)
	}
	body, err := w.body(m)
	if err != nil {
		return Receipt{}, Permanent(fmt.Errorf("write webhook: %w", err))
	}
	id := webhookID(m.Key)
	header, err := w.header(id, body, keys)
	if err != nil {
		return Receipt{}, Permanent(fmt.Errorf("post webhook: %w", err))
	}
	l := letter{doing: "post webhook to " + u.Host, to: u.String(), header: header, body: body, safe: w.redactor(to, keys)}
	if _, err := w.poster.post(ctx, l); err != nil {
		return Receipt{}, err
	}
	return Receipt{ID: id}, nil
}

// body writes the message in the receiver's format.
func (w *webhook) body(m Message) ([]byte, error) {
	if w.settings.Format == formatAlertmanager {
		return alertmanagerBody(m, w.settings.MaxAlerts)
	}
	return standardBody(m, w.settings.MaxAlerts)
}

// holds reports whether m is told without leaving out any of its alerts.
func (w *webhook) holds(m Message) bool {
	if most := w.settings.MaxAlerts; most > 0 && len(m.Items) > most {
		return false
	}
	if w.settings.Format == formatAlertmanager {
		return true
	}
	body, err := marshalStandard(m, len(m.Items))
	return err == nil && len(body) <= maxStandardBody
}

// keys reads every secret to sign with; a file holds one in each line.
func (w *webhook) keys() ([]string, error) {
	first, err := readSecret("secret", w.settings.Secret, w.settings.SecretFile)
	if err != nil {
		return nil, err
	}
	keys := strings.Fields(first)
	if first != "" && len(keys) == 0 {
		return nil, fmt.Errorf("read secret_file: %s holds no secret", w.settings.SecretFile)
	}
	for _, key := range w.settings.Secrets {
		if key != "" {
			keys = append(keys, string(key))
		}
	}
	return keys, nil
}

// redactor knows everything about this webhook that must not be printed.
func (w *webhook) redactor(to string, keys []string) redactor {
	secrets := append([]string{to}, keys...)
	for _, key := range keys {
		secrets = append(secrets, strings.TrimPrefix(key, "whsec_"))
	}
	safe := newRedactor(secrets...)
	for _, value := range w.settings.Headers {
		safe = append(safe, headerSecrets(value)...)
	}
	return safe
}

// leastHeaderSecret is from how many bytes on a header's value is kept out of errors:
// a shorter one, such as a version, keeps no secret and stands in any text by chance.
const leastHeaderSecret = 4

// headerSecrets is a header's value, and the part of it behind Bearer and its like.
func headerSecrets(value Secret) redactor {
	secrets := []string{string(value)}
	if _, token, ok := strings.Cut(string(value), " "); ok {
		secrets = append(secrets, token)
	}
	return newRedactor(slices.DeleteFunc(secrets, func(s string) bool { return len(s) < leastHeaderSecret })...)
}

// header is what goes with the body, signed over exactly its bytes.
func (w *webhook) header(id string, body []byte, keys []string) (http.Header, error) {
	h := make(http.Header)
	for header, value := range w.settings.Headers {
		h.Set(header, string(value))
	}
	if w.settings.Format == formatAlertmanager && len(keys) == 0 {
		return h, nil
	}
	return h, sign(h, id, w.poster.now(), body, keys)
}
