package fetch

import (
	"fmt"
	"slices"
	"time"

	"alerter/usage"
)

// tally collects the rows of a query's pages until they are minutes.
type tally struct {
	from    time.Time
	minutes int
	names   names
	rows    []tallied
	newest  int // the newest minute with a row, or -1
	skipped int
	remarks []remark
	// The first and the last bucket that was shown, with rows or without; zero: none.
	first, last time.Time
}

// cover notes that a bucket was shown.
func (t *tally) cover(start time.Time) {
	if t.first.IsZero() || start.Before(t.first) {
		t.first = start
	}
	if start.After(t.last) {
		t.last = start
	}
}

// tallied is a row that was read.
type tallied struct {
	minute int32
	page   int32
	of     *usage.Combination
	usage.Counts
}

// remark is something that was odd about rows, told once with the first of them.
type remark struct {
	what  string
	first string
	rows  int
}

func newTally(from, to time.Time) *tally {
	return &tally{from: from, minutes: int(to.Sub(from) / time.Minute), names: newNames(), newest: -1}
}

// mark is a place to return to when a page turns out to be broken.
type mark struct {
	rows, newest, skipped int
	remarks               []remark
}

func (t *tally) mark() mark {
	return mark{rows: len(t.rows), newest: t.newest, skipped: t.skipped, remarks: slices.Clone(t.remarks)}
}

func (t *tally) rollBack(m mark) {
	t.rows, t.newest, t.skipped, t.remarks = t.rows[:m.rows], m.newest, m.skipped, slices.Clone(m.remarks)
}

// add keeps a row, or leaves it out and says why.
func (t *tally) add(start time.Time, page int, of *usage.Combination, w *wireCounts) {
	minute := int(start.Sub(t.from) / time.Minute)
	switch {
	case start.Before(t.from) || minute >= t.minutes:
		t.leaveOut("for lying outside the time that was asked for", start)
		return
	case w.impossible():
		t.leaveOut("for a number that is negative or impossibly large", start)
		return
	}
	counts, adds := w.counts()
	if !adds {
		t.remark("rows whose total_tokens is not the sum of the known kinds of tokens, so that the API may count a new kind", start)
	}
	t.rows = append(t.rows, tallied{minute: int32(minute), page: int32(page), of: of, Counts: counts})
	t.newest = max(t.newest, minute)
}

func (t *tally) leaveOut(why string, start time.Time) {
	t.skipped++
	t.remark("rows left out "+why, start)
}

func (t *tally) remark(what string, start time.Time) {
	for i := range t.remarks {
		if t.remarks[i].what == what {
			t.remarks[i].rows++
			return
		}
	}
	t.remarks = append(t.remarks, remark{what: what, first: start.Format(time.RFC3339), rows: 1})
}

// newestStart is the start of the newest minute with a row; zero without any.
func (t *tally) newestStart() time.Time {
	if t.newest < 0 {
		return time.Time{}
	}
	return t.from.Add(time.Duration(t.newest) * time.Minute)
}

// notes are the remarks in words.
func (t *tally) notes() []string {
	var notes []string
	for _, r := range t.remarks {
		notes = append(notes, fmt.Sprintf("%s: %d, the first of %s", r.what, r.rows, r.first))
	}
	return notes
}

// split makes the minutes, one for each of the span, oldest first. The rows are
// used up.
func (t *tally) split(kind usage.SourceKind, readAt time.Time) []usage.Minute {
	slices.SortStableFunc(t.rows, func(a, b tallied) int { return int(a.minute - b.minute) })
	all := make([]usage.Bucket, 0, len(t.rows)) // one block of memory for all minutes
	minutes := make([]usage.Minute, t.minutes)
	at := map[*usage.Combination]int{} // where a combination first stands in rows
	next := 0
	for i := range minutes {
		begin := len(all)
		clear(at)
		for ; next < len(t.rows) && int(t.rows[next].minute) == i; next++ {
			all = t.join(all, begin, next, at)
		}
		minutes[i] = usage.Minute{Start: t.from.Add(time.Duration(i) * time.Minute), ReadAt: readAt, Source: kind}
		if len(all) > begin {
			minutes[i].Buckets = all[begin:len(all):len(all)]
		}
	}
	t.rows = nil
	return minutes
}

// join adds row i to its minute, whose buckets begin at begin.
func (t *tally) join(all []usage.Bucket, begin, i int, at map[*usage.Combination]int) []usage.Bucket {
	row := t.rows[i]
	known, ok := at[row.of]
	if !ok {
		at[row.of] = i
		return append(all, usage.Bucket{Of: row.of, Counts: row.Counts})
	}
	// Pages are separate queries over moving data. A row that another one pushed
	// over the edge of its page comes again on the next page, and is not more usage.
	if earlier := t.rows[known]; earlier.page != row.page && earlier.Counts == row.Counts {
		t.leaveOut("for coming again on a later page", t.from.Add(time.Duration(row.minute)*time.Minute))
		return all
	}
	for b := begin; b < len(all); b++ {
		if all[b].Of == row.of {
			all[b].Counts = sum(all[b].Counts, row.Counts)
		}
	}
	return all
}

// sum adds two rows of one combination. What one of them does not know, the sum
// does not know.
func sum(a, b usage.Counts) usage.Counts {
	requests := a.Requests + b.Requests
	if a.Requests == usage.RequestsUnknown || b.Requests == usage.RequestsUnknown {
		requests = usage.RequestsUnknown
	}
	return usage.Counts{
		Requests:      requests,
		UncachedInput: a.UncachedInput + b.UncachedInput,
		CacheWrite5m:  a.CacheWrite5m + b.CacheWrite5m,
		CacheWrite1h:  a.CacheWrite1h + b.CacheWrite1h,
		CacheRead:     a.CacheRead + b.CacheRead,
		Output:        a.Output + b.Output,
		WebSearches:   a.WebSearches + b.WebSearches,
	}
}
