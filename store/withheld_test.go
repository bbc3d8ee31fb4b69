package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

func notTold(print evaluate.Fingerprint, reason, cause string) route.Suppression {
	return route.Suppression{Receiver: "team", GroupKey: "{}:{}", Fingerprint: print, FiredAt: t0.Add(-time.Minute), Reason: reason, Cause: cause}
}

// putWithheld notes what a step decided, and gives what was new of it.
func putWithheld(t *testing.T, s *Store, at time.Time, list ...route.Suppression) (fresh []route.Suppression) {
	t.Helper()
	update(t, s, func(tx *Tx) (err error) {
		fresh, err = tx.PutWithheld(at, list)
		return err
	})
	return fresh
}

func withheldOf(t *testing.T, s *Store, f WithheldFilter) (list []Withheld) {
	t.Helper()
	view(t, s, func(tx *Tx) (err error) {
		list, err = tx.Withheld(f)
		return err
	})
	return list
}

func TestWhatWasNotSentIsListedNewestFirstWithTheNamesOfItsAlerts(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	a, b := fullAlert("a"), fullAlert("b")
	b.Rule, b.Labels = "DataStale", usage.Labels{Organization: "acme"}
	update(t, s, func(tx *Tx) error { return tx.PutAlerts([]evaluate.Alert{a, b}) })
	later := t0.Add(time.Minute)
	putWithheld(t, s, t0, notTold("a", route.SuppressedInhibition, "b"), notTold("b", route.SuppressedSilence, "id"))
	putWithheld(t, s, later, notTold("pruned", route.SuppressedInfo, ""))
	all := []Withheld{
		{Suppression: notTold("pruned", route.SuppressedInfo, ""), At: later},
		{Suppression: notTold("a", route.SuppressedInhibition, "b"), At: t0, Rule: a.Rule, Labels: a.Labels, ByRule: "DataStale", ByLabels: b.Labels},
		{Suppression: notTold("b", route.SuppressedSilence, "id"), At: t0, Rule: "DataStale", Labels: b.Labels},
	}
	check(t, "all", withheldOf(t, s, WithheldFilter{}), all)
	check(t, "since", withheldOf(t, s, WithheldFilter{Since: later}), all[:1])
	check(t, "but info", withheldOf(t, s, WithheldFilter{But: route.SuppressedInfo}), all[1:])
	check(t, "the newest two", withheldOf(t, s, WithheldFilter{Limit: 2}), all[:2])
}

func TestTheSameStepAgainNotesNothing(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	list := []route.Suppression{notTold("a", route.SuppressedSilence, "id"), notTold("a", route.SuppressedEased, "")}
	check(t, "new at first", putWithheld(t, s, t0, list...), list)
	check(t, "new when it is made again", len(putWithheld(t, s, t0, list...)), 0)
	check(t, "new in the next step", putWithheld(t, s, t0.Add(time.Minute), list[0]), list[:1])
	if got := len(withheldOf(t, s, WithheldFilter{})); got != 3 {
		t.Errorf("got %d rows, want 3", got)
	}
}

func TestThatInfoIsNotSentIsNotedOnceAnEpisode(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	info := notTold("a", route.SuppressedInfo, "")
	putWithheld(t, s, t0, info)
	elsewhere := info
	elsewhere.GroupKey = "{}:{x}" // the routes have changed
	check(t, "new after a reload", len(putWithheld(t, s, t0.Add(time.Minute), elsewhere)), 0)
	other, next := info, info
	other.Receiver = "pager"
	next.FiredAt = t0
	want := []route.Suppression{other, next}
	check(t, "another receiver, another episode", putWithheld(t, s, t0.Add(2*time.Minute), want...), want)
}

func TestOnlyReasonsOfTheListAreNoted(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	err := s.Update(t.Context(), func(tx *Tx) error {
		_, err := tx.PutWithheld(t0, []route.Suppression{notTold("a", "no reason", "")})
		return err
	})
	if err == nil || !strings.HasPrefix(err.Error(), "note that receiver team is not told of alert a: ") {
		t.Errorf("got %v, want that it cannot be noted", err)
	}
}

// BenchmarkWithhold10000 notes that 10,000 alerts at info are not sent, new each time.
func BenchmarkWithhold10000(b *testing.B) {
	s := openTest(b)
	list := make([]route.Suppression, 10_000)
	for i := range list {
		list[i] = notTold(evaluate.Fingerprint(fmt.Sprintf("%016x", i*7919)), route.SuppressedInfo, "")
	}
	at := t0
	for b.Loop() {
		at = at.Add(time.Minute)
		for i := range list {
			list[i].FiredAt = at
		}
		update(b, s, func(tx *Tx) error {
			_, err := tx.PutWithheld(at, list)
			return err
		})
	}
}
