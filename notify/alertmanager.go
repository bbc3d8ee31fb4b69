package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"alerter/evaluate"
)

const (
	alertmanagerAPI = "/api/v2/alerts"
	// alertmanagerLease is how long Alertmanager takes an alert to fire that it
	// hears no more of: a few rounds of [Receivers.Mirror], which is once a minute,
	// and less than its resolve_timeout of five minutes. Prometheus does the same.
	alertmanagerLease = 4 * time.Minute
)

// AlertmanagerSettings are those of a receiver that hands alerts to
// Alertmanagers, which group, silence and send them by their own rules.
type AlertmanagerSettings struct {
	// URLs are all members of one cluster: each is told everything.
	URLs []string `yaml:"urls,omitempty" json:"urls,omitempty" jsonschema_description:"The Alertmanagers of one cluster, without /api/v2/alerts. Each is told everything."`
	// Headers are sent along, such as Authorization.
	Headers map[string]Secret `yaml:"headers,omitempty" json:"headers,omitempty" jsonschema_description:"Headers sent along, such as Authorization."`
	// AllowPrivateNetworks permits places on this machine and in private networks.
	AllowPrivateNetworks bool `yaml:"allow_private_networks,omitempty" json:"allow_private_networks,omitempty" jsonschema_description:"Permit addresses on this machine and in private networks."`
}

func (s *AlertmanagerSettings) check() error {
	var errs []error
	if len(s.URLs) == 0 {
		errs = append(errs, errors.New("urls is missing: write at least one, such as http://alertmanager:9093"))
	}
	for _, raw := range s.URLs {
		u, err := parseURL("urls", raw)
		switch {
		case err != nil:
			errs = append(errs, err)
		case u.User != nil:
			errs = append(errs, errors.New("urls: a password in an address would be shown; put it into headers, as Authorization"))
		}
	}
	return errors.Join(append(errs, checkHeaders(s.Headers)...)...)
}

func (s *AlertmanagerSettings) warnings() []string {
	var said []string
	for _, raw := range s.URLs {
		if len(s.Headers) > 0 && !s.AllowPrivateNetworks {
			said = append(said, plainHTTP("alertmanager urls", raw, "the headers")...)
		}
	}
	return said
}

func (*AlertmanagerSettings) onlyAlerts() bool { return true }

func (s *AlertmanagerSettings) open(env Env) Channel {
	return &alertmanager{settings: *s, poster: newGuardedPoster(env, s.AllowPrivateNetworks), fires: map[evaluate.Fingerprint]map[string]string{}}
}

// alertmanager pushes alerts: changes as messages, and what fires once a minute.
type alertmanager struct {
	settings AlertmanagerSettings
	poster   poster

	mu sync.Mutex
	// fires is the label set under which each alert was last said to fire. A set
	// that is forgotten, as when the process ends, lapses with its lease.
	fires map[evaluate.Fingerprint]map[string]string
}

// pushedAlert is an alert as Alertmanager's API takes it:
// https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
type pushedAlert struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// Send tells the alerts of m's group as they are. One Alertmanager that takes
// them in is enough: the others hear what fires by [Receivers.Mirror].
func (a *alertmanager) Send(ctx context.Context, m Message) (Receipt, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := maps.Clone(a.fires)
	var push []pushedAlert
	for _, alert := range groupOf(m) {
		push = append(push, a.pushed(alert, m.ExternalURL, next)...)
	}
	if taken, err := a.push(ctx, push); taken == 0 && len(push) > 0 {
		return Receipt{}, err
	}
	a.fires = next
	return Receipt{}, nil
}

// mirror tells what fires, and ends what was said to fire and is not among it.
func (a *alertmanager) mirror(ctx context.Context, firing []Alert, externalURL string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := make(map[evaluate.Fingerprint]map[string]string, len(firing))
	var push []pushedAlert
	for _, alert := range newestEpisodes(firing) {
		push = append(push, a.pushed(alert, externalURL, next)...)
	}
	for _, print := range slices.Sorted(maps.Keys(a.fires)) {
		if next[print] == nil {
			push = append(push, a.ended(a.fires[print]))
		}
	}
	if len(push) == 0 {
		return nil
	}
	taken, err := a.push(ctx, push)
	if taken > 0 {
		a.fires = next
	}
	return err
}

