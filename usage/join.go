package usage

import (
	"iter"
	"math"
	"slices"
	"time"
)

// Join puts what was used beside what was allowed: one series for each limit in
// force at w.At whose use some report shows, whether anything was used or not.
// The organization's series are of all its workspaces. A workspace has a series
// only where it has a limit of its own, and the lower of its value and the
// organization's for the same limiter counts, minute by minute; limits of
// different limiters never stand in for each other.
//
// Minutes come ordered by start, each start and source at most once, those that
// were never read left out, and reach back [Lookback] beyond w.From; their buckets
// need only be valid until the next one is asked for. w.From and w.To are whole
// minutes. [Merge] says which readings count; groups count the models that
// belonged to them in that minute.
//
// Used is NaN unless the minute was read and reported; a final minute is zero
// where nothing was used. Requests are NaN where they were not counted. Of
// tokens_per_day it is the sum over the 24 hours up to the end of the minute, NaN
// if fewer than nine tenths of those minutes are known, or this one is not.
// Limit is NaN in minutes in which no limit was in force.
//
// Series come sorted by workspace, group and limiter; their points share memory.
func Join(w Window, minutes iter.Seq[Minute], limits Limits, org Organization) ([]Series, Unmatched) {
	j := newJoin(w, limits, org)
	for m := range Merge(w, minutes) {
		j.add(m)
	}
	j.finish()
	j.notes.usage(j.counter)
	return j.series, j.notes.sorted()
}

// join is one call of Join under way.
type join struct {
	window  Window
	minutes int
	series  []Series
	counter *counter
	ledger  *ledger
	days    *days
	// How well the minutes are known, by tokens and by requests.
	tokens, requests coverage
	notes            notes
}

// newJoin makes the series, with their limits and nothing used.
func newJoin(w Window, limits Limits, org Organization) *join {
	minutes := max(0, int(w.To.Sub(w.From)/time.Minute))
	j := &join{
		window: w, minutes: minutes,
		notes: notes{groups: limits.Groups, labels: GroupLabels(limits.Groups)},
	}
	organization := make(map[limitKey]history)
	var own []history
	for _, h := range histories(limits.Limits) {
		if h[0].WorkspaceID == "" {
			organization[h.key()] = h
		}
		if l, ok := h.at(w.At); ok && j.notes.observable(l) {
			own = append(own, h)
		}
	}
	points := make([]Point, minutes*len(own))
	j.series = make([]Series, len(own))
	named := newNames(org, j.notes.labels)
	for i, h := range own {
		s := &j.series[i]
		s.Points = points[i*minutes : (i+1)*minutes : (i+1)*minutes]
		s.From = w.From
		s.ID = ID{org.ID, h[0].WorkspaceID, h[0].GroupID, h[0].Limiter}
		s.Labels = named.labels(s.ID)
		s.limit(w, h, organization[h.key()])
	}
	j.columns(limits.Members)
	return j
}

// limit writes the limits of a series: h is its own values, organization the
// organization's for the same group and limiter, which may be empty.
func (s *Series) limit(w Window, h, organization history) {
	for i := range s.Points {
		s.Points[i] = Point{Used: math.NaN(), Limit: math.NaN()}
	}
	s.Override = s.ID.WorkspaceID != ""
	s.OwnLimit, s.OrganizationLimit = math.NaN(), math.NaN()
	if l, ok := organization.at(w.At); ok {
		s.OrganizationLimit = float64(l.Value)
	}
	s.Assumed = h.fill(s.Points, w.From)
	if s.Override {
		l, _ := h.at(w.At)
		s.OwnLimit = float64(l.Value)
		lowered := organization.lower(s.Points, w.From)
		s.Assumed = s.Assumed || lowered
	}
}

