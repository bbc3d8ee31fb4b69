package store

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"alerter/usage"
)

// MinuteStats says what [Tx.PutMinutes] did.
type MinuteStats struct {
	Fresh     int // minutes whose first rows came
	Corrected int // minutes whose value changed; the earlier one is kept
	Same      int // minutes that were known so, or are empty as before
	Damaged   int // corrected ones whose stored bytes could not be read: their earlier values are lost
}

// PutMinutes stores minutes as one or more reports showed them. Each minute
// replaces what was stored of the same report: a value that differs is kept
// beside it with the time it was first seen. A minute without buckets is one
// that was read and had none; it is stored too.
//
// ReadAt must not be later than the moment the minutes are first used, since
// [Tx.MinutesKnown] shows a value from then on. Minutes of one answer should
// come in one call: the times they were read are stored per stretch.
//
// Two buckets of one combination in a minute are added up.
func (tx *Tx) PutMinutes(orgID string, ms []usage.Minute) (MinuteStats, error) {
	var stats MinuteStats
	if len(ms) == 0 {
		return stats, nil
	}
	for i := range ms {
		if err := checkMinute(&ms[i]); err != nil {
			return stats, fmt.Errorf("put the minute %s of organization %s: %w", ms[i].Start.UTC().Format(time.RFC3339), orgID, err)
		}
	}
	names, err := tx.numbering()
	if err != nil {
		return stats, err
	}
	for _, same := range bySource(ms) {
		report, err := tx.report(orgID, same[0].Source)
		if err != nil {
			return stats, err
		}
		w := minuteWriter{tx: tx, orgID: orgID, report: report, names: names, stats: &stats}
		if err := w.put(same); err != nil {
			return stats, err
		}
		if err := tx.putReads(report, same); err != nil {
			return stats, fmt.Errorf("note what was read of organization %s: %w", orgID, err)
		}
	}
	return stats, nil
}

// ahead is how far a clock may be behind the API's before we refuse its minutes.
const ahead = time.Hour

// maxPut leaves room for adding up: no report comes near it.
const maxPut = 1 << 53

func checkMinute(m *usage.Minute) error {
	switch {
	case m.Start.UnixMilli()%minuteMS != 0 || m.Start.Nanosecond() != 0:
		return errors.New("it does not start on a whole minute")
	case m.ReadAt.Before(m.Start.Add(-ahead)):
		return fmt.Errorf("it was read at %s, long before it began: check the clock", m.ReadAt.UTC().Format(time.RFC3339))
	}
	for i := range m.Buckets {
		if m.Buckets[i].Of == nil {
			return errors.New("a bucket has no combination")
		}
		for _, v := range toCounts(&m.Buckets[i].Counts) {
			if v < 0 || v > maxPut {
				return fmt.Errorf("a count of %+v cannot be: %+v", *m.Buckets[i].Of, m.Buckets[i].Counts)
			}
		}
	}
	return nil
}

// bySource sorts the minutes into one list per report, oldest first, and what
// was read first before what was read later.
func bySource(ms []usage.Minute) [][]*usage.Minute {
	var order []usage.SourceKind
	lists := make(map[usage.SourceKind][]*usage.Minute)
	for i := range ms {
		if _, ok := lists[ms[i].Source]; !ok {
			order = append(order, ms[i].Source)
		}
		lists[ms[i].Source] = append(lists[ms[i].Source], &ms[i])
	}
	out := make([][]*usage.Minute, 0, len(order))
	for _, kind := range order {
		slices.SortStableFunc(lists[kind], func(a, b *usage.Minute) int {
			if c := a.Start.Compare(b.Start); c != 0 {
				return c
			}
			return a.ReadAt.Compare(b.ReadAt)
		})
		out = append(out, lists[kind])
	}
	return out
}

// minuteWriter writes the minutes of one report.
type minuteWriter struct {
	tx     *Tx
	orgID  string
	report int64
	names  *numbering
	stats  *MinuteStats

	cells, earlier []cell // reused
	packed         []byte // reused
}

// minuteRow is a stored minute.
type minuteRow struct {
	StartMS int64  `db:"start_ms"`
	SeenMS  int64  `db:"seen_ms"`
	Packed  []byte `db:"packed"`
}

// chunk is how many stored minutes are compared at once: a bound on memory.
const chunk = 120

func (w *minuteWriter) put(ms []*usage.Minute) error {
	for len(ms) > 0 {
		n := 1
		end := ms[0].Start.Add(chunk * time.Minute)
		for n < len(ms) && ms[n].Start.Before(end) {
			n++
		}
		stored, err := w.stored(ms[0].Start, ms[n-1].Start)
		if err != nil {
			return err
		}
		for _, m := range ms[:n] {
			if err := w.putOne(m, stored); err != nil {
				return fmt.Errorf("put the minute %s of organization %s, %s: %w",
					m.Start.UTC().Format(time.RFC3339), w.orgID, m.Source, err)
			}
		}
		ms = ms[n:]
	}
	return nil
}

