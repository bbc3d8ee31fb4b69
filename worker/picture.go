package worker

import (
	"context"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/chart"
	"alerter/store"
	"alerter/usage"
)

const (
	// pictured is how much of the past a message's chart shows.
	pictured = 3 * time.Hour
	// pictureTimeout is what reading for a chart may take: the message is worth more.
	pictureTimeout = 2 * time.Second
)

// picture draws the chart of the first alert of m, as things are now; nil where there
// is nothing to draw. A message is never kept back for a picture: what goes wrong
// with it is logged.
func (w *Worker) picture(ctx context.Context, receiver string, m *notify.Message) (drawn *chart.Picture) {
	ctx, cancel := context.WithTimeout(ctx, pictureTimeout)
	defer cancel()
	var err error
	defer func() {
		if p := recover(); p != nil {
			drawn, err = nil, fmt.Errorf("draw the chart: panic: %v", p)
		}
		if err != nil {
			w.Log.Warn().Err(err).Str("receiver", receiver).Str("reason", string(m.Reason)).Msg("message goes without its chart")
		}
	}()
	c, err := w.chart(ctx, m)
	if c != nil && err == nil {
		drawn, err = c.Picture(chart.Narrow)
	}
	return drawn
}

// chart is what there is to draw for a message; nil for nothing.
func (w *Worker) chart(ctx context.Context, m *notify.Message) (c *chart.Chart, err error) {
	if len(m.Items) == 0 {
		return nil, nil
	}
	alert := m.Items[0].Alert
	id, ok := notify.SeriesOf(alert)
	if !ok {
		return nil, nil
	}
	err = w.view(ctx, func(tx *store.Tx) error {
		c, err = w.chartOf(tx, alert, id)
		return err
	})
	return c, err
}

// chartOf makes the chart of a series for an alert about it; nil where the rule is not
// about minutes, or rule or series are not there any more.
func (w *Worker) chartOf(tx *store.Tx, alert notify.Alert, id usage.ID) (*chart.Chart, error) {
	reading, ok, err := ruleReading(tx, alert.Labels["alertname"])
	if err != nil || !ok {
		return nil, err
	}
	org, settle := w.known(id.OrganizationID)
	if org.ID == "" {
		return nil, nil
	}
	at := w.Now().UTC()
	facts, _, err := tx.Facts(org, at, pictured+reading.Window, settle)
	if err != nil {
		return nil, err
	}
	for _, s := range facts.Series {
		if s.ID != id {
			continue
		}
		c := chart.New(s, at.Add(-pictured), at, reading)
		c.Title = notify.ChartTitle(s.Labels)
		c.Spans, err = firing(tx, alert, c.From, at)
		return &c, err
	}
	return nil, nil
}

// ruleReading is how the rule of that name reads minutes; false where it does not, or
// is not there any more.
func ruleReading(tx *store.Tx, name string) (chart.Reading, bool, error) {
	stored, err := tx.Rules()
	for _, r := range stored {
		if r.Alert == name {
			reading, ok := notify.ChartReading(r.Condition)
			return reading, ok, err
		}
	}
	return chart.Reading{}, false, err
}

// known is an organization that is watched, and when its minutes settle; an empty ID
// if it is none.
func (w *Worker) known(orgID string) (usage.Organization, time.Duration) {
	for _, a := range w.organizations() {
		if org := a.organization(); org.ID == orgID {
			return org, a.settings().Settle
		}
	}
	return usage.Organization{}, 0
}

// firing is when the alert fired between from and at, and how gravely.
func firing(tx *store.Tx, alert notify.Alert, from, at time.Time) ([]chart.Span, error) {
	moves, err := tx.Transitions(from, at.Add(tick))
	if err != nil {
		return nil, err
	}
	var spans []chart.Span
	since := from
	add := func(state evaluate.State, severity evaluate.Severity, until time.Time) {
		if state == evaluate.Firing {
			spans = append(spans, chart.Span{From: since, To: until, Severity: string(severity)})
		}
		since = until
	}
	state, severity := alert.State, alert.Severity // throughout, unless something moved
	for _, t := range moves {
		if t.Fingerprint == alert.Fingerprint {
			add(t.FromState, t.From, t.At)
			state, severity = t.ToState, t.To
		}
	}
	add(state, severity, at)
	return spans, nil
}
