package store

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// old fills every table with one thing of t0 and one of now, 100 days later.
func old(t *testing.T, s *Store, now time.Time) {
	t.Helper()
	for i, at := range []time.Time{t0, now} {
		id := evaluate.Fingerprint(fmt.Sprint(i))
		ended := fullAlert("ended " + id)
		ended.State, ended.ResolvedAt = evaluate.Resolved, at
		firing := fullAlert("firing " + id)
		firing.ResolvedAt = at // of the episode before
		key := fmt.Sprint(i)
		update(t, s, func(tx *Tx) error {
			_, err := tx.PutMinutes("org", []usage.Minute{
				minute(at.Add(-time.Minute), at, bucket(opus, 1, 1)), minute(at, at.Add(time.Minute)),
			})
			if err != nil {
				return err
			}
			_, err = tx.PutMinutes("org", []usage.Minute{minute(at.Add(-time.Minute), at.Add(time.Second), bucket(opus, 2, 2))})
			if err != nil {
				return err
			}
			if _, err := tx.PutWithheld(at, []route.Suppression{notTold(id, route.SuppressedInfo, "")}); err != nil {
				return err
			}
			for _, put := range []error{
				tx.PutAlerts([]evaluate.Alert{ended, firing}),
				tx.PutTransitions("org", []evaluate.Transition{{At: at, Fingerprint: id}}),
				tx.PutCases([]evaluate.Case{warned("org", evaluate.Warning, at)}),
				tx.PutTick("org", at, ""),
				tx.PutRun("usage", "org", at, time.Second, ""),
				tx.PutTrouble(usage.Trouble{Name: "cleared " + key, Severity: "warning", Since: at}),
				tx.ClearTrouble("cleared "+key, "", "", at),
				tx.PutTrouble(usage.Trouble{Name: "open " + key, Severity: "warning", Since: at}),
				tx.PutChanges("org", []usage.Change{{At: at, Kind: usage.LimitAdded}}),
				tx.PutLimits("org", usage.Limits{
					Limits: []usage.Limit{
						{GroupID: "ended", From: at.Add(-time.Hour), Until: at}, {GroupID: "in force", From: at},
					},
					Members: []usage.Membership{
						{GroupID: "ended", From: at.Add(-time.Hour), Until: at}, {GroupID: "in force", From: at},
					},
				}),
				putMessages(tx, key, at),
			} {
				if put != nil {
					return put
				}
			}
			return nil
		})
	}
}

