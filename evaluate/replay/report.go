package replay

import (
	"iter"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// Report sums up what came of a span of time. Its JSON is what backtest prints: every
// time is a step's, not that of the data.
type Report struct {
	From          time.Time      `json:"from"`
	To            time.Time      `json:"to"`
	Ticks         int            `json:"ticks"`
	Series        int            `json:"series"` // the most that there were at one step
	Episodes      []Episode      `json:"episodes"`
	Notifications []Notification `json:"notifications"`
	LimitMinutes  []LimitMinute  `json:"limit_minutes"`
	LimitReached  []LimitReached `json:"limit_reached"`
	Summary       Summary        `json:"summary"`
	// Final is the end of the newest final minute of each limit per minute: so far it is known
	// whether it was reached.
	Final map[Labels]time.Time `json:"-"`
}

// Labels are an alert's without alertname and severity: [usage.Labels] as they are printed.
type Labels struct {
	Organization string `json:"organization"`
	Workspace    string `json:"workspace"`
	ModelGroup   string `json:"model_group"`
	Limiter      string `json:"limiter"`
}

// Episode is one firing of one alert. One that changes a limit is over at once.
type Episode struct {
	Alertname   string               `json:"alertname"`
	Kind        string               `json:"kind"` // the rule's
	Labels      Labels               `json:"labels"`
	Fingerprint evaluate.Fingerprint `json:"fingerprint"`
	Severity    evaluate.Severity    `json:"severity"` // the worst
	PendingAt   time.Time            `json:"pending_at"`
	FiredAt     time.Time            `json:"fired_at"`
	Levels      []LevelReached       `json:"levels"`      // each severity once, rising
	Changes     []LevelReached       `json:"changes"`     // each time that the severity changed, easing too
	ResolvedAt  *time.Time           `json:"resolved_at"` // null: it fires still
	Withdrawn   bool                 `json:"withdrawn"`   // it ended because nobody looks any more
	Value       evaluate.Number      `json:"value"`       // when it fired
	Peak        evaluate.Number      `json:"peak"`        // the highest, to the percent
}

// LevelReached is when an episode came to a severity.
type LevelReached struct {
	Severity evaluate.Severity `json:"severity"`
	At       time.Time         `json:"at"`
}

// Notification is one thing that was told of one alert, to one or more receivers. At
// is the step after which it went.
type Notification struct {
	Alertname   string               `json:"alertname"`
	Labels      Labels               `json:"labels"`
	Fingerprint evaluate.Fingerprint `json:"fingerprint"`
	Severity    evaluate.Severity    `json:"severity"`
	Reason      evaluate.Reason      `json:"reason"`
	At          time.Time            `json:"at"`
	Receivers   []string             `json:"receivers"`
}

// LimitMinute is a minute in which all of a limit was used, or more.
type LimitMinute struct {
	Labels      Labels          `json:"labels"`
	At          time.Time       `json:"at"` // when it was seen
	Minute      time.Time       `json:"minute"`
	Utilization evaluate.Number `json:"utilization"`
}

// LimitReached is a time at a limit: minutes in which it was reached
// ([evaluate.AtLimit]), less than ten minutes apart.
type LimitReached struct {
	Labels Labels    `json:"labels"`
	At     time.Time `json:"at"`   // when the last of them was seen
	From   time.Time `json:"from"` // the first of them
	To     time.Time `json:"to"`   // the end of the last
}

// Summary counts.
type Summary struct {
	Fired          int `json:"fired"` // episodes
	Notified       int `json:"notified"`
	MinutesAtLimit int `json:"minutes_at_limit"`
}

// Collect sums up the steps of a span. ticked, if not nil, is called after each.
func Collect(steps iter.Seq2[time.Time, Result], span Span, ticked func(done int)) Report {
	each := func(yield func(time.Time, []Result) bool) {
		for at, res := range steps {
			if !yield(at, []Result{res}) {
				return
			}
		}
	}
	return CollectEach(each, 1, span, ticked)[0]
}

// CollectEach sums up the steps of so many plays, a report each. ticked, if not nil,
// is called after each step.
func CollectEach(steps iter.Seq2[time.Time, []Result], plays int, span Span, ticked func(done int)) []Report {
	all := make([]collection, plays)
	for i := range all {
		all[i] = newCollection(span)
	}
	for at, each := range steps {
		for i := range all {
			all[i].Ticks++
			all[i].moves(at, &each[i])
			all[i].messages(at, &each[i])
		}
		all[0].use(at, each[0].Facts)
		if ticked != nil {
			ticked(all[0].Ticks)
		}
	}
	reports := make([]Report, plays)
	for i := range all {
		c := &all[i]
		// These are of the facts, which they share.
		c.Series, c.LimitMinutes, c.LimitReached, c.Final = all[0].Series, all[0].LimitMinutes, all[0].LimitReached, all[0].Final
		c.Summary = Summary{Fired: len(c.Episodes), Notified: len(c.Notifications), MinutesAtLimit: len(c.LimitMinutes)}
		reports[i] = c.Report
	}
	return reports
}

// collection is a report in the making.
type collection struct {
	Report
	open    map[evaluate.Fingerprint]int // the episodes that fire, by index
	final   map[usage.ID]time.Time       // the end of the minutes of a series that were looked at
	reached map[usage.ID]int             // the newest time at the limit of each series, by index
}

func newCollection(span Span) collection {
	c := collection{open: make(map[evaluate.Fingerprint]int), final: make(map[usage.ID]time.Time), reached: make(map[usage.ID]int)}
	c.From, c.To, c.Final = span.From, span.To, make(map[Labels]time.Time)
	c.Episodes, c.Notifications, c.LimitMinutes, c.LimitReached = []Episode{}, []Notification{}, []LimitMinute{}, []LimitReached{}
	return c
}

// use adds what a step shows of use, whatever the rules make of it.
func (c *collection) use(at time.Time, facts []usage.Facts) {
	series := 0
	for i := range facts {
		series += len(facts[i].Series)
		for k := range facts[i].Series {
			c.minutes(at, &facts[i].Series[k])
		}
	}
	c.Series = max(c.Series, series)
}

// moves brings the episodes up to date.
func (c *collection) moves(at time.Time, res *Result) {
	for i := range res.Alerts {
		a := &res.Alerts[i]
		k, open := c.open[a.Fingerprint]
		if !open && !a.FiredAt.IsZero() && a.FiredAt.Equal(at) {
			k, open = len(c.Episodes), true
			c.open[a.Fingerprint] = k
			c.Episodes = append(c.Episodes, Episode{
				Alertname: a.Rule, Kind: a.Kind, Labels: Labels(a.Labels), Fingerprint: a.Fingerprint,
				PendingAt: a.PendingAt, FiredAt: a.FiredAt, Value: a.Reading.Value.Rounded(), Levels: []LevelReached{}, Changes: []LevelReached{},
			})
		}
		if !open {
			continue
		}
		e := &c.Episodes[k]
		if a.Worst.Rank() > e.Severity.Rank() {
			e.Severity = a.Worst
			e.Levels = append(e.Levels, LevelReached{a.Worst, at})
		}
		if n := len(e.Changes); a.State == evaluate.Firing && (n == 0 || e.Changes[n-1].Severity != a.Severity) {
			e.Changes = append(e.Changes, LevelReached{a.Severity, at})
		}
		e.Peak = evaluate.Number(a.Peak).Rounded()
		if a.State != evaluate.Firing {
			ended := a.ResolvedAt
			e.ResolvedAt, e.Withdrawn = &ended, a.State == evaluate.Withdrawn
			delete(c.open, a.Fingerprint)
		}
	}
}

// messages adds what went out: the same of one alert to several receivers once.
func (c *collection) messages(at time.Time, res *Result) {
	first := len(c.Notifications)
	for _, m := range res.Sent {
		for _, it := range m.Items {
			a, ok := m.Alert(it)
			if !ok {
				continue
			}
			n := Notification{
				Alertname: a.Rule, Labels: Labels(a.Labels), Fingerprint: it.Fingerprint,
				Severity: it.Severity, Reason: it.Reason, At: at, Receivers: []string{m.Receiver},
			}
			if k := c.said(first, &n); k >= 0 {
				c.Notifications[k].Receivers = append(c.Notifications[k].Receivers, m.Receiver)
				continue
			}
			c.Notifications = append(c.Notifications, n)
		}
	}
}

// said is which notification from first on says the same; -1 for none.
func (c *collection) said(first int, n *Notification) int {
	for k := first; k < len(c.Notifications); k++ {
		o := &c.Notifications[k]
		if o.Fingerprint == n.Fingerprint && o.Reason == n.Reason && o.Severity == n.Severity && o.Receivers[len(o.Receivers)-1] != n.Receivers[0] {
			return k
		}
	}
	return -1
}

// minutes adds the newly final minutes in which a limit was used up or reached.
func (c *collection) minutes(at time.Time, s *usage.Series) {
	if s.ID.Limiter.Period() > time.Minute {
		return // its day is full, not its minute
	}
	final, met := c.final[s.ID]
	for minute := range evaluate.AtLimit(at, s) {
		if met && !minute.Before(final) {
			c.reach(at, s, minute)
		}
	}
	for i := range s.Settled {
		minute := s.From.Add(time.Duration(i) * time.Minute)
		if !met || minute.Before(final) {
			continue // seen before
		}
		if u := s.Points[i].Utilization(); u >= 1 {
			c.LimitMinutes = append(c.LimitMinutes, LimitMinute{Labels(s.Labels), at, minute, evaluate.Number(u).Rounded()})
		}
	}
	c.final[s.ID] = s.From.Add(time.Duration(s.Settled) * time.Minute)
	if s.ID.Limiter.Period() == time.Minute {
		c.Final[Labels(s.Labels)] = c.final[s.ID]
	}
}

// reach adds a minute to the times at the limit.
func (c *collection) reach(at time.Time, s *usage.Series, minute time.Time) {
	end := minute.Add(time.Minute)
	if k, ok := c.reached[s.ID]; ok && minute.Sub(c.LimitReached[k].To) < evaluate.TimeAtLimitGap-time.Minute {
		c.LimitReached[k].At, c.LimitReached[k].To = at, end
		return
	}
	c.reached[s.ID] = len(c.LimitReached)
	c.LimitReached = append(c.LimitReached, LimitReached{Labels: Labels(s.Labels), At: at, From: minute, To: end})
}