// pushed is an alert as it is pushed now, with its old label set ended where that
// has changed: a severity is a label, and to Alertmanager another alert. It writes
// into fires how the alert is said to fire, or that it is over.
func (a *alertmanager) pushed(alert Alert, externalURL string, fires map[evaluate.Fingerprint]map[string]string) []pushedAlert {
	p := pushedAlert{
		Labels: withoutEmpty(alert.Labels), Annotations: withoutEmpty(alert.Annotations),
		GeneratorURL: alertLink(externalURL, alert.Fingerprint), EndsAt: a.poster.now().Add(alertmanagerLease).UTC(),
	}
	if alert.FiredAt != nil {
		p.StartsAt = alert.FiredAt.UTC()
	}
	over := alert.State == evaluate.Resolved || alert.State == evaluate.Withdrawn
	old := a.fires[alert.Fingerprint]
	switch {
	case over && isMomentary(alert): // it fires for its lease, or nobody would hear of it
		return []pushedAlert{p}
	case over:
		delete(fires, alert.Fingerprint)
		return a.over(alert, p, old)
	}
	fires[alert.Fingerprint] = p.Labels
	if old != nil && !maps.Equal(old, p.Labels) {
		return []pushedAlert{a.ended(old), p}
	}
	return []pushedAlert{p}
}

// over ends an alert under the labels it was said to fire with; where they are
// forgotten, under every severity it may have had.
func (a *alertmanager) over(alert Alert, p pushedAlert, labels map[string]string) []pushedAlert {
	p.EndsAt = a.poster.now().UTC()
	if alert.ResolvedAt != nil && alert.ResolvedAt.Before(p.EndsAt) {
		p.EndsAt = alert.ResolvedAt.UTC()
	}
	if labels != nil {
		p.Labels = labels
		return []pushedAlert{p}
	}
	var push []pushedAlert
	for _, severity := range evaluate.Severities {
		one := p
		one.Labels = maps.Clone(p.Labels)
		one.Labels["severity"] = string(severity)
		push = append(push, one)
	}
	return push
}

// ended is a label set that fires no more.
func (a *alertmanager) ended(labels map[string]string) pushedAlert {
	at := a.poster.now().UTC()
	return pushedAlert{Labels: labels, Annotations: map[string]string{}, StartsAt: at.Add(-time.Second), EndsAt: at}
}

// push posts to all Alertmanagers. It returns how many have taken it, and what
// the others said.
func (a *alertmanager) push(ctx context.Context, alerts []pushedAlert) (taken int, err error) {
	body, err := marshalJSON(alerts)
	if err != nil {
		return 0, Permanent(fmt.Errorf("push to Alertmanager: %w", err))
	}
	errs := make([]error, len(a.settings.URLs))
	var all sync.WaitGroup
	for i, raw := range a.settings.URLs {
		all.Go(func() { errs[i] = a.post(ctx, raw, body) })
	}
	all.Wait()
	for _, err := range errs {
		if err == nil {
			taken++
		}
	}
	return taken, worthier(errs)
}

// worthier joins errors so that what may still succeed is not taken for lost:
// those that a retry cannot cure count only if there are no others.
func worthier(errs []error) error {
	curable := slices.DeleteFunc(slices.Clone(errs), IsPermanent)
	if err := errors.Join(curable...); err != nil {
		if len(curable) == 1 {
			return curable[0]
		}
		return err
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// post posts to one Alertmanager.
func (a *alertmanager) post(ctx context.Context, raw string, body []byte) error {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return Permanent(errors.New("push to Alertmanager: urls has an address that cannot be read"))
	}
	header, safe := make(http.Header), redactor{}
	for key, value := range a.settings.Headers {
		header.Set(key, string(value))
		safe = append(safe, headerSecrets(value)...)
	}
	_, err = a.poster.post(ctx, letter{doing: "push to Alertmanager " + u.Host, to: endpoint(u.String(), alertmanagerAPI), header: header, body: body, safe: safe})
	return err
}