// putMessages adds one message of each state, each with a receipt.
func putMessages(tx *Tx, key string, at time.Time) error {
	var rows []Row
	for _, state := range []string{"sent", "sent to a group", "dead", "waiting", "started"} {
		r := row(state+" "+key, "r", state+" "+key)
		r.SendAt, r.Episode = at, at
		rows = append(rows, r)
	}
	if err := tx.Enqueue(rows); err != nil {
		return err
	}
	var ids []int64
	for _, r := range rows {
		var id int64
		if _, err := tx.get(&id, "SELECT id FROM outbox WHERE message_key = ?", r.Key); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	if err := tx.Start([]int64{ids[0], ids[1], ids[2], ids[4]}, at); err != nil {
		return err
	}
	if err := tx.MarkDead(ids[2], at, "410"); err != nil {
		return err
	}
	g := fullGroup("r", rows[1].GroupKey)
	g.Episode = at
	if err := tx.PutGroups([]route.Group{g}); err != nil {
		return err
	}
	return tx.MarkSent([]Sent{{ID: ids[0], At: at, Receipt: []byte("{}")}, {ID: ids[1], At: at, Receipt: []byte("{}")}})
}

// countRows counts what is in each table.
func countRows(t *testing.T, s *Store) map[string]int {
	t.Helper()
	var tables []string
	if err := s.read.Select(&tables, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'goose_db_version'"); err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int)
	for _, name := range tables {
		var n int
		if err := s.read.Get(&n, "SELECT COUNT(*) FROM "+name); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			counts[name] = n
		}
	}
	return counts
}

func TestPruningTakesWhatIsOldAndOver(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	now := t0.Add(100 * 24 * time.Hour)
	old(t, s, now)
	before := countRows(t, s)
	check(t, "before", before, map[string]int{
		"combinations": 1, "reports": 1, "minutes": 2, "minutes_earlier": 2, "reads": 6, "ticks": 2,
		"alerts": 4, "transitions": 2, "cases": 2, "outbox": 10, "outbox_alerts": 10, "deliveries": 8, "cards": 4, "message_groups": 2, "message_group_members": 4,
		"jobs": 1, "troubles": 4, "limit_changes": 2, "limits": 4, "limit_members": 4, "withheld": 2,
	})
	steps, deleted := 0, 0
	for more := true; more; steps++ {
		var n int
		var err error
		if n, more, err = s.Prune(context.Background(), now.Add(-90*24*time.Hour), 3); err != nil {
			t.Fatal(err)
		}
		if n > 3 {
			t.Errorf("got %d rows in one step, want 3 at most", n)
		}
		deleted += n
	}
	check(t, "steps and rows", []int{steps, deleted}, []int{7, 18})
	check(t, "after", countRows(t, s), map[string]int{
		"combinations": 1, "reports": 1, "minutes": 1, "minutes_earlier": 1, "reads": 3, "ticks": 1,
		"alerts": 3, "transitions": 1, "cases": 1, "outbox": 7, "outbox_alerts": 7, "deliveries": 5, "cards": 3, "message_groups": 2, "message_group_members": 4,
		"jobs": 1, "troubles": 3, "limit_changes": 1, "limits": 3, "limit_members": 3, "withheld": 1,
	})
	var left []string
	if err := s.read.Select(&left, "SELECT message_key FROM outbox WHERE message_key LIKE '% 0' ORDER BY id"); err != nil {
		t.Fatal(err)
	}
	check(t, "old messages that are left", left, []string{"waiting 0", "started 0"})
}

// A read minute without rows is empty; one that was pruned is not, though a later
// read of it is still noted.
func TestAPrunedMinuteIsNotTakenForAnEmptyOne(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	now := t0.Add(100 * 24 * time.Hour)
	putMinutes(t, s, minute(t0, now, bucket(opus, 1, 1)), minute(t0.Add(time.Minute), now, bucket(opus, 1, 1)))
	if _, _, err := s.Prune(context.Background(), t0.Add(time.Second), 1000); err != nil {
		t.Fatal(err)
	}
	want := []usage.Minute{minute(t0.Add(time.Minute), now, bucket(opus, 1, 1))}
	check(t, "minutes", minutesBetween(t, s, t0.Add(-time.Hour), now), want)
	view(t, s, func(tx *Tx) error {
		gaps, err := tx.Gaps("org", usage.SourceAnalytics, t0.Add(-time.Hour), t0.Add(3*time.Minute), time.Minute)
		check(t, "gaps", gaps, []Span{{t0.Add(2 * time.Minute), t0.Add(3 * time.Minute)}})
		return err
	})
}

func TestPruningAReadOnlyStoreIsRefused(t *testing.T) {
	t.Parallel()
	w := openTest(t)
	r := openAt(t, w.Path(), Options{ReadOnly: true})
	if _, _, err := r.Prune(context.Background(), t0, 10); err == nil {
		t.Error("got no error")
	}
}

// A year with ten days of retention: after the first weeks the file stays as it is.
func TestTheFileStopsGrowing(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	names := traffic(40)
	largest := func() int64 {
		var size int64
		for _, suffix := range []string{"", "-wal"} {
			if info, err := os.Stat(s.Path() + suffix); err == nil {
				size += info.Size()
			}
		}
		return size
	}
	var early, late int64
	for day := range 365 {
		at := t0.Add(time.Duration(day) * 24 * time.Hour)
		update(t, s, func(tx *Tx) error {
			// Half an hour a day stands for the day; some of it is corrected.
			if _, err := tx.PutMinutes("org", minutesOf(names, at.Add(-30*time.Minute), at, 30, 0)); err != nil {
				return err
			}
			_, err := tx.PutMinutes("org", minutesOf(names, at.Add(-5*time.Minute), at.Add(time.Minute), 5, 1))
			if err != nil {
				return err
			}
			if err := putMessages(tx, fmt.Sprint(day), at); err != nil {
				return err
			}
			_, err = tx.exec("DELETE FROM outbox WHERE sent_ms IS NULL AND dead_ms IS NULL") // else they wait for ever
			if err != nil {
				return err
			}
			return tx.PutTick("org", at, "")
		})
		update(t, s, func(tx *Tx) error { _, err := tx.exec("DELETE FROM message_groups"); return err })
		for more := true; more; {
			var err error
			if _, more, err = s.Prune(context.Background(), at.Add(-10*24*time.Hour), 50); err != nil {
				t.Fatal(err)
			}
		}
		switch size := largest(); {
		case day < 30:
			early = max(early, size)
		default:
			late = max(late, size)
		}
	}
	if late > early*11/10 {
		t.Errorf("got %d bytes after the first 30 days, %d within them", late, early)
	}
}

func TestFreeSpaceIsGivenBack(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	names := traffic(1000)
	putMinutes(t, s, minutesOf(names, t0, t0.Add(2*time.Hour), 120, 0)...)
	pages := func() (n int) {
		if err := s.write.Get(&n, "PRAGMA page_count"); err != nil {
			t.Fatal(err)
		}
		return n
	}
	full := pages()
	// Nothing is old any more after the first call; the others only give back.
	for range 8 {
		if _, _, err := s.Prune(context.Background(), t0.Add(24*time.Hour), 1000); err != nil {
			t.Fatal(err)
		}
	}
	if got := pages(); got > full/3 {
		t.Errorf("got %d pages of %d, want most given back", got, full)
	}
}
