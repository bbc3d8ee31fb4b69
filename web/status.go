package web

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

const (
	// lookback is how much past a status looks at: an hour to draw, and what
	// has not settled.
	lookback = 90 * time.Minute
	drawn    = 60 // minutes
	// consumed is the stretch in which the consumers are counted.
	consumed = 30 * time.Minute
	top      = 3 // of each kind
)

// Look reads from the store what is shown.
type Look struct {
	Store *store.Store
	// View puts an alert into words, with what people have done about it.
	View func(evaluate.Alert, route.Standing) Alert
	// Settle is how long after its end a minute of the organization is final.
	Settle func(organization string) time.Duration
}

// Status reads the state of everything as known at at.
func (l Look) Status(ctx context.Context, at time.Time) (Status, error) {
	exact := at.UTC() // a silence that began in this second is active
	at = exact.Truncate(time.Second)
	st := Status{
		AsOf: at, Organizations: []Organization{}, Series: []Series{}, Alerts: []Alert{},
		Unmatched: Unmatched{Models: []UnmatchedModel{}, Limiters: []UnmatchedLimit{}},
	}
	err := l.Store.View(ctx, func(tx *store.Tx) error {
		alerts, err := listAlerts(tx, false)
		if err != nil {
			return err
		}
		orgs, err := tx.Organizations()
		if err != nil {
			return err
		}
		fires := firingBySeries(alerts)
		for _, org := range orgs {
			consumers, err := l.organization(tx, at, org, fires, &st)
			if err != nil {
				return err
			}
			nameConsumers(alerts, consumers)
		}
		slices.SortStableFunc(alerts, graverFirst)
		st.Alerts, err = l.shown(tx, exact, alerts)
		return err
	})
	slices.SortStableFunc(st.Series, worstFirst)
	return st, err
}

// nameConsumers says in each alert who uses its limit. Only messages keep that;
// here it is as of now.
func nameConsumers(alerts []evaluate.Alert, consumers map[usage.ID][]usage.Consumer) {
	for i := range alerts {
		if top, ok := consumers[alerts[i].Subject.ID]; ok {
			alerts[i].Reading.Top = top
		}
	}
}

// firing is what fires for a series.
type firing struct {
	worst evaluate.Severity
	own   *evaluate.Counted // what followed such warnings of it, of the worst alert that has that
	of    evaluate.Severity // that alert's
}

// firingBySeries sums up the alerts that fire.
func firingBySeries(alerts []evaluate.Alert) map[usage.ID]firing {
	all := map[usage.ID]firing{}
	for _, a := range alerts {
		if a.State != evaluate.Firing {
			continue
		}
		f := all[a.Subject.ID]
		if a.Severity.Rank() > f.worst.Rank() {
			f.worst = a.Severity
		}
		if odds := a.Reading.Odds; odds != nil && odds.Own != nil && a.Severity.Rank() > f.of.Rank() {
			f.own, f.of = odds.Own, a.Severity
		}
		all[a.Subject.ID] = f
	}
	return all
}

// organization adds one organization's part to st, and gives who uses its limits.
func (l Look) organization(
	tx *store.Tx, at time.Time, org usage.Organization, fires map[usage.ID]firing, st *Status,
) (map[usage.ID][]usage.Consumer, error) {
	settle := l.Settle(org.Name)
	facts, unmatched, err := tx.Facts(org, at, lookback, settle)
	if err != nil {
		return nil, err
	}
	for _, s := range facts.Sources {
		st.Organizations = append(st.Organizations, organizationOf(s, at))
	}
	consumers, err := tx.Consumers(org, idsWithUse(facts.Series), at.Add(-consumed), at, top)
	if err != nil {
		return nil, err
	}
	for i := range facts.Series {
		s := &facts.Series[i]
		shown := seriesOf(s, at, settle, fires[s.ID], consumers[s.ID])
		shown.WhyUnknown = evaluate.WhyUnknown(at, s, facts.Sources[0], settle)
		st.Series = append(st.Series, shown)
	}
	appendUnmatched(st, org, unmatched)
	return consumers, nil
}

// idsWithUse leaves the idle series out: nobody uses them.
func idsWithUse(series []usage.Series) []usage.ID {
	var ids []usage.ID
	for i := range series {
		for _, p := range series[i].Points {
			if p.Used > 0 {
				ids = append(ids, series[i].ID)
				break
			}
		}
	}
	return ids
}

