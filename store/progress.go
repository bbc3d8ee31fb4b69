package store

import (
	"fmt"
	"time"

	"alerter/usage"
)

// progress is how far each report of an organization had come, for the minutes
// from from on, as known at a moment. reported is the newest minute of each.
func (tx *Tx) progress(
	orgID string, from time.Time, reported map[usage.SourceKind]time.Time, settle time.Duration, atMS int64,
) (map[usage.SourceKind]*usage.Progress, error) {
	reports, err := tx.reports(orgID)
	if err != nil {
		return nil, err
	}
	all := make(map[usage.SourceKind]*usage.Progress, len(reports))
	for _, r := range reports {
		newest, ok := reported[r.Source]
		if !ok || r.Source == usage.SourceKeys {
			continue
		}
		if all[r.Source], err = tx.reportProgress(r, toMS(from), toMS(newest), settle, atMS); err != nil {
			return nil, fmt.Errorf("find how far report %s of organization %s had come: %w", r.Source, orgID, err)
		}
	}
	return all, nil
}

// versionRow is one of the values that a minute has had.
type versionRow struct {
	StartMS int64 `db:"start_ms"`
	SeenMS  int64 `db:"seen_ms"`
	HasRows bool  `db:"has_rows"`
}

// reportProgress is of the minutes that start in [first, last].
func (tx *Tx) reportProgress(r reportRow, first, last int64, settle time.Duration, atMS int64) (*usage.Progress, error) {
	var rows []versionRow
	err := tx.list(&rows, `
		SELECT start_ms, seen_ms, buckets > 0 AS has_rows FROM minutes
		WHERE report = ? AND start_ms BETWEEN ? AND ? AND seen_ms <= ?
		UNION ALL
		SELECT start_ms, seen_ms, buckets > 0 FROM minutes_earlier
		WHERE report = ? AND start_ms BETWEEN ? AND ? AND seen_ms <= ?
		ORDER BY start_ms, seen_ms`,
		r.ID, first, last, atMS, r.ID, first, last, atMS)
	if err != nil {
		return nil, err
	}
	return usage.NewProgress(showings(rows), settle), nil
}

// showings makes one of all the values of a minute, which come in the order they
// were seen. A minute whose last value is empty is not shown any more.
func showings(rows []versionRow) []usage.Showing {
	var shown []usage.Showing
	for _, v := range rows {
		start, seen := fromMS(v.StartMS), fromMS(v.SeenMS)
		n := len(shown) - 1
		known := n >= 0 && shown[n].Start.Equal(start)
		switch {
		case !v.HasRows && known:
			shown = shown[:n]
		case v.HasRows && known:
			shown[n].Last = seen
		case v.HasRows:
			shown = append(shown, usage.Showing{Start: start, First: seen, Last: seen})
		}
	}
	return shown
}
