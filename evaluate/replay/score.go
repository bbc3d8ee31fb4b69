package replay

import (
	"cmp"
	"slices"
	"time"

	"alerter/evaluate"
)

const (
	// ahead is how long before a limit is reached a warning counts for it.
	ahead = evaluate.WarnedAhead
	// excused is how long after such a time has been seen to end a notification is
	// still about it, and neither right nor wrong.
	excused = 10 * time.Minute
	// flapGap is how soon after its end an alert that fires again flaps.
	flapGap = time.Hour
)

// Score is how one rule did on one limit.
type Score struct {
	Alertname string // empty: nothing fired for this limit
	Labels    Labels
	Fired     int           // episodes
	Notified  int           // notifications of any reason
	Lasted    time.Duration // all episodes together, up to the report's end
	Flaps     int           // episodes that began within an hour of the end of the one before
	// MinutesAtLimit counts the minutes in which all of the limit was used.
	MinutesAtLimit int
	// Judged reports whether the rule is one that foretells reaching a limit; the
	// rest is zero for others. It is compared with [Report.LimitReached].
	Judged bool
	Right  int           // notifications with such a time within the hour after
	Wrong  int           // without one, and not during one
	Missed int           // times without a notification in the hour before
	Lead   time.Duration // from the first notification to the time it foretold, the median; zero without any
}

// Scores is a line for each rule and limit that something came of, by limit and rule.
func (r *Report) Scores() []Score {
	full := make(map[Labels]*fullness)
	of := func(l Labels) *fullness {
		if full[l] == nil {
			full[l] = &fullness{}
		}
		return full[l]
	}
	for _, m := range r.LimitMinutes {
		of(m.Labels).minutes++
	}
	for _, t := range r.LimitReached {
		of(t.Labels).times = append(of(t.Labels).times, t)
	}
	type subject struct {
		alertname string
		labels    Labels
	}
	episodes := make(map[subject][]Episode)
	judged := make(map[Labels]bool)
	for _, e := range r.Episodes {
		s := subject{e.Alertname, e.Labels}
		episodes[s] = append(episodes[s], e)
		judged[e.Labels] = judged[e.Labels] || evaluate.Foretells(e.Kind)
	}
	for labels := range full {
		if !judged[labels] {
			episodes[subject{"", labels}] = nil
		}
	}
	var scores []Score
	for s, all := range episodes {
		scores = append(scores, r.score(s.alertname, s.labels, all, of(s.labels)))
	}
	slices.SortFunc(scores, func(a, b Score) int {
		return cmp.Or(compareLabels(a.Labels, b.Labels), cmp.Compare(a.Alertname, b.Alertname))
	})
	return scores
}

// fullness is how full a limit was.
type fullness struct {
	minutes int            // in which all of it was used
	times   []LimitReached // in order
}

// score is one line.
func (r *Report) score(alertname string, labels Labels, episodes []Episode, full *fullness) Score {
	s := Score{
		Alertname: alertname, Labels: labels, Fired: len(episodes), MinutesAtLimit: full.minutes,
		Judged: len(episodes) == 0 || evaluate.Foretells(episodes[0].Kind),
	}
	for i, e := range episodes {
		end := r.To
		if e.ResolvedAt != nil {
			end = *e.ResolvedAt
		}
		s.Lasted += end.Sub(e.FiredAt)
		if i > 0 && e.FiredAt.Sub(*episodes[i-1].ResolvedAt) < flapGap {
			s.Flaps++
		}
	}
	var warned []time.Time
	for _, n := range r.Notifications {
		if n.Alertname != alertname || n.Labels != labels {
			continue
		}
		s.Notified++
		if n.Reason == evaluate.Fired || n.Reason == evaluate.Escalated || n.Reason == evaluate.Reminder {
			warned = append(warned, n.At)
		}
	}
	if s.Judged {
		s.judge(warned, full.times)
	}
	return s
}

// judge compares what was told with what happened.
func (s *Score) judge(warned []time.Time, happened []LimitReached) {
	for _, at := range warned {
		right, during := false, false
		for _, h := range happened {
			right = right || at.Before(h.From) && h.From.Sub(at) <= ahead
			during = during || !at.Before(h.From) && !at.After(h.At.Add(excused))
		}
		switch {
		case right:
			s.Right++
		case !during:
			s.Wrong++
		}
	}
	var leads []time.Duration
	for _, h := range happened {
		first := slices.IndexFunc(warned, func(at time.Time) bool { return at.Before(h.From) && h.From.Sub(at) <= ahead })
		if first < 0 {
			s.Missed++
			continue
		}
		leads = append(leads, h.From.Sub(warned[first]))
	}
	if len(leads) > 0 {
		slices.Sort(leads)
		s.Lead = leads[len(leads)/2]
	}
}

func compareLabels(a, b Labels) int {
	return cmp.Or(cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.ModelGroup, b.ModelGroup),
		cmp.Compare(a.Limiter, b.Limiter), cmp.Compare(a.Workspace, b.Workspace))
}