func organizationOf(s usage.Source, at time.Time) Organization {
	o := Organization{
		Name: s.Organization, ID: s.OrganizationID, Source: string(s.Kind), Why: s.Why,
		DataAsOf: moment(s.DataAsOf), Problem: s.Problem,
	}
	if !s.DataAsOf.IsZero() {
		lag := math.Round(at.Sub(s.DataAsOf).Seconds())
		o.LagSeconds = &lag
	}
	return o
}

func seriesOf(s *usage.Series, at time.Time, settle time.Duration, fires firing, consumers []usage.Consumer) Series {
	r := evaluate.Read(at, s, settle)
	out := Series{
		Labels: labelsOf(s.Labels), IDs: idsOf(s.ID), Used: r.Used.Rounded(), Limit: r.Limit, Utilization: r.Utilization.Rounded(),
		Pressure: r.Pressure.Rounded(), Headroom: (r.Limit - r.Used).Rounded(), DataAsOf: moment(r.DataAsOf), LimitAssumed: s.Assumed,
		UsedWithCacheReads: evaluate.Unknown(), OrganizationLimit: evaluate.Number(s.OrganizationLimit),
		WorkspaceLimit: evaluate.Number(s.OwnLimit), State: string(fires.worst), Top: []Consumer{}, History: History{},
	}
	if s.WithCacheReads != nil && s.Settled > 0 {
		out.UsedWithCacheReads = evaluate.Number(s.WithCacheReads[s.Settled-1]).Rounded()
	}
	if fires.worst == evaluate.None {
		out.State = "fine"
		if !r.Utilization.Known() {
			out.State = "unknown"
		}
	}
	out.Odds = oddsOf(r.Odds, fires.own)
	for _, c := range consumers {
		out.Top = append(out.Top, Consumer{Kind: c.Kind, Name: c.Name, Share: rounded(c.Share)})
	}
	for _, p := range s.Points[max(0, len(s.Points)-drawn):] {
		out.History = append(out.History, evaluate.Number(p.Utilization()))
	}
	return out
}

// oddsOf are a limit's own odds while a warning of it stands, else those of its
// reading; nil where neither was counted.
func oddsOf(reading *evaluate.Odds, own *evaluate.Counted) *Odds {
	switch {
	case own != nil:
		cases := float64(own.Cases)
		return &Odds{Within15m: rounded(float64(own.Within15) / cases), Within60m: rounded(float64(own.Within60) / cases), Cases: own.Cases}
	case reading != nil:
		return &Odds{Within15m: reading.Within15, Within60m: reading.Within60}
	}
	return nil
}

// rounded is a ratio as it is printed.
func rounded(ratio float64) float64 { return float64(evaluate.Number(ratio).Rounded()) }

func appendUnmatched(st *Status, org usage.Organization, u usage.Unmatched) {
	for _, m := range u.Models {
		st.Unmatched.Models = append(st.Unmatched.Models, UnmatchedModel{Organization: org.Name, Model: m.Model, Reason: m.Reason})
	}
	for _, m := range u.Limiters {
		st.Unmatched.Limiters = append(st.Unmatched.Limiters, UnmatchedLimit{
			Organization: org.Name, Workspace: org.WorkspaceName(m.WorkspaceID), WorkspaceID: m.WorkspaceID, ModelGroup: m.ModelGroup,
			Limiter: string(m.Limiter), Value: m.Value, Reason: m.Reason,
		})
	}
}

// worstFirst orders by severity, then by pressure and utilization; the unknown last.
func worstFirst(a, b Series) int {
	return cmp.Or(
		cmp.Compare(rank(b.State), rank(a.State)),
		cmp.Compare(known(b.Pressure), known(a.Pressure)),
		cmp.Compare(known(b.Utilization), known(a.Utilization)),
		cmp.Compare(a.Labels.Organization, b.Labels.Organization),
		cmp.Compare(a.Labels.ModelGroup, b.Labels.ModelGroup),
		cmp.Compare(a.Labels.Workspace, b.Labels.Workspace),
		cmp.Compare(a.Labels.Limiter, b.Labels.Limiter),
	)
}

func rank(state string) int {
	if state == "unknown" {
		return -1
	}
	return evaluate.Severity(state).Rank()
}

func known(n evaluate.Number) float64 {
	if !n.Known() {
		return -1
	}
	return float64(n)
}
