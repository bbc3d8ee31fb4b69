package store

import (
	"testing"
	"time"

	"alerter/usage"
)

// limitsOf is a history: raised an hour after the first reading, a second one
// added then, a model moved from one group to the other.
func limitsOf() usage.Limits {
	hour := t0.Add(time.Hour)
	return usage.Limits{
		Groups: map[string]usage.Group{
			"rlg_1": {ID: "rlg_1", Type: usage.ModelGroup, Name: "Claude Opus 5", Models: []string{"claude-opus-5", "claude-opus-5-5"}},
			"rlg_2": {ID: "rlg_2", Type: usage.ModelGroup, Models: []string{}},
			"rlg_3": {ID: "rlg_3", Type: usage.WebSearchGroup},
		},
		Limits: []usage.Limit{
			{GroupID: "rlg_1", Limiter: usage.OutputTokens, Value: 1000, Until: hour, Assumed: true, ReadAt: t0},
			{GroupID: "rlg_1", Limiter: usage.OutputTokens, Value: 2000, From: hour, ReadAt: hour},
			{WorkspaceID: "wrkspc_1", GroupID: "rlg_1", Limiter: usage.OutputTokens, Value: 500, From: hour, ReadAt: hour},
		},
		Members: []usage.Membership{
			{GroupID: "rlg_1", Model: "claude-opus-5"},
			{GroupID: "rlg_1", Model: "m", From: hour},
			{GroupID: "rlg_2", Model: "m", Until: hour},
		},
	}
}

func limitsFrom(t *testing.T, s *Store, from time.Time) (l usage.Limits) {
	t.Helper()
	view(t, s, func(tx *Tx) (err error) {
		l, err = tx.Limits("org", from)
		return err
	})
	return l
}

func TestLimitsComeBackWithTheirHistory(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	want := limitsOf()
	for range 2 { // the second time changes nothing
		update(t, s, func(tx *Tx) error { return tx.PutLimits("org", want) })
		check(t, "all", limitsFrom(t, s, time.Time{}), want)
	}
	now := want
	now.Limits, now.Members = want.Limits[1:], want.Members[:2]
	check(t, "since the change", limitsFrom(t, s, t0.Add(time.Hour)), now)
	view(t, s, func(tx *Tx) error {
		got, err := tx.Limits("other", time.Time{})
		check(t, "another organization's", got, usage.Limits{Groups: map[string]usage.Group{}, Limits: []usage.Limit{}, Members: []usage.Membership{}})
		return err
	})
}

func TestAPeriodThatEndsIsReplaced(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	l := limitsOf()
	update(t, s, func(tx *Tx) error { return tx.PutLimits("org", l) })
	next := usage.Limits{Limits: []usage.Limit{l.Limits[1]}, Members: []usage.Membership{l.Members[0]}}
	next.Limits[0].Until, next.Members[0].Until = t0.Add(2*time.Hour), t0.Add(2*time.Hour)
	update(t, s, func(tx *Tx) error { return tx.PutLimits("org", next) })
	l.Limits[1], l.Members[0] = next.Limits[0], next.Members[0]
	check(t, "limits", limitsFrom(t, s, time.Time{}), l)
}

func TestLimitsAsKnownAreWithoutTheFuture(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	all := limitsOf()
	update(t, s, func(tx *Tx) error { return tx.PutLimits("org", all) })
	still := all.Limits[0]
	still.Until = time.Time{}
	member := all.Members[2]
	member.Until = time.Time{}
	for _, c := range []struct {
		at      time.Time
		limits  []usage.Limit
		members []usage.Membership
	}{
		{t0.Add(-time.Millisecond), []usage.Limit{}, []usage.Membership{all.Members[0], member}},
		{t0, []usage.Limit{still}, []usage.Membership{all.Members[0], member}},
		{t0.Add(time.Hour), all.Limits, all.Members},
	} {
		view(t, s, func(tx *Tx) error {
			got, err := tx.LimitsKnown("org", time.Time{}, c.at)
			check(t, "limits known at "+c.at.String(), got.Limits, c.limits)
			check(t, "members known at "+c.at.String(), got.Members, c.members)
			return err
		})
	}
}

func TestChangesOfLimitsAreOnceEach(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	changes := []usage.Change{
		{At: t0, Kind: usage.LimitAdded, GroupID: "rlg_1", Limiter: usage.OutputTokens, New: 1000},
		{At: t0.Add(time.Hour), Kind: usage.ModelMoved, GroupID: "rlg_1", Model: "m", FromGroupID: "rlg_2"},
		{At: t0.Add(time.Hour), Kind: usage.LimitRaised, WorkspaceID: "wrkspc_1", GroupID: "rlg_1", Limiter: usage.OutputTokens, Old: 1000, New: 2000},
	}
	for range 2 {
		update(t, s, func(tx *Tx) error { return tx.PutChanges("org", changes) })
	}
	view(t, s, func(tx *Tx) error {
		all, err := tx.Changes("org", time.Time{}, t0.Add(time.Hour))
		check(t, "all", all, changes)
		if err != nil {
			return err
		}
		since, err := tx.Changes("org", t0, t0.Add(2*time.Hour))
		check(t, "after the first", since, changes[1:])
		if err != nil {
			return err
		}
		none, err := tx.Changes("org", t0.Add(time.Hour), t0.Add(2*time.Hour))
		check(t, "after the last", none, []usage.Change{})
		return err
	})
}
