package replay

import (
	"cmp"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// flapGap is how soon after its end an alert that fires again flaps.
const flapGap = time.Hour

// Score is how one rule did on one limit.
type Score struct {
	Alertname string // empty: no rule that foretells looks at this limit
	Labels    Labels
	Fired     int           // episodes
	Notified  int           // notifications of any reason
	Lasted    time.Duration // all episodes together, up to the report's end
	Flaps     int           // episodes that began within an hour of the end of the one before
	// MinutesAtLimit counts the minutes in which all of the limit was used, and
	// TimesAtLimit how often it was reached: [Report.LimitReached].
	MinutesAtLimit int
	TimesAtLimit   int
	// Judged reports whether the rule is one that foretells reaching a limit; the
	// rest is zero for others.
	Judged bool
	Judgement
	// Levels are the same for each of the rule's levels that tells, the mildest first:
	// what came of the messages of that severity and of worse ones.
	Levels []LevelJudgement
}

// LevelJudgement is how well one level foretold that a limit is reached.
type LevelJudgement struct {
	Severity evaluate.Severity
	Level    float64 // a share of the limit
	Judgement
}

// leveled is a condition with shares of the limit as levels, by Severity.Rank()-1;
// zero where there is none.
type leveled interface {
	Levels() [3]float64
	WithLevels(levels [3]float64) evaluate.Condition
}

// subject is what a score is about.
type subject struct {
	alertname string
	labels    Labels
}

// Scores is a line for each rule and limit that something came of, by limit and rule:
// also for a limit that was reached and a rule that looks at it and never fired.
// Rules are those that the report is of.
func (r *Report) Scores(rules []evaluate.Rule) []Score {
	full, told := r.fullness(), r.told()
	episodes := make(map[subject][]Episode)
	for _, e := range r.Episodes {
		s := subject{e.Alertname, e.Labels}
		episodes[s] = append(episodes[s], e)
	}
	for labels := range full {
		for _, s := range watching(rules, labels) {
			if _, fired := episodes[s]; !fired {
				episodes[s] = nil
			}
		}
	}
	levels := make(map[string][3]float64)
	for i := range rules {
		if l, ok := rules[i].Condition.(leveled); ok {
			levels[rules[i].Alert] = l.Levels()
		}
	}
	var scores []Score
	for s, all := range episodes {
		one := r.score(s, all, told[s], full[s.labels])
		if one.Judged {
			r.judge(&one, told[s], levels[s.alertname], full[s.labels].times)
		}
		scores = append(scores, one)
	}
	slices.SortFunc(scores, func(a, b Score) int {
		return cmp.Or(a.Labels.Compare(b.Labels), cmp.Compare(a.Alertname, b.Alertname))
	})
	return scores
}

// fullness is how full a limit was.
type fullness struct {
	minutes int            // in which all of it was used
	times   []LimitReached // in order
}

// fullness is how full each limit was to which that happened.
func (r *Report) fullness() map[Labels]fullness {
	full := make(map[Labels]fullness)
	for _, m := range r.LimitMinutes {
		f := full[m.Labels]
		f.minutes++
		full[m.Labels] = f
	}
	for _, t := range r.LimitReached {
		f := full[t.Labels]
		f.times = append(f.times, t)
		full[t.Labels] = f
	}
	return full
}

// told are the notifications of each rule and limit.
func (r *Report) told() map[subject][]*Notification {
	told := make(map[subject][]*Notification)
	for i := range r.Notifications {
		n := &r.Notifications[i]
		s := subject{n.Alertname, n.Labels}
		told[s] = append(told[s], n)
	}
	return told
}

// watching are the rules that should foretell that a limit is reached; where there is
// none, one without a name.
func watching(rules []evaluate.Rule, labels Labels) []subject {
	var by []subject
	for i := range rules {
		if evaluate.Foretells(rules[i].Condition.Kind()) && rules[i].Match.Accepts(usage.Labels(labels)) {
			by = append(by, subject{rules[i].Alert, labels})
		}
	}
	if len(by) == 0 {
		by = []subject{{"", labels}}
	}
	return by
}

// score is one line, but for its judgement.
func (r *Report) score(of subject, episodes []Episode, told []*Notification, full fullness) Score {
	s := Score{
		Alertname: of.alertname, Labels: of.labels, Fired: len(episodes), Notified: len(told),
		MinutesAtLimit: full.minutes, TimesAtLimit: len(full.times),
		Judged: len(episodes) == 0 || evaluate.Foretells(episodes[0].Kind),
	}
	for i, e := range episodes {
		s.Lasted += r.ended(&e).Sub(e.FiredAt)
		if i > 0 && e.FiredAt.Sub(r.ended(&episodes[i-1])) < flapGap {
			s.Flaps++
		}
	}
	return s
}

// ended is when an episode was over, the report's end where it was not.
func (r *Report) ended(e *Episode) time.Time {
	if e.ResolvedAt == nil {
		return r.To
	}
	return *e.ResolvedAt
}

// Compare orders limits: by organization, model group, limiter and workspace.
func (l Labels) Compare(o Labels) int {
	return cmp.Or(cmp.Compare(l.Organization, o.Organization), cmp.Compare(l.ModelGroup, o.ModelGroup),
		cmp.Compare(l.Limiter, o.Limiter), cmp.Compare(l.Workspace, o.Workspace))
}
