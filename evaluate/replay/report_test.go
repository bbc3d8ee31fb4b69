package replay_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/usage"
)

// used is a history of one group whose output follows the values, a minute each.
func used(values ...int64) replay.History {
	h := walk(1, 1, len(values), 1)
	of := &usage.Combination{Model: "model-0", WorkspaceID: "wrkspc_0", ServiceTier: "standard", Speed: "standard"}
	h.Minutes = nil
	for i, v := range values {
		h.Minutes = append(h.Minutes, usage.Minute{
			Start: day.Add(time.Duration(i) * time.Minute), Source: usage.SourceAnalytics,
			Buckets: []usage.Bucket{{Of: of, Counts: usage.Counts{Output: v}}},
		})
	}
	return h
}

// ramp is quiet for half an hour, nearly full for 25 minutes, over the limit for ten minutes, quiet again.
func ramp() replay.History {
	return used(slices.Concat(slices.Repeat([]int64{100}, 30), slices.Repeat([]int64{960}, 25),
		slices.Repeat([]int64{1000, 1200}, 5), slices.Repeat([]int64{100}, 85))...)
}

func clock(minutes int) time.Time { return day.Add(time.Duration(minutes) * time.Minute) }

func TestAReportTellsEpisodesMessagesAndMinutesByTheClock(t *testing.T) {
	t.Parallel()
	h := ramp()
	done := 0
	r := replay.Collect(replay.Run(h, shipped, tree, h.Span()), h.Span(), func(n int) { done = n })
	if done != 150 || r.Ticks != 150 || r.Series != 3 {
		t.Errorf("got %d steps told, %d counted, %d series, want 150, 150 and 3", done, r.Ticks, r.Series)
	}
	// 0.96 in n minutes is 0.96 n/(n+1): info at 3, warning at 8; 0.93 needs the minutes at 1.
	end := clock(98) // the last window with three full minutes ends at 76; 15 minutes and a step after that
	levels := []replay.LevelReached{{Severity: evaluate.Info, At: clock(38)}, {Severity: evaluate.Warning, At: clock(43)}, {Severity: evaluate.Critical, At: clock(64)}}
	if len(r.Episodes) != 1 || len(r.LimitMinutes) != 10 {
		t.Fatalf("got %d episodes and %d minutes at the limit, want 1 and 10:\n%+v", len(r.Episodes), len(r.LimitMinutes), r.Episodes)
	}
	e := r.Episodes[0]
	if diff := cmp.Diff(levels, e.Levels); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
	if e.Severity != evaluate.Critical || !e.FiredAt.Equal(clock(38)) || e.ResolvedAt == nil || e.Withdrawn {
		t.Errorf("got %+v, want a critical episode from %s to about %s", e, clock(38), end)
	}
	var told []string
	for _, n := range r.Notifications {
		told = append(told, n.At.Format("15:04 ")+string(n.Reason)+" "+n.Receivers[0])
	}
	want := []string{"00:43 fired console", "01:04 escalated console", e.ResolvedAt.Format("15:04") + " resolved console"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("notifications (-want +got):\n%s", diff)
	}
	// The bucket takes 1.00 and 1.20 in turn: three quarters of it are gone after the eighth of these minutes.
	reached := []replay.LimitReached{{Labels: e.Labels, At: clock(70), From: clock(62), To: clock(65)}}
	if diff := cmp.Diff(reached, r.LimitReached); diff != "" {
		t.Errorf("times at the limit (-want +got):\n%s", diff)
	}
	first := r.LimitMinutes[0]
	if !first.Minute.Equal(clock(55)) || !first.At.Equal(clock(61)) || first.Utilization != 1 {
		t.Errorf("got %+v, want the minute 00:55 seen at 01:01", first)
	}
	if want := (replay.Summary{Fired: 1, Notified: 3, MinutesAtLimit: 10}); r.Summary != want {
		t.Errorf("got %+v, want %+v", r.Summary, want)
	}
}

