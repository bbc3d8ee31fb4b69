package store

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// PutPeaks stores the peaks of one day as they were read at at. Minutes is how
// many of the day's were final then. What was read before stays.
func (tx *Tx) PutPeaks(orgID string, day, at time.Time, minutes int, peaks map[usage.ID]usage.DailyPeak) error {
	numbers, err := tx.peakSeries(orgID)
	if err != nil {
		return err
	}
	_, err = tx.exec("INSERT INTO peak_days (organization_id, day_ms, read_ms, minutes) VALUES (?, ?, ?, ?)", orgID, toMS(day), toMS(at), minutes)
	if err != nil {
		return fmt.Errorf("put the day %s of organization %s: %w", day.Format(time.DateOnly), orgID, err)
	}
	type row struct {
		series int64
		peak   usage.DailyPeak
	}
	rows := make([]row, 0, len(peaks))
	for id, peak := range peaks {
		number, ok := numbers[id]
		if !ok {
			number, err = tx.insert("INSERT INTO peak_series (organization_id, workspace_id, group_id, limiter) VALUES (?, ?, ?, ?)",
				orgID, id.WorkspaceID, id.GroupID, id.Limiter)
			if err != nil {
				return fmt.Errorf("put a series of organization %s: %w", orgID, err)
			}
		}
		rows = append(rows, row{number, peak})
	}
	// In the order they are stored in, which touches each page once.
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.series, b.series) })
	for _, r := range rows {
		_, err := tx.exec("INSERT INTO daily_peaks (series, day_ms, read_ms, p99, max, minutes) VALUES (?, ?, ?, ?, ?, ?)",
			r.series, toMS(day), toMS(at), r.peak.P99, r.peak.Max, r.peak.Minutes)
		if err != nil {
			return fmt.Errorf("put the peaks of %s of organization %s: %w", day.Format(time.DateOnly), orgID, err)
		}
	}
	return nil
}

type peakSeriesRow struct {
	ID          int64         `db:"id"`
	WorkspaceID string        `db:"workspace_id"`
	GroupID     string        `db:"group_id"`
	Limiter     usage.Limiter `db:"limiter"`
}

// peakSeries gives the numbers of the series that have had a peak.
func (tx *Tx) peakSeries(orgID string) (map[usage.ID]int64, error) {
	var rows []peakSeriesRow
	err := tx.list(&rows, "SELECT id, workspace_id, group_id, limiter FROM peak_series WHERE organization_id = ?", orgID)
	if err != nil {
		return nil, fmt.Errorf("list the series with peaks of organization %s: %w", orgID, err)
	}
	numbers := make(map[usage.ID]int64, len(rows))
	for _, r := range rows {
		numbers[usage.ID{OrganizationID: orgID, WorkspaceID: r.WorkspaceID, GroupID: r.GroupID, Limiter: r.Limiter}] = r.ID
	}
	return numbers, nil
}

// PeakDays gives the days from from on whose peaks have been read, each with how
// many of its minutes were final when they were read last.
func (tx *Tx) PeakDays(orgID string, from time.Time) (map[time.Time]int, error) {
	var rows []struct {
		DayMS   int64 `db:"day_ms"`
		Minutes int   `db:"minutes"`
	}
	err := tx.list(&rows, "SELECT day_ms, minutes FROM peak_days WHERE organization_id = ? AND day_ms >= ? ORDER BY day_ms, read_ms", orgID, toMS(from))
	if err != nil {
		return nil, fmt.Errorf("list the days with peaks of organization %s: %w", orgID, err)
	}
	days := make(map[time.Time]int, len(rows))
	for _, r := range rows {
		days[fromMS(r.DayMS)] = r.Minutes
	}
	return days, nil
}

// Trends is how the daily peaks of an organization's series grow.
type Trends struct {
	ReadAt time.Time // when the newest of these peaks was read; zero: none
	Of     map[usage.ID]usage.Trend
}

// Trends fits the daily peaks that were known at at. Prior is what it gave before,
// or nothing: it is given back where no peaks have been read since.
func (tx *Tx) Trends(orgID string, at time.Time, prior Trends) (Trends, error) {
	var newest struct {
		ReadMS int64 `db:"read_ms"`
		DayMS  int64 `db:"day_ms"`
	}
	_, err := tx.get(&newest, `
		SELECT COALESCE(MAX(read_ms), 0) AS read_ms, COALESCE(MAX(day_ms), 0) AS day_ms
		FROM peak_days WHERE organization_id = ? AND read_ms <= ?`, orgID, toMS(at))
	if err != nil {
		return prior, fmt.Errorf("find the newest peaks of organization %s: %w", orgID, err)
	}
	if newest.ReadMS == 0 {
		return Trends{}, nil
	}
	readAt := fromMS(newest.ReadMS)
	if readAt.Equal(prior.ReadAt) {
		return prior, nil
	}
	t := Trends{ReadAt: readAt, Of: make(map[usage.ID]usage.Trend)}
	from := fromMS(newest.DayMS).AddDate(0, 0, 1-evaluate.TrendDays)
	err = tx.peaks(orgID, from, at, func(id usage.ID, points []usage.DailyPeak) { t.Of[id] = evaluate.TrendOf(points) })
	return t, err
}

// peaks hands the daily peaks of each series on, oldest first, as they were known
// at at. The points are reused.
func (tx *Tx) peaks(orgID string, from, at time.Time, use func(usage.ID, []usage.DailyPeak)) error {
	numbers, err := tx.peakSeries(orgID)
	if err != nil {
		return err
	}
	ids := make(map[int64]usage.ID, len(numbers))
	for id, number := range numbers {
		ids[number] = id
	}
	rows, err := tx.rows(`
		SELECT p.series, p.day_ms, p.p99, p.max, p.minutes
		FROM peak_series s JOIN daily_peaks p ON p.series = s.id AND p.day_ms >= ?
		WHERE s.organization_id = ? AND p.read_ms <= ? ORDER BY s.id, p.day_ms, p.read_ms`, toMS(from), orgID, toMS(at))
	if err != nil {
		return fmt.Errorf("read the peaks of organization %s: %w", orgID, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	var number, before, dayMS int64
	var p usage.DailyPeak
	var points []usage.DailyPeak
	into := []any{&number, &dayMS, &p.P99, &p.Max, &p.Minutes}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read the peaks of organization %s: %w", orgID, err)
		}
		if number != before && before != 0 {
			use(ids[before], points)
			points = points[:0]
		}
		before, p.Day = number, fromMS(dayMS)
		if n := len(points); n > 0 && points[n-1].Day.Equal(p.Day) {
			points = points[:n-1] // it was read once more
		}
		points = append(points, p)
	}
	if before != 0 {
		use(ids[before], points)
	}
	return rows.Err()
}
