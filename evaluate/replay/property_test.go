package replay_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/usage"
)

// same is how results are compared: what is not known equals itself.
var same = cmp.Options{
	cmpopts.EquateNaNs(), cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b evaluate.Number) bool { return a == b || !a.Known() && !b.Known() }),
}

// wild is a random history with all that histories may have: two reports, gaps,
// limits that change, limits of workspaces, limits per day, and any lag.
func wild(seed uint64) replay.History {
	r := rand.New(rand.NewPCG(seed, 2))
	h := walk(seed, 2, 500, 2)
	h.Lag, h.Settle = time.Duration(r.IntN(14))*time.Minute, time.Duration(r.IntN(9))*time.Minute
	h.Minutes = slices.DeleteFunc(h.Minutes, func(usage.Minute) bool { return r.IntN(20) == 0 })
	if r.IntN(3) == 0 {
		h.Source = usage.SourceReport
	}
	if r.IntN(2) == 0 {
		for _, m := range slices.Clone(h.Minutes) {
			other := usage.Minute{Start: m.Start, Source: usage.SourceReport}
			for _, b := range m.Buckets {
				b.Requests, b.Output = usage.RequestsUnknown, b.Output+1
				other.Buckets = append(other.Buckets, b)
			}
			h.Minutes = append(h.Minutes, other)
		}
	}
	own := usage.Reading{WorkspaceID: "wrkspc_1", Entries: reading(1, 400).Entries}
	h.Limits[0] = replay.LimitReading{At: day.Add(time.Duration(r.IntN(300)) * time.Minute), Readings: []usage.Reading{reading(2, 1000), own}}
	extra := []usage.Value{{Limiter: usage.TokensPerDay, Value: 100_000}, {Limiter: usage.TokensPerMinute, Value: 2000}, {Limiter: usage.FastOutputTokens, Value: 10}}
	entries := h.Limits[0].Readings[0].Entries
	entries[1].Limits = append(entries[1].Limits, extra...)
	for range r.IntN(4) {
		h.Limits = append(h.Limits, replay.LimitReading{
			At:       day.Add(time.Duration(300+r.IntN(200))*time.Minute + time.Duration(r.IntN(60))*time.Second),
			Readings: []usage.Reading{reading(1+r.IntN(2), 300+int64(r.IntN(5))*250), {WorkspaceID: "wrkspc_1", Entries: reading(r.IntN(2), 100+int64(r.IntN(1000))).Entries}},
		})
	}
	return h
}

// noted is the same history with the times its minutes were read at: early, late, again, or never.
func noted(h replay.History, seed uint64) replay.History {
	r := rand.New(rand.NewPCG(seed, 3))
	var all []usage.Minute
	for _, m := range h.Minutes {
		at := m.Start.Add(time.Minute)
		for range r.IntN(5) {
			at = at.Add(time.Duration(r.IntN(300)) * time.Second)
			m.ReadAt = at
			m.Buckets = slices.Clone(m.Buckets)[:r.IntN(len(m.Buckets)+1)]
			all = append(all, m)
		}
	}
	h.Minutes, h.Seen = all, true
	return h
}

// slow is what is known of a history at one moment, worked out anew from the
// beginning: by the plainest reading of what a history is.
func slow(h replay.History, at time.Time, back time.Duration) []usage.Series {
	w := usage.Window{At: at, To: at.Truncate(time.Minute), Settle: h.Settle, Prefer: h.Source, Reported: map[usage.SourceKind]time.Time{}}
	w.From = w.To.Add(-back)
	visible := map[usage.SourceKind]map[time.Time]usage.Minute{}
	see := func(m usage.Minute) {
		if m.ReadAt.After(at) {
			return
		}
		if visible[m.Source] == nil {
			visible[m.Source] = map[time.Time]usage.Minute{}
		}
		if old, ok := visible[m.Source][m.Start]; !ok || !m.ReadAt.Before(old.ReadAt) {
			visible[m.Source][m.Start] = m
		}
	}
	if !h.Seen {
		w.Settle = min(h.Settle, h.Lag)
	}
	for _, m := range h.Minutes {
		if h.Seen {
			see(m)
			continue
		}
		if visible[m.Source] == nil {
			visible[m.Source] = map[time.Time]usage.Minute{}
			for start := h.From; start.Before(h.To); start = start.Add(time.Minute) {
				see(usage.Minute{Start: start, ReadAt: start.Add(time.Minute + h.Lag), Source: m.Source})
			}
		}
		m.ReadAt = m.Start.Add(time.Minute + h.Lag)
		see(m)
	}
	var minutes []usage.Minute
	for source, of := range visible {
		for start, m := range of {
			if (len(m.Buckets) > 0 || !h.Seen) && start.After(w.Reported[source]) {
				w.Reported[source] = start
			}
			minutes = append(minutes, m)
		}
	}
	slices.SortFunc(minutes, func(a, b usage.Minute) int { return a.Start.Compare(b.Start) })
	if h.Seen {
		w.Progress = slowProgress(h, at)
	}
	known := slowLimits(h, at)
	series, _ := usage.Join(w, slices.Values(minutes), known, h.Organization)
	return series
}