func TestScoresSayWhatWasForetold(t *testing.T) {
	t.Parallel()
	h := ramp()
	r := replay.Collect(replay.Run(h, shipped, tree, h.Span()), h.Span(), nil)
	got := r.Scores(shipped)
	if len(got) != 1 {
		t.Fatalf("got %+v, want one line", got)
	}
	s := got[0]
	s.Lasted, s.Labels = 0, replay.Labels{}
	foretold := replay.Judgement{Right: 1, Lead: 19 * time.Minute}
	want := replay.Score{
		Alertname: "LimitPressure", Fired: 1, Notified: 3, MinutesAtLimit: 10, TimesAtLimit: 1, Judged: true, Judgement: foretold,
		Levels: []replay.LevelJudgement{
			{Severity: evaluate.Warning, Level: 0.85, Judgement: foretold},
			{Severity: evaluate.Critical, Level: 0.93, Judgement: replay.Judgement{Missed: 1}}, // told during it
		},
	}
	if diff := cmp.Diff(want, s, cmpopts.IgnoreUnexported(replay.Judgement{})); diff != "" {
		t.Errorf("score (-want +got):\n%s", diff)
	}
}

func TestWrongAndMissedAreCounted(t *testing.T) {
	t.Parallel()
	// A plateau that stays below the limit, and two hours later one minute that does not.
	h := used(slices.Concat(slices.Repeat([]int64{950}, 25), slices.Repeat([]int64{100}, 180), []int64{1800}, slices.Repeat([]int64{100}, 20))...)
	r := replay.Collect(replay.Run(h, shipped, tree, h.Span()), h.Span(), nil)
	got := r.Scores(shipped)
	if len(got) != 1 || got[0].Right != 0 || got[0].Wrong != 1 || got[0].Missed != 1 || got[0].Lead != 0 {
		t.Errorf("got %+v, want one wrong and one missed", got)
	}
}

