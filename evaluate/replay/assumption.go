package replay

import (
	"time"

	"alerter/usage"
)

// assumptions is, for each minute of a series, the newest minute up to it whose
// limit is from before its first reading; -1 where there is none. So a part of the
// series rests on an assumption if its last minute's is not before its first.
func assumptions(s *usage.Series, limits usage.Limits) []int {
	var own, organization []usage.Limit
	for _, l := range limits.Limits {
		if l.GroupID != s.ID.GroupID || l.Limiter != s.ID.Limiter {
			continue
		}
		switch l.WorkspaceID {
		case s.ID.WorkspaceID:
			own = append(own, l)
		case "":
			organization = append(organization, l)
		}
	}
	newest := make([]int, len(s.Points))
	last := -1
	for i := range s.Points {
		minute := s.From.Add(time.Duration(i) * time.Minute)
		mine, had := inForce(own, minute)
		theirs, lower := inForce(organization, minute)
		lower = lower && had && theirs.Value < mine.Value
		if had && isAssumed(mine, minute) || lower && isAssumed(theirs, minute) {
			last = i
		}
		newest[i] = last
	}
	return newest
}

// inForce is the limit of one scope that holds in a minute.
func inForce(limits []usage.Limit, minute time.Time) (usage.Limit, bool) {
	for _, l := range limits {
		if l.InForce(minute) {
			return l, true
		}
	}
	return usage.Limit{}, false
}

// isAssumed reports whether nobody had read the limit by then.
func isAssumed(l usage.Limit, minute time.Time) bool { return l.Assumed && minute.Before(l.ReadAt) }
