package fetch

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"time"

	"alerter/usage"
)

// The years that saved answers may be of.
var (
	savedFrom = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	savedTo   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Saved collects answers of one report that were saved to files, page by page, in the
// order they were read. A combination that comes again in a minute on a later page
// counts as it is there. Set Source to SourceAnalytics or SourceReport; the zero
// value of the rest is ready.
type Saved struct {
	Source usage.SourceKind
	// DefaultWorkspaceID stands in for the older report's null workspace, as in [Query].
	DefaultWorkspaceID string

	tally   *tally                   // of the page that is read
	minutes map[int32][]usage.Bucket // by the tally's minutes
}

// Read reads one page. After an error there is no use in what was read.
func (s *Saved) Read(r io.Reader) error {
	if s.tally == nil {
		s.tally, s.minutes = newTally(savedFrom, savedTo), make(map[int32][]usage.Bucket)
	}
	b := saved(r)
	rows := readAnalyticsRow(b, s.tally, 0)
	if s.Source == usage.SourceReport {
		rows = readReportBucket(b, s.tally, 0, s.DefaultWorkspaceID)
	}
	if _, err := readPage(b, rows); err != nil {
		return b.explain(err)
	}
	s.take()
	return nil
}

// take moves the rows of a page to their minutes, so that the rows of one page only
// are held twice.
func (s *Saved) take() {
	t := s.tally
	slices.SortStableFunc(t.rows, func(a, b tallied) int { return cmp.Compare(a.minute, b.minute) })
	for rows := t.rows; len(rows) > 0; {
		minute, end := rows[0].minute, 1
		for end < len(rows) && rows[end].minute == minute {
			end++
		}
		s.minutes[minute] = later(s.minutes[minute], rows[:end])
		rows = rows[end:]
	}
	t.rows = t.rows[:0]
}

// later is a minute's buckets with the rows of a later page: a combination counts as
// it is there, and is the sum of its rows there.
func later(buckets []usage.Bucket, rows []tallied) []usage.Bucket {
	all := make([]usage.Bucket, 0, len(buckets)+len(rows))
	at := make(map[*usage.Combination]int, len(rows)) // where a combination stands
	for _, row := range rows {
		if i, known := at[row.of]; known {
			all[i].Counts = sum(all[i].Counts, row.Counts)
			continue
		}
		at[row.of] = len(all)
		all = append(all, usage.Bucket{Of: row.of, Counts: row.Counts})
	}
	for _, b := range buckets {
		if _, known := at[b.Of]; !known {
			all = append(all, b)
		}
	}
	return all
}

// Minutes are those from the first to the last bucket that was shown, oldest first,
// as read at that time, and what was odd about them in whole sentences. The rows
// are used up.
func (s *Saved) Minutes(readAt time.Time) ([]usage.Minute, []string) {
	t, buckets := s.tally, s.minutes
	s.tally, s.minutes = nil, nil
	if t == nil || t.first.IsZero() {
		return nil, nil
	}
	minutes := make([]usage.Minute, 0, int(t.last.Sub(t.first)/time.Minute)+1)
	for start := t.first; !start.After(t.last); start = start.Add(time.Minute) {
		minutes = append(minutes, usage.Minute{
			Start: start, ReadAt: readAt, Source: s.Source, Buckets: buckets[int32(start.Sub(t.from)/time.Minute)],
		})
	}
	return minutes, t.notes()
}

// saved is a file's content as an answer: bounded by value, not as a whole.
func saved(r io.Reader) *body {
	return &body{from: r, left: 1 << 40, value: maxValue}
}

// ReadLimits reads a saved answer about limits: of a workspace, or of the
// organization if workspaceID is empty.
func ReadLimits(r io.Reader, workspaceID string) (usage.Reading, error) {
	reading := usage.Reading{WorkspaceID: workspaceID}
	b := saved(r)
	_, err := readPage(b, func(d *json.Decoder) error {
		e, err := readEntry(d, workspaceID)
		if err == nil {
			reading.Entries, err = addEntry(reading.Entries, e)
		}
		return err
	})
	if err != nil {
		return usage.Reading{}, b.explain(err)
	}
	return reading, nil
}

// ReadOrganization reads a saved answer that says whose key it was.
func ReadOrganization(r io.Reader) (usage.Organization, error) {
	var o wireOrganization
	b := saved(r)
	if err := readObject(b, &o); err != nil {
		return usage.Organization{}, b.explain(err)
	}
	return o.organization()
}

// ReadWorkspaces reads a saved list of workspaces. The default one is known by its
// name, where no other has it.
func ReadWorkspaces(r io.Reader) ([]usage.Workspace, error) {
	var all []usage.Workspace
	named := 0
	b := saved(r)
	_, err := readPage(b, func(d *json.Decoder) error {
		_, w, err := readWorkspace(d)
		if w.Name == defaultName {
			named++
		}
		all = append(all, w)
		return err
	})
	if err != nil {
		return nil, b.explain(err)
	}
	for i := range all {
		all[i].Default = named == 1 && all[i].Name == defaultName
	}
	return all, nil
}