// columns makes the sums that fill the series.
func (j *join) columns(members []Membership) {
	var minute, day []entry
	j.counter = newCounter(j.window.From, span{0, int32(j.minutes)}, members)
	for i := range j.series {
		s := &j.series[i]
		kind, _ := s.ID.Limiter.sum()
		to := &minute
		if s.ID.Limiter == TokensPerDay {
			to = &day
		}
		e := entry{points: s.Points, divisor: 1, requests: kind == sumRequests}
		if period := s.ID.Limiter.Period(); period < time.Minute {
			e.divisor = float64(time.Minute / period)
		}
		sc := scope{s.ID.WorkspaceID, s.ID.GroupID}
		j.counter.add(sc, column{int32(len(*to)), s.ID.Limiter, kind})
		*to = append(*to, e)
		if kind == sumTokens {
			s.WithCacheReads = slices.Repeat([]float64{math.NaN()}, j.minutes)
			e.extra = s.WithCacheReads
			j.counter.add(sc, column{int32(len(*to)), s.ID.Limiter, sumAllTokens})
			*to = append(*to, e)
		}
	}
	j.ledger, j.days = newLedger(minute), newDays(day, j.minutes)
	before := j.days.lookback()
	j.counter.minutes.from = -int32(before)
	j.tokens, j.requests = newCoverage(before, j.minutes), newCoverage(before, j.minutes)
}

// add adds what one minute used.
func (j *join) add(m Merged) {
	i := int(minuteIndex(j.window.From, m.Start))
	if i < -j.tokens.before || i >= j.minutes {
		return
	}
	tokens, requests := j.window.grade(m.Tokens), j.window.grade(m.Requests)
	j.tokens.set(i, tokens)
	j.requests.set(i, requests)
	if i < 0 {
		j.addBefore(m.Tokens, i)
		return
	}
	row := j.ledger.row(i, tokens, requests)
	if m.Tokens != nil {
		j.addTokens(row, m, i)
	}
	if m.Requests != nil && m.Requests != m.Tokens {
		j.addRequests(row, m.Requests, i)
	}
}

// finish writes the sums to the series and says which of them are final.
func (j *join) finish() {
	j.ledger.flush()
	tokens, requests := j.tokens.settled(), j.requests.settled()
	for i := range j.minutes {
		if i < tokens && !j.tokens.known(i, tokens) {
			j.ledger.forget(i, false)
		}
		if i < requests && !j.requests.known(i, requests) {
			j.ledger.forget(i, true)
		}
	}
	j.days.flush(j.tokens)
	for k := range j.series {
		s := &j.series[k]
		s.Settled = pick(s.ID.Limiter == RequestsPerMinute, requests, tokens)
	}
}

// addBefore adds a minute before the window, which only days look at; it may be nil.
func (j *join) addBefore(m *Minute, i int) {
	if m == nil {
		return
	}
	for k := range m.Buckets {
		b := &m.Buckets[k]
		if t := j.counter.targets(b.Of); len(t.days) > 0 && !t.excluded(m.Source) {
			a := amounts(&b.Counts)
			j.days.post(t.days, &a, i)
		}
	}
}

// addTokens adds tokens and web searches, and requests if they come from the
// same reading.
func (j *join) addTokens(row []float64, m Merged, i int) {
	for k := range m.Tokens.Buckets {
		b := &m.Tokens.Buckets[k]
		t := j.counter.targets(b.Of)
		if t.excluded(m.Tokens.Source) {
			j.notes.outside = true
			continue
		}
		a := amounts(&b.Counts)
		// Code execution has no model, and uses no tokens.
		if !t.inGroup && (t.of.Model != "" || a[sumAllTokens] > 0) {
			t.look(int32(i))
		}
		post(row, t.tokens, &a, int32(i))
		if m.Requests == m.Tokens {
			post(row, t.requests, &a, int32(i))
		}
		j.days.post(t.days, &a, i)
	}
}

// addRequests adds requests that come from another reading than tokens do.
func (j *join) addRequests(row []float64, m *Minute, i int) {
	for k := range m.Buckets {
		b := &m.Buckets[k]
		if t := j.counter.targets(b.Of); !t.excluded(m.Source) {
			a := amounts(&b.Counts)
			post(row, t.requests, &a, int32(i))
		}
	}
}