func TestAWarningWhoseHourIsNotOverIsNeitherRightNorWrong(t *testing.T) {
	t.Parallel()
	judged := func(h replay.History) replay.Judgement {
		r := replay.Collect(replay.Run(h, shipped, tree, h.Span()), h.Span(), nil)
		s := r.Scores(shipped)
		if len(s) != 1 {
			t.Fatalf("got %+v, want one line", s)
		}
		return s[0].Judgement
	}
	// The warnings go at 00:43 or 00:44, and the last minute of its hour is shown at 01:48.
	calm := slices.Concat(slices.Repeat([]int64{100}, 30), slices.Repeat([]int64{950}, 25))
	full := slices.Concat(slices.Repeat([]int64{100}, 30), slices.Repeat([]int64{960}, 25), slices.Repeat([]int64{1000, 1200}, 5))
	to := func(minutes int, values []int64) replay.History {
		return used(slices.Concat(values, slices.Repeat([]int64{100}, minutes-len(values)))...)
	}
	for name, c := range map[string]struct {
		h    replay.History
		want replay.Judgement
	}{
		"not reached, known so far":      {to(100, calm), replay.Judgement{Undecided: 1}},
		"not reached, known to the end":  {to(130, calm), replay.Judgement{Wrong: 1}},
		"reached, and the hour goes on":  {to(100, full), replay.Judgement{Undecided: 1, Lead: 19 * time.Minute}},
		"reached, and the hour is known": {to(130, full), replay.Judgement{Right: 1, Lead: 19 * time.Minute}},
	} {
		if diff := cmp.Diff(c.want, judged(c.h), cmpopts.IgnoreUnexported(replay.Judgement{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Before the first hour nobody could have been warned: nothing is known of it.
func TestATimeAtTheLimitInTheFirstHourIsNotMissed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		quiet int // minutes before
		want  replay.Judgement
	}{
		"in the first hour": {50, replay.Judgement{Early: 1}},
		"after it":          {70, replay.Judgement{Missed: 1}},
	} {
		h := used(slices.Concat(slices.Repeat([]int64{100}, c.quiet), []int64{1800}, slices.Repeat([]int64{100}, 90))...)
		deaf := []evaluate.Rule{{Alert: "Deaf", Condition: evaluate.Threshold{Warning: 1.9, Over: 5 * minute}}}
		r := replay.Collect(replay.Run(h, deaf, tree, h.Span()), h.Span(), nil)
		s := r.Scores(deaf)
		if len(s) != 1 {
			t.Fatalf("%s: got %+v, want one line", name, s)
		}
		if diff := cmp.Diff(c.want, s[0].Judgement, cmpopts.IgnoreUnexported(replay.Judgement{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if total := r.Total("Deaf", deaf); total.Early != c.want.Early || total.TimesAtLimit != 1 {
			t.Errorf("%s: got %+v in all, want the same", name, total)
		}
	}
}

func TestALimitThatNobodyWatchesIsMissed(t *testing.T) {
	t.Parallel()
	h := ramp()
	rules := shipped[1:] // none that foretells
	r := replay.Collect(replay.Run(h, rules, tree, h.Span()), h.Span(), nil)
	got := r.Scores(rules)
	if len(got) != 1 || got[0].Alertname != "" || got[0].Missed != 1 || got[0].MinutesAtLimit != 10 || got[0].Levels != nil {
		t.Errorf("got %+v, want one line without a rule and one missed", got)
	}
}

func TestARuleThatLooksAndNeverFiresMisses(t *testing.T) {
	t.Parallel()
	h := ramp()
	deaf := evaluate.Rule{Alert: "Deaf", Condition: evaluate.Threshold{Warning: 1.9, Over: 5 * minute}}
	elsewhere := evaluate.Rule{Alert: "Elsewhere", Condition: deaf.Condition, Match: evaluate.Match{Limiter: []string{"requests_*"}}}
	rules := []evaluate.Rule{deaf, elsewhere, shipped[0]}
	r := replay.Collect(replay.Run(h, rules, tree, h.Span()), h.Span(), nil)
	var got []string
	for _, s := range r.Scores(rules) {
		got = append(got, fmt.Sprint(s.Alertname, " right ", s.Right, ", missed ", s.Missed, " of ", s.TimesAtLimit))
	}
	if diff := cmp.Diff([]string{"Deaf right 0, missed 1 of 1", "LimitPressure right 1, missed 0 of 1"}, got); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
}

func TestACalendarShowsTheWorstOfEachStretch(t *testing.T) {
	t.Parallel()
	h := ramp()
	r := replay.Collect(replay.Run(h, shipped, tree, h.Span()), h.Span(), nil)
	got := r.Calendar(10 * time.Minute)
	// Info at 38, warning at 43, at the limit from 62 to 65; it is over when it is resolved.
	over := r.Episodes[0].ResolvedAt.Sub(day) / (10 * time.Minute)
	want := make([]replay.Mark, 15)
	copy(want[3:], []replay.Mark{replay.Watched, replay.Warned, replay.Warned, replay.Full})
	for i := 7; i <= int(over); i++ {
		want[i] = replay.Warned
	}
	changes := r.Episodes[0].Changes
	if eased := changes[len(changes)-1]; eased.Severity == evaluate.Info {
		for i := int(eased.At.Sub(day)/(10*time.Minute)) + 1; i <= int(over); i++ {
			want[i] = replay.Watched
		}
	}
	if len(got) != 1 {
		t.Fatalf("got %+v, want one limit", got)
	}
	if diff := cmp.Diff(want, got[0].Marks); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
}

func TestWhatHasNoGroupIsNamed(t *testing.T) {
	t.Parallel()
	h := ramp()
	h.Minutes[3].Buckets[0].Of = &usage.Combination{Model: "model-of-tomorrow", WorkspaceID: "wrkspc_0", ServiceTier: "standard", Speed: "standard"}
	got := h.Unmatched().Models
	if len(got) != 1 || got[0].Model != "model-of-tomorrow" {
		t.Errorf("got %+v, want the model that no group lists", got)
	}
}

func TestWhatHasNoGroupIsNamedOnceOverALongHistory(t *testing.T) {
	t.Parallel()
	h := walk(3, 1, 3*24*60, 1)
	for _, minute := range []int{10, 2000, 4000} {
		h.Minutes[minute].Buckets = []usage.Bucket{{Of: &usage.Combination{Model: "model-of-tomorrow", ServiceTier: "standard", Speed: "standard", Product: "messages_api", WorkspaceID: "wrkspc_0"}, Counts: usage.Counts{Output: 5}}}
	}
	h.Minutes[3000].Buckets = []usage.Bucket{{Of: &usage.Combination{Model: "another", ServiceTier: "standard", Speed: "standard", Product: "messages_api", WorkspaceID: "wrkspc_0"}, Counts: usage.Counts{Output: 5}}}
	var got []string
	for _, m := range h.Unmatched().Models {
		got = append(got, m.Model)
	}
	if diff := cmp.Diff([]string{"another", "model-of-tomorrow"}, got); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
}
