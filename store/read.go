package store

import (
	"fmt"
	"time"

	"alerter/usage"
)

// report finds or adds the number that stands for one report of an organization.
func (tx *Tx) report(orgID string, kind usage.SourceKind) (int64, error) {
	var id int64
	found, err := tx.get(&id, "SELECT id FROM reports WHERE organization_id = ? AND source = ?", orgID, kind)
	if err == nil && !found {
		id, err = tx.insert("INSERT INTO reports (organization_id, source) VALUES (?, ?)", orgID, kind)
	}
	if err != nil {
		return 0, fmt.Errorf("find report %s of organization %s: %w", kind, orgID, err)
	}
	return id, nil
}

type reportRow struct {
	ID       int64            `db:"id"`
	Source   usage.SourceKind `db:"source"`
	PrunedMS int64            `db:"pruned_ms"`
}

// reports lists an organization's, in the order minutes of one start are given.
func (tx *Tx) reports(orgID string) ([]reportRow, error) {
	var rows []reportRow
	err := tx.list(&rows, "SELECT id, source, pruned_ms FROM reports WHERE organization_id = ? ORDER BY source", orgID)
	if err != nil {
		return nil, fmt.Errorf("list the reports of organization %s: %w", orgID, err)
	}
	return rows, nil
}

// putReads notes which stretches the minutes cover and when they were read: a
// row per stretch costs a tick one row, where a column would cost it one per
// minute, and keeps every time and not only the last one.
func (tx *Tx) putReads(report int64, ms []*usage.Minute) error {
	put := func(read, from, to int64) error {
		_, err := tx.exec(`
			INSERT INTO reads (report, read_ms, from_ms, to_ms) VALUES (?, ?, ?, ?)
			ON CONFLICT (report, read_ms, from_ms) DO UPDATE SET to_ms = excluded.to_ms WHERE excluded.to_ms > reads.to_ms`,
			report, read, from, to)
		return err
	}
	read, from, to := toMS(ms[0].ReadAt), toMS(ms[0].Start), toMS(ms[0].Start)+minuteMS
	for _, m := range ms[1:] {
		if toMS(m.ReadAt) == read && toMS(m.Start) <= to {
			to = toMS(m.Start) + minuteMS
			continue
		}
		if err := put(read, from, to); err != nil {
			return err
		}
		read, from, to = toMS(m.ReadAt), toMS(m.Start), toMS(m.Start)+minuteMS
	}
	return put(read, from, to)
}

// coverage says for each minute of a stretch when a report was last read there.
type coverage struct {
	fromMS int64
	readMS []int64 // one per minute; 0: not by then
}

// coverage reads the stretch [first, end) of whole minutes of a report, as known
// at a moment. It is narrowed to what has been read and not been pruned.
func (tx *Tx) coverage(r reportRow, first, end, at int64) (coverage, error) {
	first = max(first, r.PrunedMS)
	// No minute is read long before it begins, see checkMinute.
	rows, err := tx.rows(`
		SELECT read_ms, from_ms, to_ms FROM reads
		WHERE report = ? AND read_ms >= ? AND read_ms <= ? AND from_ms < ? AND to_ms > ?
		ORDER BY read_ms`,
		r.ID, first-ahead.Milliseconds(), at, end, first)
	if err != nil {
		return coverage{}, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	var reads []readRow
	c, last := coverage{fromMS: end}, first
	for rows.Next() {
		var read readRow
		if err := rows.Scan(&read.at, &read.from, &read.to); err != nil {
			return coverage{}, err
		}
		read.from, read.to = max(read.from, first), min(read.to, end)
		c.fromMS, last = min(c.fromMS, read.from), max(last, read.to)
		reads = append(reads, read)
	}
	if len(reads) > 0 {
		c.readMS = make([]int64, (last-c.fromMS)/minuteMS)
	}
	for _, r := range reads {
		covered := c.readMS[(r.from-c.fromMS)/minuteMS : (r.to-c.fromMS)/minuteMS]
		for i := range covered {
			covered[i] = r.at
		}
	}
	return c, rows.Err()
}

// readRow is one stretch that was read, in unix milliseconds.
type readRow struct{ at, from, to int64 }

// Span is a stretch of time, To exclusive.
type Span struct{ From, To time.Time }

// Gaps lists the stretches of whole minutes in [from, to) that the report has
// not been read in since they were complete: never, only earlier than settle after
// their end, or only before the report had come beyond them, which it now has (see
// [usage.Progress]). Newest first. What has been pruned is no gap.
func (tx *Tx) Gaps(orgID string, source usage.SourceKind, from, to time.Time, settle time.Duration) ([]Span, error) {
	var r reportRow
	_, err := tx.get(&r, "SELECT id, source, pruned_ms FROM reports WHERE organization_id = ? AND source = ?", orgID, source)
	if err != nil {
		return nil, fmt.Errorf("find report %s of organization %s: %w", source, orgID, err)
	}
	first, last := max(ceilMinute(toMS(from)), r.PrunedMS), floorMinute(toMS(to))
	c, err := tx.coverage(r, first, last, forever)
	if err != nil {
		return nil, fmt.Errorf("list the gaps of report %s of organization %s: %w", source, orgID, err)
	}
	p, err := tx.reportProgress(r, first, forever, settle, forever)
	if err != nil {
		return nil, fmt.Errorf("list the gaps of report %s of organization %s: %w", source, orgID, err)
	}
	var spans []Span
	end := int64(0) // of the gap that is being walked through; 0: none
	for start := last - minuteMS; start >= first; start -= minuteMS {
		read, whole := c.at(start), start+minuteMS+settle.Milliseconds()
		if from, ok := p.Whole(fromMS(start)); ok {
			whole = max(whole, toMS(from))
		}
		isGap := read < whole
		switch {
		case isGap && end == 0:
			end = start + minuteMS
		case !isGap && end != 0:
			spans, end = append(spans, Span{fromMS(start + minuteMS), fromMS(end)}), 0
		}
	}
	if end != 0 {
		spans = append(spans, Span{fromMS(first), fromMS(end)})
	}
	return spans, nil
}

// at is when the minute was last read, 0 for never.
func (c coverage) at(startMS int64) int64 {
	i := (startMS - c.fromMS) / minuteMS
	if startMS < c.fromMS || i >= int64(len(c.readMS)) {
		return 0
	}
	return c.readMS[i]
}