// slowProgress is how far each report had come at a moment.
func slowProgress(h replay.History, at time.Time) map[usage.SourceKind]*usage.Progress {
	type key struct {
		source usage.SourceKind
		start  time.Time
	}
	shown, last := map[key]usage.Showing{}, map[key]usage.Minute{}
	readings := slices.DeleteFunc(slices.Clone(h.Minutes), func(m usage.Minute) bool { return m.ReadAt.After(at) })
	slices.SortStableFunc(readings, func(a, b usage.Minute) int { return a.ReadAt.Compare(b.ReadAt) })
	for _, m := range readings {
		k := key{m.Source, m.Start}
		one, shows := shown[k]
		switch before := last[k]; {
		case len(m.Buckets) == 0:
			delete(shown, k)
		case !shows:
			shown[k] = usage.Showing{Start: m.Start, First: m.ReadAt, Last: m.ReadAt}
		case !slices.Equal(before.Buckets, m.Buckets):
			one.Last = m.ReadAt
			shown[k] = one
		}
		last[k] = m
	}
	progress := map[usage.SourceKind]*usage.Progress{}
	for _, source := range []usage.SourceKind{usage.SourceAnalytics, usage.SourceReport} {
		var list []usage.Showing
		for k, one := range shown {
			if k.source == source {
				list = append(list, one)
			}
		}
		slices.SortFunc(list, func(a, b usage.Showing) int { return a.Start.Compare(b.Start) })
		progress[source] = usage.NewProgress(list, h.Settle)
	}
	return progress
}

// slowLimits are those known at a moment, with the first of each scope from the beginning.
func slowLimits(h replay.History, at time.Time) usage.Limits {
	all := slices.Clone(h.Limits)
	slices.SortStableFunc(all, func(a, b replay.LimitReading) int { return a.At.Compare(b.At) })
	known, _ := usage.Apply(usage.Limits{}, all[0].Readings, all[0].At)
	for _, l := range all[1:] {
		if !l.At.After(at) {
			known, _ = usage.Apply(known, l.Readings, l.At)
		}
	}
	return known
}

// inEachHistory runs a test in random histories, so many of those in which minutes
// are seen once and of those that say when they were seen.
func inEachHistory(t *testing.T, many uint64, test func(t *testing.T, seed uint64, h replay.History)) {
	t.Helper()
	for seed := range many {
		for _, h := range []replay.History{wild(seed), noted(wild(seed), seed)} {
			t.Run(fmt.Sprintf("seed %d, seen %t", seed, h.Seen), func(t *testing.T) {
				t.Parallel()
				test(t, seed, h)
			})
		}
	}
}

// Cutting what was joined at once gives what a join of its own would at each step.
func TestEachStepSeesWhatAJoinOfItsOwnWouldGive(t *testing.T) {
	t.Parallel()
	rules := append(slices.Clone(shipped), mean)
	inEachHistory(t, 3, func(t *testing.T, seed uint64, h replay.History) {
		r := rand.New(rand.NewPCG(seed, 4))
		for at, res := range replay.Run(h, rules, tree, h.Span()) {
			got := res.Facts[0].Series
			if r.IntN(40) != 0 || len(got) == 0 {
				continue // the slow way is slow
			}
			back := at.Truncate(time.Minute).Sub(got[0].From)
			if diff := cmp.Diff(slow(h, at, back), got, same); diff != "" {
				t.Fatalf("lag %s, settle %s: series at %s (-want +got):\n%s", h.Lag, h.Settle, at.Format(time.TimeOnly), diff)
			}
		}
	})
}

