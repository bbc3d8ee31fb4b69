package fetch

import (
	"cmp"
	"encoding/json"
	"errors"
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

	tally *tally
	pages int
}

// Read reads one page.
func (s *Saved) Read(r io.Reader) error {
	if s.tally == nil {
		s.tally = newTally(savedFrom, savedTo)
	}
	b := saved(r)
	rows := readAnalyticsRow(b, s.tally, s.pages)
	if s.Source == usage.SourceReport {
		rows = readReportBucket(b, s.tally, s.pages, s.DefaultWorkspaceID)
	}
	s.pages++
	if _, err := readPage(b, rows); err != nil {
		return b.explain(err)
	}
	return nil
}

// Minutes are those from the first to the last bucket that was shown, oldest first,
// as read at that time, and what was odd about them in whole sentences. The rows
// are used up.
func (s *Saved) Minutes(readAt time.Time) ([]usage.Minute, []string) {
	t := s.tally
	s.tally = nil
	if t == nil || t.first.IsZero() {
		return nil, nil
	}
	slices.SortStableFunc(t.rows, func(a, b tallied) int {
		return cmp.Or(cmp.Compare(a.minute, b.minute), cmp.Compare(b.page, a.page)) // the later page first
	})
	var minutes []usage.Minute
	next := 0
	for start := t.first; !start.After(t.last); start = start.Add(time.Minute) {
		i := int32(start.Sub(t.from) / time.Minute)
		m := usage.Minute{Start: start, ReadAt: readAt, Source: s.Source}
		from := map[*usage.Combination]int32{} // the page that a combination is taken from
		for ; next < len(t.rows) && t.rows[next].minute <= i; next++ {
			m.Buckets = takeRow(m.Buckets, t.rows[next], from)
		}
		minutes = append(minutes, m)
	}
	return minutes, t.notes()
}

// takeRow adds a row to a minute, unless its combination is there from a later page.
func takeRow(buckets []usage.Bucket, row tallied, from map[*usage.Combination]int32) []usage.Bucket {
	page, known := from[row.of]
	switch {
	case !known:
		from[row.of] = row.page
		return append(buckets, usage.Bucket{Of: row.of, Counts: row.Counts})
	case page == row.page:
		for i := range buckets {
			if buckets[i].Of == row.of {
				buckets[i].Counts = sum(buckets[i].Counts, row.Counts)
			}
		}
	}
	return buckets
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
	var o struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	b := saved(r)
	if err := readObject(b, &o); err != nil {
		return usage.Organization{}, b.explain(err)
	}
	if o.ID == "" {
		return usage.Organization{}, errors.New("the organization has no id")
	}
	return usage.Organization{ID: o.ID, Name: o.Name}, nil
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
