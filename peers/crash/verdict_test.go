package crash

import (
	"database/sql"
	"errors"
	"net/url"
	"slices"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// judge compares what the receivers heard with what the database says.
func (w *world) judge(killed []time.Time) {
	w.t.Helper()
	w.judgeDatabase()
	episodes := w.episodes()
	repeats := 0
	for _, r := range w.receivers {
		heard := r.all()
		first, repeated := w.judgeRepeats(r, heard)
		repeats += repeated
		told := w.judgeOrder(r, first)
		w.judgeSent(r, first)
		unheard := 0
		for _, e := range episodes {
			if told[e.item("fired")] {
				continue
			}
			unheard++
			// Whoever is slow hears nothing of what began and ended while it was told
			// of something else. Who is quick misses only what a kill fell into.
			if r.name == "quick" && !slices.ContainsFunc(killed, e.contains) {
				w.t.Errorf("quick did not hear of the episode %+v, in which nothing was killed", e)
			}
		}
		w.t.Logf("%-8s heard %4d messages, %3d of them repeated after %d kills; %d of %d episodes", r.name, len(heard), repeated, len(killed), len(episodes)-unheard, len(episodes))
	}
	w.t.Logf("%d kills interrupted %d deliveries; %d messages were repeated; %d messages were superseded by a later one", len(killed),
		w.count("SELECT count(*) FROM deliveries WHERE outcome = 'interrupted' OR outcome IS NULL"), repeats,
		w.count("SELECT count(*) FROM outbox WHERE superseded_by IS NOT NULL"))
	if len(episodes) < len(killed) {
		w.t.Errorf("got %d episodes for %d kills, want more: nothing was tried", len(episodes), len(killed))
	}
}

// judgeRepeats wants at most one repeat for each kill, of the message that was
// under way, and returns what was heard without them.
func (w *world) judgeRepeats(r *receiver, heard []message) (first []message, repeated int) {
	w.t.Helper()
	byRun := map[int64]int{}
	seen := map[string]bool{}
	for i, m := range heard {
		if !seen[m.ID] {
			first, seen[m.ID] = append(first, m), true
			continue
		}
		repeated++
		byRun[m.Run]++
		if before := heard[i-1]; before.ID != m.ID || before.Run == m.Run {
			w.t.Errorf("%s: process %d repeats message %s after process %d sent %s", r.name, m.Run, m.ID, before.Run, before.ID)
		}
	}
	for run, n := range byRun {
		if n > 1 {
			w.t.Errorf("%s: process %d repeated %d messages, want at most one", r.name, run, n)
		}
	}
	return first, repeated
}

// judgeOrder wants of each alert: fired, resolved, fired, resolved, each episode
// after the one before, and the last one over. It returns what was told.
func (w *world) judgeOrder(r *receiver, heard []message) map[item]bool {
	w.t.Helper()
	told := map[item]bool{}
	last := map[string]item{}
	for _, m := range heard {
		for _, it := range m.Items {
			before := last[it.Fingerprint]
			fine := it.Reason == "fired" && before.Reason != "fired" && it.FiredMS > before.FiredMS ||
				it.Reason == "resolved" && before.Reason == "fired" && it.FiredMS == before.FiredMS
			if !fine {
				w.t.Errorf("%s: heard %+v after %+v", r.name, it, before)
			}
			last[it.Fingerprint], told[it] = it, true
		}
	}
	for _, it := range last {
		if it.Reason != "resolved" {
			w.t.Errorf("%s: heard last %+v, want that it is resolved", r.name, it)
		}
	}
	return told
}

// judgeSent wants every message that the database calls sent to have been heard,
// with everything in it.
func (w *world) judgeSent(r *receiver, heard []message) {
	w.t.Helper()
	told := map[item]int{}
	for _, m := range heard {
		for _, it := range m.Items {
			told[it]++
		}
	}
	sent := w.sent(r.name)
	for _, it := range sent {
		if told[it] != 1 {
			w.t.Errorf("%s: %+v is sent by the database's account, and was heard %d times", r.name, it, told[it])
		}
	}
	if len(sent) != len(told) {
		w.t.Errorf("%s: heard of %d changes, and the database says %d", r.name, len(told), len(sent))
	}
}

// judgeDatabase wants the file whole and no message between waiting and sent.
func (w *world) judgeDatabase() {
	w.t.Helper()
	w.each("PRAGMA integrity_check", func(rows *sql.Rows) error {
		var said string
		err := rows.Scan(&said)
		if said != "ok" {
			w.t.Errorf("integrity_check: got %q, want ok", said)
		}
		return err
	})
	for what, query := range map[string]string{
		"references to nothing": "SELECT count(*) FROM pragma_foreign_key_check",
		"messages that wait":    "SELECT count(*) FROM outbox WHERE sent_ms IS NULL AND dead_ms IS NULL AND superseded_by IS NULL",
		"dead messages":         "SELECT count(*) FROM outbox WHERE dead_ms IS NOT NULL",
		"superseded messages without a sent one": `SELECT count(*) FROM outbox o WHERE superseded_by IS NOT NULL AND NOT EXISTS (
			WITH RECURSIVE later(id) AS (SELECT o.superseded_by UNION SELECT l.superseded_by FROM later JOIN outbox l ON l.id = later.id WHERE l.superseded_by IS NOT NULL)
			SELECT 1 FROM later JOIN outbox s ON s.id = later.id WHERE s.sent_ms IS NOT NULL)`,
		"alerts that fire": "SELECT count(*) FROM alerts WHERE state IN ('firing', 'pending')",
	} {
		if n := w.count(query); n != 0 {
			w.t.Errorf("got %d %s, want none", n, what)
		}
	}
}

// episode is one firing of one alert.
type episode struct {
	Fingerprint  string
	Fired, Ended time.Time
}

func (e episode) item(reason string) item { return item{e.Fingerprint, e.Fired.UnixMilli(), reason} }

func (e episode) contains(at time.Time) bool { return !at.Before(e.Fired) && !at.After(e.Ended) }

// episodes are all firings the database remembers, by their transitions.
func (w *world) episodes() []episode {
	w.t.Helper()
	var all []episode
	w.each(`SELECT fingerprint, at_ms, (
			SELECT coalesce(min(e.at_ms), 0) FROM transitions e
			WHERE e.fingerprint = t.fingerprint AND e.to_state = 'resolved' AND e.at_ms >= t.at_ms)
		FROM transitions t WHERE to_state = 'firing' AND from_state <> 'firing' AND organization_id <> '' ORDER BY at_ms`, func(rows *sql.Rows) error {
		var fingerprint string
		var fired, ended int64
		err := rows.Scan(&fingerprint, &fired, &ended)
		if ended == 0 {
			w.t.Errorf("the episode of %s at %s never ended", fingerprint, time.UnixMilli(fired))
		}
		all = append(all, episode{fingerprint, time.UnixMilli(fired), time.UnixMilli(ended)})
		return err
	})
	return all
}

// sent is what the database says a receiver was sent, change by change.
func (w *world) sent(receiver string) []item {
	w.t.Helper()
	var all []item
	w.each(`SELECT a.fingerprint, a.fired_ms, a.reason FROM outbox o JOIN outbox_alerts a ON a.outbox_id = o.id
		WHERE o.sent_ms IS NOT NULL AND o.receiver = ?`, func(rows *sql.Rows) error {
		var it item
		err := rows.Scan(&it.Fingerprint, &it.FiredMS, &it.Reason)
		all = append(all, it)
		return err
	}, receiver)
	return all
}

// count is the number that a query answers.
func (w *world) count(query string) (n int) {
	w.t.Helper()
	w.each(query, func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n
}

// each runs a query beside the program and gives scan each row.
func (w *world) each(query string, scan func(*sql.Rows) error, args ...any) {
	w.t.Helper()
	u := url.URL{Scheme: "file", Path: w.database(), RawQuery: "mode=ro&_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query, args...)
	if err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		err = errors.Join(err, scan(rows))
	}
	if err = errors.Join(err, rows.Err()); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
}