// Promise 1: the service looks at two hours; a replay looks at less where nothing
// older matters, and takes the same steps.
func TestAReplayTakesTheStepsThatTheServiceWould(t *testing.T) {
	t.Parallel()
	rules := append(slices.Clone(shipped), mean)
	inEachHistory(t, 3, func(t *testing.T, _ uint64, h replay.History) {
		service := replay.Play{Rules: rules, Tree: tree}
		fired := 0
		for at, got := range replay.Run(h, rules, tree, replay.Span{From: h.From, To: h.To, Every: 7 * time.Minute}) {
			facts := got.Facts[0]
			facts.Series = slow(h, at, 2*time.Hour+h.Settle)
			want := service.Step(at, at.Add(7*time.Minute), facts)
			want.Facts, got.Facts = nil, nil
			if diff := cmp.Diff(want, got, same); diff != "" {
				t.Fatalf("step at %s (-service +replay):\n%s", at.Format(time.TimeOnly), diff)
			}
			fired += len(got.Transitions)
		}
		if fired == 0 {
			t.Skip("nothing happened in this history")
		}
	})
}

// Promise 6: whatever is seen later changes nothing before.
func TestAPoisonedFutureChangesNothing(t *testing.T) {
	t.Parallel()
	rules := append(slices.Clone(shipped), mean)
	inEachHistory(t, 3, func(t *testing.T, seed uint64, h replay.History) {
		until := h.From.Add(time.Duration(320+seed*7)*time.Minute + 30*time.Second)
		poisoned := poison(h, until)
		next, stop := iter.Pull2(replay.RunEach(poisoned, several(rules), poisoned.Span()))
		defer stop()
		for at, want := range replay.RunEach(h, several(rules), replay.Span{From: h.From, To: until}) {
			at2, got, ok := next()
			if !ok || !at.Equal(at2) {
				t.Fatalf("got a step at %s (%t), want %s", at2, ok, at)
			}
			kept := 0
			if at.Minute()%29 == 0 {
				kept = 1
			}
			withoutFacts(kept, want, got)
			if diff := cmp.Diff(want, got, same); diff != "" {
				t.Fatalf("step at %s (-want +got):\n%s", at.Format(time.TimeOnly), diff)
			}
		}
	})
}

// several are plays as of a backtest that compares and sweeps: the rules as they are,
// another that looks back for longer, and the rules with one warning at another level.
func several(rules []evaluate.Rule) []*replay.Play {
	far := mean
	far.Condition = evaluate.Threshold{Warning: 0.3, Over: 70 * minute}
	plays := []*replay.Play{{Rules: rules, Tree: tree}, {Rules: []evaluate.Rule{far}, Tree: tree}}
	return append(plays, &replay.Play{Rules: replay.Variants(rules)[0].Rules, Tree: tree})
}

// withoutFacts leaves out all facts but those of the first few results: they share
// them, and comparing them is slow.
func withoutFacts(kept int, lists ...[]replay.Result) {
	for _, results := range lists {
		for i := range results[kept:] {
			results[kept+i].Facts = nil
		}
	}
}

// Promise 1: what is played beside others takes the steps that it takes alone.
func TestPlaysBesideEachOtherTakeTheStepsOfEachAlone(t *testing.T) {
	t.Parallel()
	rules := append(slices.Clone(shipped), mean)
	inEachHistory(t, 2, func(t *testing.T, _ uint64, h replay.History) {
		span := replay.Span{From: h.From, To: h.To, Every: 5 * time.Minute}
		want := make(map[time.Time][]replay.Result)
		for _, alone := range several(rules) {
			for at, res := range replay.Run(h, alone.Rules, alone.Tree, span) {
				want[at] = append(want[at], res)
			}
		}
		for at, got := range replay.RunEach(h, several(rules), span) {
			withoutFacts(0, want[at], got)
			if diff := cmp.Diff(want[at], got, same); diff != "" {
				t.Fatalf("step at %s (-alone +beside others):\n%s", at.Format(time.TimeOnly), diff)
			}
		}
	})
}

// poison makes everything that is seen after a moment absurd.
func poison(h replay.History, until time.Time) replay.History {
	h.Minutes, h.Limits = slices.Clone(h.Minutes), slices.Clone(h.Limits)
	of := &usage.Combination{Model: "model-0", WorkspaceID: "wrkspc_1", ServiceTier: "standard", Speed: "standard"}
	for i := range h.Minutes {
		m := &h.Minutes[i]
		seen := m.ReadAt
		if !h.Seen {
			seen = m.Start.Add(time.Minute + h.Lag)
		}
		if seen.After(until) {
			m.Buckets = []usage.Bucket{{Of: of, Counts: usage.Counts{Requests: 1e9, UncachedInput: 1e9, Output: 1e9}}}
		}
	}
	h.Limits = slices.DeleteFunc(h.Limits, func(l replay.LimitReading) bool { return l.At.After(until) })
	h.Limits = append(h.Limits, replay.LimitReading{At: until.Add(time.Second), Readings: []usage.Reading{reading(2, 1)}})
	return h
}