func (w *minuteWriter) stored(first, last time.Time) (map[int64]minuteRow, error) {
	var rows []minuteRow
	err := w.tx.list(&rows, "SELECT start_ms, seen_ms, packed FROM minutes WHERE report = ? AND start_ms BETWEEN ? AND ?",
		w.report, toMS(first), toMS(last))
	if err != nil {
		return nil, fmt.Errorf("read the stored minutes of organization %s: %w", w.orgID, err)
	}
	stored := make(map[int64]minuteRow, len(rows))
	for _, r := range rows {
		stored[r.StartMS] = r
	}
	return stored, nil
}

func (w *minuteWriter) putOne(m *usage.Minute, stored map[int64]minuteRow) error {
	start := toMS(m.Start)
	prior, had := stored[start]
	if len(m.Buckets) == 0 && !had {
		w.stats.Same++ // the read is noted, and a read minute without a row is empty
		return nil
	}
	if err := w.packMinute(m); err != nil {
		return err
	}
	if had && bytes.Equal(prior.Packed, w.packed) {
		w.stats.Same++
		return nil
	}
	seen := toMS(m.ReadAt)
	if had {
		// A clock that was set back must not put the values out of order.
		seen = max(seen, prior.SeenMS+1)
		if err := w.keep(prior); err != nil {
			return err
		}
		w.stats.Corrected++
	} else {
		w.stats.Fresh++
	}
	row := minuteRow{StartMS: start, SeenMS: seen, Packed: bytes.Clone(w.packed)}
	_, err := w.tx.exec(`
		INSERT INTO minutes (report, start_ms, seen_ms, buckets, packed) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (report, start_ms) DO UPDATE SET seen_ms = excluded.seen_ms, buckets = excluded.buckets, packed = excluded.packed`,
		w.report, start, seen, len(w.cells), row.Packed)
	if err != nil {
		return err
	}
	stored[start] = row
	return nil
}

// packMinute leaves the minute in w.cells and w.packed.
func (w *minuteWriter) packMinute(m *usage.Minute) error {
	w.cells = w.cells[:0]
	for i := range m.Buckets {
		id, err := w.names.id(m.Buckets[i].Of)
		if err != nil {
			return err
		}
		w.cells = append(w.cells, cell{id: id, counts: toCounts(&m.Buckets[i].Counts)})
	}
	slices.SortFunc(w.cells, func(a, b cell) int { return int(a.id - b.id) })
	w.cells = addUp(w.cells)
	w.packed = pack(w.packed[:0], w.cells)
	return nil
}

// addUp makes one of neighbours with the same id. Requests stay unknown where
// one of them is.
func addUp(cells []cell) []cell {
	out := cells[:0]
	for _, c := range cells {
		if n := len(out); n == 0 || out[n-1].id != c.id {
			out = append(out, c)
			continue
		}
		sum := &out[len(out)-1]
		if c.counts[0] == 0 || sum.counts[0] == 0 {
			sum.counts[0] = 0
		} else {
			sum.counts[0] += c.counts[0] - 1
		}
		for f := 1; f < fields; f++ {
			sum.counts[f] += c.counts[f]
		}
	}
	return out
}

// keep stores the value that w.cells is about to replace.
func (w *minuteWriter) keep(prior minuteRow) error {
	var err error
	if w.earlier, err = unpack(w.earlier[:0], prior.Packed); err != nil {
		w.stats.Damaged++
		return w.lose(prior)
	}
	_, err = w.tx.exec("INSERT INTO minutes_earlier (report, start_ms, seen_ms, buckets, packed) VALUES (?, ?, ?, ?, ?)",
		w.report, prior.StartMS, prior.SeenMS, len(w.earlier), packChange(nil, w.cells, w.earlier))
	return err
}

// lose notes that what was known of the minute cannot be told any more: an empty
// change in place of the earlier values, which were changes of the damaged one.
func (w *minuteWriter) lose(prior minuteRow) error {
	if _, err := w.tx.exec("DELETE FROM minutes_earlier WHERE report = ? AND start_ms = ?", w.report, prior.StartMS); err != nil {
		return err
	}
	_, err := w.tx.exec("INSERT INTO minutes_earlier (report, start_ms, seen_ms, buckets, packed) VALUES (?, ?, ?, 0, X'')",
		w.report, prior.StartMS, prior.SeenMS)
	return err
}
