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
	all, repeats := 0, 0
	for _, r := range w.receivers {
		heard := r.all()
		repeated := w.judgeRepeats(r, heard)
		told := w.judgeOrder(r, heard)
		w.judgeSent(r, told)
		all, repeats = all+len(heard), repeats+repeated
		unheard := 0
		for _, e := range episodes {
			if told[e.item("fired")] || told[e.item("resolved")] {
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
	w.t.Logf("%d kills interrupted %d deliveries; %d messages were heard, %d of them repeated; %d messages were superseded by a later one", len(killed),
		w.count("SELECT count(*) FROM deliveries WHERE outcome = 'interrupted' OR outcome IS NULL"), all, repeats,
		w.count("SELECT count(*) FROM outbox WHERE superseded_by IS NOT NULL"))
	if len(episodes) < len(killed) {
		w.t.Errorf("got %d episodes for %d kills, want more: nothing was tried", len(episodes), len(killed))
	}
}

// judgeRepeats wants at most one repeat for each kill: the message that was under
// way, or a later one in its place that says a part of it again.
func (w *world) judgeRepeats(r *receiver, heard []message) (repeated int) {
	w.t.Helper()
	byRun := map[int64]int{}
	ids, items := map[string]bool{}, map[item]bool{}
	for i, m := range heard {
		repeats := ids[m.ID] || slices.ContainsFunc(m.Items, func(it item) bool { return items[it] })
		ids[m.ID] = true
		for _, it := range m.Items {
			items[it] = true
		}
		if !repeats {
			continue
		}
		repeated++
		byRun[m.Run]++
		if m.Run == heard[i-1].Run && m.ID == heard[i-1].ID {
			w.t.Errorf("%s: process %d sent message %s twice", r.name, m.Run, m.ID)
		}
	}
	for run, n := range byRun {
		if n > 1 {
			w.t.Errorf("%s: process %d repeated %d messages, want at most one", r.name, run, n)
		}
	}
	return repeated
}

// judgeOrder wants of each alert: fired, resolved, fired, resolved, each episode
// after the one before, and the last one over. One that ended before it could be
// told is told as resolved. It returns what was told.
func (w *world) judgeOrder(r *receiver, heard []message) map[item]bool {
	w.t.Helper()
	told := map[item]bool{}
	last := map[string]item{}
	for _, m := range heard {
		for _, it := range m.Items {
			before := last[it.Fingerprint]
			fine := it == before || // a repeat
				before.Reason != "fired" && it.FiredMS > before.FiredMS ||
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

// judgeSent wants everything that the database calls sent to have been heard, and
// nothing else, but for what a kill kept from being written down.
func (w *world) judgeSent(r *receiver, told map[item]bool) {
	w.t.Helper()
	sent := map[item]bool{}
	for _, it := range w.items(r.name, "o.sent_ms IS NOT NULL") {
		sent[it] = true
		if !told[it] {
			w.t.Errorf("%s: %+v is sent by the database's account, and was not heard", r.name, it)
		}
	}
	for _, it := range w.items(r.name, "o.superseded_by IS NOT NULL AND o.attempts > 0") {
		sent[it] = true
	}
	for it := range told {
		if !sent[it] {
			w.t.Errorf("%s: heard %+v, which the database does not know of", r.name, it)
		}
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

// items are what some of a receiver's messages say, change by change.
func (w *world) items(receiver, which string) []item {
	w.t.Helper()
	var all []item
	w.each(`SELECT a.fingerprint, a.fired_ms, a.reason FROM outbox o JOIN outbox_alerts a ON a.outbox_id = o.id
		WHERE o.receiver = ? AND `+which, func(rows *sql.Rows) error {
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
