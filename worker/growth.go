package worker

import (
	"time"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

const (
	wholeDay        = 24 * time.Hour
	wholeDayMinutes = int(wholeDay / time.Minute)
	// peakLook is how often days that lack their peaks are looked for.
	peakLook = time.Hour
)

// growth is how an organization's daily peaks grow, as the last step left it.
type growth struct {
	trends store.Trends
	look   time.Time // when to look next for a day that lacks its peaks
}

// grow reads the peaks of at most one day, the newest that lacks them, and how
// the peaks grow. So a day is read once it is over, and a past that is filled in
// is read day by day, without a step that takes long.
func (w *Worker) grow(tx *store.Tx, a *account, rules []evaluate.Rule, facts *usage.Facts, at time.Time) (growth, error) {
	g := a.grown()
	if !at.Before(g.look) || g.look.Sub(at) > peakLook { // further away: the clock was set back
		more, err := w.readPeaks(tx, a, facts, at)
		if err != nil {
			return g, err
		}
		if g.look = nextLook(at); more {
			g.look = at
		}
	}
	if !evaluate.LooksAtTrends(rules) {
		g.trends = store.Trends{}
		return g, nil
	}
	var err error
	g.trends, err = tx.Trends(facts.Organization.ID, at, g.trends)
	facts.Trends = g.trends.Of
	return g, err
}

// nextLook is when to look again where nothing is due.
func nextLook(at time.Time) time.Time { return at.Truncate(peakLook).Add(peakLook) }

// readPeaks reads the peaks of the newest day that lacks them, and reports
// whether there was one.
func (w *Worker) readPeaks(tx *store.Tx, a *account, facts *usage.Facts, at time.Time) (bool, error) {
	days, err := w.lackingPeaks(tx, a, facts, at)
	if err != nil {
		return false, err
	}
	for _, d := range days {
		if d.minutes == 0 { // nothing is known of it: so that it is not looked at each hour
			if err := tx.PutPeaks(facts.Organization.ID, d.day, at, 0, nil); err != nil {
				return false, err
			}
			continue
		}
		peaks, err := tx.DayPeaks(facts.Organization, d.day, at, facts.Settle)
		if err != nil {
			// A minute of yesterday that is damaged must not keep today's from being judged.
			w.Log.Warn().Err(err).Str("organization", a.label()).Time("next", nextLook(at)).Msg("daily peaks not read, will be tried again")
			return false, nil
		}
		return true, tx.PutPeaks(facts.Organization.ID, d.day, at, d.minutes, peaks)
	}
	return false, nil
}

// readDay is a day, and how many of its minutes are final.
type readDay struct {
	day     time.Time
	minutes int
}

// lackingPeaks are the days that are over and whose peaks have not been read, or of
// which more is known than then, newest first. Of days that the back-fill no longer
// reaches nothing more becomes known; what it may still fill in is waited for, of the
// report that tokens come from and of the one that counts requests, while it goes on.
func (w *Worker) lackingPeaks(tx *store.Tx, a *account, facts *usage.Facts, at time.Time) ([]readDay, error) {
	oldest, end := w.peakDays(facts, at)
	read, err := tx.PeakDays(facts.Organization.ID, oldest)
	if err != nil {
		return nil, err
	}
	reach := at.Add(-a.settings().Backfill)
	for ; oldest.Before(end); oldest = oldest.Add(wholeDay) {
		minutes, wasRead := read[oldest]
		if !wasRead || minutes < wholeDayMinutes && oldest.Add(2*wholeDay).After(reach) {
			break
		}
	}
	if !oldest.Before(end) {
		return nil, nil
	}
	awaited := map[usage.SourceKind]bool{usage.SourceAnalytics: a.awaitsRequests(at)}
	awaited[a.chosen().Kind] = true
	known, waiting, err := knownMinutes(tx, facts.Organization.ID, a.settings().Settle, store.Span{From: oldest, To: end}, func(kind usage.SourceKind, gap store.Span) bool {
		return awaited[kind] && gap.To.After(reach)
	})
	if err != nil {
		return nil, err
	}
	var days []readDay
	for day := end.Add(-wholeDay); !day.Before(oldest); day = day.Add(-wholeDay) {
		if minutes, wasRead := read[day]; !waiting[day] && (!wasRead || known[day] > minutes) {
			days = append(days, readDay{day, known[day]})
		}
	}
	return days, nil
}

// peakDays are the days that trends look at, from the oldest up to the end of the
// newest that is over and shown.
func (w *Worker) peakDays(facts *usage.Facts, at time.Time) (oldest, end time.Time) {
	end = at.Add(-usage.PeakDelay)
	for _, s := range facts.Sources {
		if s.DataAsOf.Before(end) {
			end = s.DataAsOf // the report does not show the rest yet
		}
	}
	end = end.Truncate(wholeDay)
	oldest = end.Add(-evaluate.TrendDays * wholeDay)
	if kept := at.Add(-w.Plan().Retention).Truncate(wholeDay).Add(wholeDay); oldest.Before(kept) {
		oldest = kept // of what is pruned nothing is missing, and nothing is known
	}
	return oldest, end
}

// knownMinutes is how many minutes of each day are final, by the report that knows
// most of them, and which days have a gap that may still be filled in.
func knownMinutes(
	tx *store.Tx, orgID string, settle time.Duration, over store.Span, mayFill func(usage.SourceKind, store.Span) bool,
) (known map[time.Time]int, waiting map[time.Time]bool, err error) {
	known, waiting = make(map[time.Time]int), make(map[time.Time]bool)
	for _, kind := range []usage.SourceKind{usage.SourceAnalytics, usage.SourceReport} {
		gaps, err := tx.Gaps(orgID, kind, over.From, over.To, settle)
		if err != nil {
			return nil, nil, err
		}
		missing := make(map[time.Time]time.Duration)
		for _, gap := range byDay(gaps) {
			day := gap.From.Truncate(wholeDay)
			missing[day] += gap.To.Sub(gap.From)
			waiting[day] = waiting[day] || mayFill(kind, gap)
		}
		for day := over.From; day.Before(over.To); day = day.Add(wholeDay) {
			known[day] = max(known[day], int((wholeDay-missing[day])/time.Minute))
		}
	}
	return known, waiting, nil
}

// byDay cuts gaps at midnight.
func byDay(gaps []store.Span) []store.Span {
	var out []store.Span
	for _, g := range gaps {
		for from := g.From; from.Before(g.To); {
			to := from.Truncate(wholeDay).Add(wholeDay)
			if to.After(g.To) {
				to = g.To
			}
			out = append(out, store.Span{From: from, To: to})
			from = to
		}
	}
	return out
}

// grown is what the last step left.
func (a *account) grown() growth {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.growth
}
