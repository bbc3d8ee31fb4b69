package store

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jmoiron/sqlx"

	"alerter/usage"
)

// Minutes gives every minute that starts in [from, to) and has been read, as it
// is known now: by start, then by source, the buckets of one in no order that
// means anything. A minute that was read and had no usage comes without buckets.
//
// A Minute's buckets are reused: they are valid until the next one is asked for.
// The combinations they point to stay. After an error nothing more comes.
func (tx *Tx) Minutes(orgID string, from, to time.Time) iter.Seq2[usage.Minute, error] {
	return tx.minutes(orgID, from, to, forever)
}

// MinutesKnown is [Tx.Minutes] as they were known at the given moment: values
// that were seen later are left out and earlier ones are put back, ReadAt is the
// last read by then, and minutes that had not been read by then do not come.
func (tx *Tx) MinutesKnown(orgID string, from, to, at time.Time) iter.Seq2[usage.Minute, error] {
	return tx.minutes(orgID, from, to, toMS(at))
}

func (tx *Tx) minutes(orgID string, from, to time.Time, atMS int64) iter.Seq2[usage.Minute, error] {
	return func(yield func(usage.Minute, error) bool) {
		reports, err := tx.reports(orgID)
		if err != nil {
			yield(usage.Minute{}, err)
			return
		}
		var cursors []*minuteCursor
		defer func() {
			for _, c := range cursors {
				c.close()
			}
		}()
		for _, r := range reports {
			c, err := tx.minuteCursor(r, ceilMinute(toMS(from)), ceilMinute(toMS(to)), atMS)
			if err == nil {
				cursors = append(cursors, c)
				err = c.next()
			}
			if err != nil {
				yield(usage.Minute{}, fmt.Errorf("read minutes of organization %s, %s: %w", orgID, r.Source, err))
				return
			}
		}
		for c := earliest(cursors); c != nil; c = earliest(cursors) {
			if !yield(c.minute, nil) {
				return
			}
			if err := c.next(); err != nil {
				yield(usage.Minute{}, fmt.Errorf("read minutes of organization %s, %s: %w", orgID, c.report.Source, err))
				return
			}
		}
	}
}

// earliest is nil when all cursors are at their end. Of two minutes with one
// start the first cursor's comes first.
func earliest(cursors []*minuteCursor) *minuteCursor {
	var first *minuteCursor
	for _, c := range cursors {
		if !c.done && (first == nil || c.minute.Start.Before(first.minute.Start)) {
			first = c
		}
	}
	return first
}

// minuteCursor walks through the covered minutes of one report.
type minuteCursor struct {
	tx     *Tx
	report reportRow
	names  []*usage.Combination
	atMS   int64
	cover  coverage
	i      int // the next minute of cover
	rows   *sqlx.Rows
	row    minuteRow // read ahead; StartMS is forever when there is no more
	minute usage.Minute
	done   bool

	cells, spare []cell // reused
}

func (tx *Tx) minuteCursor(r reportRow, first, end, atMS int64) (*minuteCursor, error) {
	c := &minuteCursor{tx: tx, report: r, atMS: atMS}
	var err error
	if c.names, err = tx.combinationNames(); err != nil {
		return nil, err
	}
	if c.cover, err = tx.coverage(r, first, end, atMS); err != nil {
		return nil, err
	}
	end = c.cover.fromMS + int64(len(c.cover.readMS))*minuteMS
	c.rows, err = tx.rows(`
		SELECT start_ms, seen_ms, packed FROM minutes
		WHERE report = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms`, r.ID, c.cover.fromMS, end)
	if err != nil {
		return nil, err
	}
	if err := c.advance(); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *minuteCursor) close() { _ = c.rows.Close() } // rows.Err has said what went wrong

// advance reads the next stored row.
func (c *minuteCursor) advance() error {
	if !c.rows.Next() {
		c.row = minuteRow{StartMS: forever}
		return c.rows.Err()
	}
	return c.rows.Scan(&c.row.StartMS, &c.row.SeenMS, &c.row.Packed)
}

