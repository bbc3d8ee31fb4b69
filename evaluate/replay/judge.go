package replay

import (
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
)

// Judgement is how warnings relate to the times at the limit, [Report.LimitReached].
type Judgement struct {
	Right  int // notifications with such a time within the hour after
	Wrong  int // without one, and not during one
	Missed int // times without a notification in the hour before
	// Early counts the times without one that began in the report's first hour: what was
	// before it is not known, so Missed leaves them out.
	Early int
	// Undecided counts the notifications whose hour is not known to its end, and which
	// were not sent during such a time. Right and Wrong leave them out: those that come
	// true are known sooner.
	Undecided int
	Lead      time.Duration // from the first notification to the time it foretold, the median; zero without any

	leads []time.Duration
}

// judge compares what was told of a limit with what happened: all of it, and what
// each level told.
func (r *Report) judge(s *Score, told []*Notification, levels [3]float64, happened []LimitReached) {
	known := r.Final[s.Labels]
	s.Judgement = r.judged(warned(told, evaluate.None), happened, known)
	for i, severity := range evaluate.Severities {
		if levels[i] == 0 || severity == evaluate.Info && !slices.ContainsFunc(told, (*Notification).warnsAtInfo) {
			continue
		}
		s.Levels = append(s.Levels, LevelJudgement{severity, levels[i], r.judged(warned(told, severity), happened, known)})
	}
}

// warned is when it was told that a limit fills, at a severity or a worse one.
func warned(told []*Notification, least evaluate.Severity) []time.Time {
	var warned []time.Time
	for _, n := range told {
		if n.warns() && n.Severity.Rank() >= least.Rank() {
			warned = append(warned, n.At)
		}
	}
	return warned
}

// warns reports whether a notification says that a limit fills.
func (n *Notification) warns() bool {
	return n.Reason == evaluate.Fired || n.Reason == evaluate.Escalated || n.Reason == evaluate.Reminder
}

// warnsAtInfo reports whether it does at the level that is sent only by routes that say so.
func (n *Notification) warnsAtInfo() bool { return n.Severity == evaluate.Info && n.warns() }

// judged compares warnings with what happened, which is known up to some time.
func (r *Report) judged(warned []time.Time, happened []LimitReached, known time.Time) Judgement {
	var j Judgement
	for _, at := range warned {
		right, during := false, false
		for _, h := range happened {
			right = right || at.Before(h.From) && h.From.Sub(at) <= ahead
			during = during || !at.Before(h.From) && !at.After(h.At.Add(excused))
		}
		switch {
		case known.Sub(at) < ahead:
			if !during {
				j.Undecided++
			}
		case right:
			j.Right++
		case !during:
			j.Wrong++
		}
	}
	for _, h := range happened {
		first := slices.IndexFunc(warned, func(at time.Time) bool { return at.Before(h.From) && h.From.Sub(at) <= ahead })
		switch {
		case first >= 0:
			j.leads = append(j.leads, h.From.Sub(warned[first]))
		case h.From.Sub(r.From) < ahead:
			j.Early++
		default:
			j.Missed++
		}
	}
	j.Lead = median(j.leads)
	return j
}

// add counts another judgement too.
func (j *Judgement) add(o Judgement) {
	j.Right, j.Wrong, j.Missed = j.Right+o.Right, j.Wrong+o.Wrong, j.Missed+o.Missed
	j.Undecided, j.Early = j.Undecided+o.Undecided, j.Early+o.Early
	j.leads = append(slices.Clip(j.leads), o.leads...)
	j.Lead = median(j.leads)
}

// median is the middle one, the later of two; zero of none.
func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(all))[len(all)/2]
}
