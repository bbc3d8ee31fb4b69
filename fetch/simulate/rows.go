package simulate

import (
	"cmp"
	"slices"
	"time"
)

// line is a row on its way out: a bucket, a group and what there is to say.
type line[T any] struct {
	from, to time.Time
	group    int32
	measure  int64 // what it is ordered by
	body     T
}

// bucketLines makes the lines of one bucket, in any order.
type bucketLines[T any] func(from, to time.Time) []line[T]

// pageOf returns one page of a report and the cursor of the next, or "".
func pageOf[T any](q *query, keys []labels, of bucketLines[T]) ([]line[T], string) {
	if q.order == orderByTime {
		return byTime(q, keys, of)
	}
	var all []line[T]
	if q.width == 0 {
		all = of(q.from, q.to)
	} else {
		for b := q.from; b.Before(q.to); b = b.Add(q.width) {
			all = append(all, of(b, b.Add(q.width))...)
		}
	}
	sortLines(all, keys, q.ascending)
	skip := 0
	if q.cursor != nil {
		skip = min(q.cursor.Skip, len(all))
	}
	all = all[skip:]
	if len(all) <= q.limit {
		return all, ""
	}
	return all[:q.limit], cursor{Params: q.print, Skip: skip + q.limit}.String()
}

// byTime walks the buckets in order, from where the cursor points, so that a
// page costs what is on it. Inside a bucket the largest come first.
func byTime[T any](q *query, keys []labels, of bucketLines[T]) ([]line[T], string) {
	n := int((q.to.Sub(q.from) + q.width - 1) / q.width)
	start := func(i int) time.Time {
		if !q.ascending {
			i = n - 1 - i
		}
		return q.from.Add(time.Duration(i) * q.width)
	}
	first, skip := 0, 0
	if q.cursor != nil {
		skip = q.cursor.Skip
		for first < n && start(first).Unix() != q.cursor.At {
			first++
		}
	}
	var page []line[T]
	for i := first; i < n; i++ {
		lines := of(start(i), start(i).Add(q.width))
		sortLines(lines, keys, false)
		lines = lines[min(skip, len(lines)):]
		if room := q.limit - len(page); len(lines) > room {
			return append(page, lines[:room]...), cursor{Params: q.print, At: start(i).Unix(), Skip: skip + room}.String()
		}
		page, skip = append(page, lines...), 0
	}
	return page, ""
}

func sortLines[T any](lines []line[T], keys []labels, ascending bool) {
	slices.SortFunc(lines, func(a, b line[T]) int {
		order := cmp.Compare(b.measure, a.measure)
		if ascending {
			order = -order
		}
		if order == 0 {
			order = a.from.Compare(b.from)
		}
		switch {
		case order != 0 || a.group == b.group:
			return order
		case keys[a.group].less(keys[b.group]):
			return -1
		}
		return 1
	})
}