// next moves to the next covered minute of which something can be said, or to
// the end.
func (c *minuteCursor) next() error {
	if err := c.tx.ctx.Err(); err != nil {
		return err
	}
	for ; c.i < len(c.cover.readMS); c.i++ {
		if c.cover.readMS[c.i] == 0 {
			continue
		}
		start := c.cover.fromMS + int64(c.i)*minuteMS
		err := c.load(start)
		if errors.Is(err, errLost) {
			continue
		}
		if err != nil {
			return fmt.Errorf("minute %s: %w; to go on without it: DELETE FROM minutes WHERE report = %d AND start_ms = %d",
				fromMS(start).Format(time.RFC3339), err, c.report.ID, start)
		}
		c.minute.Start, c.minute.ReadAt, c.minute.Source = fromMS(start), fromMS(c.cover.readMS[c.i]), c.report.Source
		c.i++
		return nil
	}
	c.done = true
	return nil
}

// load fills the minute's buckets: none where it has no row.
func (c *minuteCursor) load(start int64) error {
	c.minute.Buckets = c.minute.Buckets[:0]
	for c.row.StartMS < start {
		if err := c.advance(); err != nil {
			return err
		}
	}
	if c.row.StartMS > start {
		return nil
	}
	return c.decode()
}

// decode fills the minute's buckets from the row, as known at atMS.
func (c *minuteCursor) decode() error {
	var err error
	if c.cells, err = unpack(c.cells[:0], c.row.Packed); err != nil {
		return err
	}
	if c.row.SeenMS > c.atMS {
		if err := c.goBack(); err != nil {
			return err
		}
	}
	for i := range c.cells {
		id := c.cells[i].id
		if id >= int64(len(c.names)) || c.names[id] == nil {
			return fmt.Errorf("%w: there is no combination %d", errPacked, id)
		}
		c.minute.Buckets = append(c.minute.Buckets, usage.Bucket{Of: c.names[id], Counts: fromCounts(&c.cells[i].counts)})
	}
	return nil
}

// errLost is for a minute whose earlier values were damaged: it had been read
// then, but nobody knows what it showed.
var errLost = errors.New("what was known of the minute is lost")

// goBack turns the cells into the value that was known at atMS.
func (c *minuteCursor) goBack() error {
	var earlier []minuteRow
	err := c.tx.list(&earlier, `
		SELECT start_ms, seen_ms, packed FROM minutes_earlier
		WHERE report = ? AND start_ms = ? ORDER BY seen_ms DESC`, c.report.ID, c.row.StartMS)
	if err != nil {
		return err
	}
	for _, e := range earlier {
		if len(e.Packed) == 0 {
			return errLost
		}
		changed, err := applyChange(c.spare[:0], c.cells, e.Packed)
		if err != nil {
			return fmt.Errorf("its value of %s: %w", fromMS(e.SeenMS).Format(time.RFC3339), err)
		}
		c.cells, c.spare = changed, c.cells
		if e.SeenMS <= c.atMS {
			return nil
		}
	}
	c.cells = c.cells[:0] // by then it had been read, and had no rows
	return nil
}

// Reported gives, for each report, the start of the newest minute in which it
// has shown any row. A report that has shown none is not in the map.
func (tx *Tx) Reported(orgID string) (map[usage.SourceKind]time.Time, error) {
	return tx.reported(orgID, forever)
}

// ReportedKnown is [Tx.Reported] as it was known at the given moment.
func (tx *Tx) ReportedKnown(orgID string, at time.Time) (map[usage.SourceKind]time.Time, error) {
	return tx.reported(orgID, toMS(at))
}

func (tx *Tx) reported(orgID string, atMS int64) (map[usage.SourceKind]time.Time, error) {
	reports, err := tx.reports(orgID)
	if err != nil {
		return nil, err
	}
	newest := make(map[usage.SourceKind]time.Time, len(reports))
	for _, r := range reports {
		var start int64
		// From the newest minute down; minutes without rows are rarely stored,
		// so the first one looked at is nearly always it.
		found, err := tx.get(&start, `
			SELECT m.start_ms FROM minutes m
			WHERE m.report = ? AND m.start_ms < ? AND CASE WHEN m.seen_ms <= ? THEN m.buckets > 0
				ELSE COALESCE((
					SELECT e.buckets > 0 FROM minutes_earlier e
					WHERE e.report = m.report AND e.start_ms = m.start_ms AND e.seen_ms <= ?
					ORDER BY e.seen_ms DESC LIMIT 1), FALSE) END
			ORDER BY m.start_ms DESC LIMIT 1`,
			r.ID, min(atMS, forever-ahead.Milliseconds())+ahead.Milliseconds(), atMS, atMS)
		if err != nil {
			return nil, fmt.Errorf("find the newest minute of organization %s, %s: %w", orgID, r.Source, err)
		}
		if found {
			newest[r.Source] = fromMS(start)
		}
	}
	return newest, nil
}
