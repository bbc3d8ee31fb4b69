package usage_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"alerter/usage"
)

// world is what a join is given.
type world struct {
	window  usage.Window
	minutes []usage.Minute
	limits  usage.Limits
}

func (w world) join() ([]usage.Series, usage.Unmatched) { return join(w.window, w.minutes, w.limits) }

var limiters = []usage.Limiter{
	usage.RequestsPerMinute, usage.InputTokensCacheAware, usage.InputTokens, usage.OutputTokens, usage.TokensPerMinute,
	usage.FastInputTokensCacheAware, usage.FastOutputTokens,
}

// worlds draws a window of 20 minutes in which anything may be missing, late or odd.
func worlds(t *rapid.T) world {
	minute := func(name string, from, to int) time.Time {
		return at("10:00").Add(time.Duration(rapid.IntRange(from, to).Draw(t, name)) * time.Minute)
	}
	w := world{
		window: usage.Window{
			At: minute("at", 15, 30), From: at("10:00"), To: at("10:20"),
			Settle: time.Duration(rapid.IntRange(0, 8).Draw(t, "settle")) * time.Minute,
			Prefer: rapid.SampledFrom([]usage.SourceKind{usage.SourceAnalytics, usage.SourceReport}).Draw(t, "prefer"),
			Reported: map[usage.SourceKind]time.Time{
				usage.SourceAnalytics: minute("analytics reported", -1, 20), usage.SourceReport: minute("report reported", -1, 20),
			},
		},
		limits: drawLimits(t),
	}
	combinations := rapid.SliceOfN(rapid.Custom(drawCombination), 1, 6).Draw(t, "combinations")
	for start := w.window.From; start.Before(w.window.To); start = start.Add(time.Minute) {
		for _, source := range []usage.SourceKind{usage.SourceAnalytics, usage.SourceReport, usage.SourceKeys} {
			if rapid.IntRange(0, 3).Draw(t, "read") == 0 {
				continue
			}
			m := usage.Minute{Start: start, Source: source, ReadAt: start.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "lag")) * time.Minute)}
			for i := range combinations {
				if rapid.Bool().Draw(t, "used") {
					m.Buckets = append(m.Buckets, usage.Bucket{Of: &combinations[i], Counts: drawCounts(t)})
				}
			}
			w.minutes = append(w.minutes, m)
		}
	}
	return w
}

// drawLimits draws limits of two groups, of the organization and two workspaces,
// some of which changed; model m1 may have moved.
func drawLimits(t *rapid.T) usage.Limits {
	limits := usage.Limits{
		Groups: map[string]usage.Group{"g1": {ID: "g1", Type: usage.ModelGroup}, "g2": {ID: "g2", Type: usage.ModelGroup, Name: "Two"}},
		Members: []usage.Membership{
			{GroupID: "g1", Model: "m0"}, {GroupID: "g1", Model: "m1", Until: at("10:12")}, {GroupID: "g2", Model: "m1", From: at("10:12")},
		},
	}
	for _, ws := range []string{"", "w1", "w2"} {
		for _, group := range []string{"g1", "g2"} {
			for _, l := range limiters {
				limit := usage.Limit{WorkspaceID: ws, GroupID: group, Limiter: l, Value: int64(rapid.IntRange(1, 100).Draw(t, "limit"))}
				switch rapid.IntRange(0, 3).Draw(t, "history") {
				case 0: // none
				case 1:
					limits.Limits = append(limits.Limits, limit)
				default:
					older := limit
					older.Value, older.Until, limit.From = 50, at("10:07"), at("10:07")
					limits.Limits = append(limits.Limits, older, limit)
				}
			}
		}
	}
	return limits
}

func drawCombination(t *rapid.T) usage.Combination {
	pick := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name) }
	return usage.Combination{
		Model: pick("model", "m0", "m1", "m2", ""), WorkspaceID: pick("workspace", "w1", "w2", "w3", ""),
		ServiceTier: pick("tier", "standard", "batch", "priority", ""), Speed: pick("speed", "standard", "fast", ""),
		Product: pick("product", "messages_api", "claude_code", "message_batches_api", ""),
	}
}

func drawCounts(t *rapid.T) usage.Counts {
	n := func(name string) int64 { return rapid.Int64Range(0, 1000).Draw(t, name) }
	return usage.Counts{
		Requests:      rapid.SampledFrom([]int64{usage.RequestsUnknown, 0, 1, 7, 7, 7}).Draw(t, "requests"),
		UncachedInput: n("uncached"), CacheWrite5m: n("5m"), CacheWrite1h: n("1h"), CacheRead: n("read"), Output: n("output"),
	}
}

// slow says what a series shows, minute by minute, straight from the definition.
func (w world) slow(id usage.ID) (values []float64, settled int) {
	lowerBounds := map[int]bool{}
	for i := range 20 {
		start := at("10:00").Add(time.Duration(i) * time.Minute)
		reading, final := w.reading(start, id.Limiter)
		value, seen := nan, false
		if reading != nil {
			value, seen = w.sum(*reading, id)
		}
		if final {
			settled = i + 1
		} else if !seen {
			value = nan
		}
		lowerBounds[i] = !final
		values = append(values, value)
	}
	for i := range settled {
		if lowerBounds[i] {
			values[i] = nan
		}
	}
	return values, settled
}

// reading is whose reading of a minute counts.
func (w world) reading(start time.Time, l usage.Limiter) (found *usage.Minute, final bool) {
	sources := []usage.SourceKind{usage.SourceAnalytics}
	if l != usage.RequestsPerMinute {
		sources = []usage.SourceKind{w.window.Prefer, usage.SourceAnalytics, usage.SourceReport}
	}
	settled := start.Add(time.Minute + w.window.Settle)
	for _, source := range sources {
		for _, m := range w.minutes {
			if m.Source != source || !m.Start.Equal(start) || start.After(w.window.Reported[source]) {
				continue
			}
			if !settled.After(w.window.At) && !settled.After(m.ReadAt) {
				return &m, true
			}
			if found == nil {
				found = &m
			}
		}
	}
	return found, false
}

// sum is what a limit counts of one reading, and whether it counts anything.
func (w world) sum(m usage.Minute, id usage.ID) (total float64, seen bool) {
	for _, b := range m.Buckets {
		n, counts := id.Limiter.Used(b)
		inside := b.Of.WorkspaceID != "" || m.Source == usage.SourceReport
		mine := id.WorkspaceID == "" || id.WorkspaceID == b.Of.WorkspaceID
		grouped := slices.ContainsFunc(w.limits.Members, func(member usage.Membership) bool {
			return member.Model == b.Of.Model && member.GroupID == id.GroupID && member.InForce(m.Start)
		})
		if !counts || !inside || !mine || !grouped {
			continue
		}
		seen = true
		if n == usage.RequestsUnknown {
			total = nan
		}
		total += float64(n)
	}
	return total, seen
}

// Never is an unknown minute zero, and never a known one anything but its sum.
func TestJoinEqualsTheDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		series, _ := w.join()
		for _, s := range series {
			want, settled := w.slow(s.ID)
			if diff := cmp.Diff(want, used(s), cmpopts.EquateNaNs()); diff != "" {
				t.Fatalf("%+v (-want +got):\n%s", s.ID, diff)
			}
			if s.Settled != settled {
				t.Fatalf("%+v: got %d settled, want %d", s.ID, s.Settled, settled)
			}
		}
	})
}

func TestLimitsInForceHaveExactlyOneSeriesEach(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		series, _ := w.join()
		want := map[usage.ID]float64{}
		for _, l := range w.limits.Limits {
			if l.InForce(w.window.At) {
				want[usage.ID{OrganizationID: "org-1", WorkspaceID: l.WorkspaceID, GroupID: l.GroupID, Limiter: l.Limiter}] = float64(l.Value)
			}
		}
		got := map[usage.ID]float64{}
		for _, s := range series {
			newest := s.OrganizationLimit
			if s.Override {
				newest = s.OwnLimit
			}
			got[s.ID] = newest
			if last := s.Points[len(s.Points)-1].Limit; last > newest {
				t.Fatalf("%+v: got a limit of %v in force, above its own %v", s.ID, last, newest)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) != len(series) {
			t.Fatalf("%d series (-want +got):\n%s", len(series), diff)
		}
	})
}

func TestTheOrderOfWhatIsGivenDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		series, unmatched := w.join()
		shuffled := w
		shuffled.limits.Limits = rapid.Permutation(w.limits.Limits).Draw(t, "limits")
		shuffled.limits.Members = rapid.Permutation(w.limits.Members).Draw(t, "members")
		shuffled.minutes = nil
		for _, m := range w.minutes {
			m.Buckets = rapid.Permutation(m.Buckets).Draw(t, "buckets")
			for i := range m.Buckets { // and which pointer names a combination neither
				of := *m.Buckets[i].Of
				m.Buckets[i].Of = &of
			}
			shuffled.minutes = append(shuffled.minutes, m)
		}
		again, unmatchedAgain := shuffled.join()
		if diff := cmp.Diff(series, again, cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("series (-first +shuffled):\n%s", diff)
		}
		if diff := cmp.Diff(unmatched, unmatchedAgain); diff != "" {
			t.Fatalf("unmatched (-first +shuffled):\n%s", diff)
		}
	})
}

// The organization's use is the sum over its workspaces, the default one included.
func TestTheOrganizationUsesWhatItsWorkspacesUse(t *testing.T) {
	t.Parallel()
	workspaces := []string{"w1", "w2", "w3"}
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		w.limits.Limits = nil
		for _, l := range limiters {
			for _, ws := range append([]string{""}, workspaces...) {
				w.limits.Limits = append(w.limits.Limits, usage.Limit{WorkspaceID: ws, GroupID: "g1", Limiter: l, Value: 1})
			}
		}
		for i, m := range w.minutes { // what the older report puts nowhere is the organization's alone
			w.minutes[i].Buckets = slices.DeleteFunc(m.Buckets, func(b usage.Bucket) bool { return b.Of.WorkspaceID == "" })
		}
		series, _ := w.join()
		byID := map[string]usage.Series{}
		for _, s := range series {
			byID[fmt.Sprint(s.ID.WorkspaceID, s.ID.Limiter)] = s
		}
		for _, l := range limiters {
			for i, p := range byID[string(l)].Points {
				sum := nan
				for _, ws := range workspaces {
					s := byID[ws+string(l)]
					u := s.Points[i].Used
					switch {
					case math.IsNaN(sum):
						sum = u
					case !math.IsNaN(u):
						sum += u
					}
				}
				// One workspace's requests may be unknown, which makes the sum so.
				if p.Used != sum && !(math.IsNaN(p.Used) && (math.IsNaN(sum) || l == usage.RequestsPerMinute)) {
					t.Fatalf("%s in minute %d: got %v, want %v", l, i, p.Used, sum)
				}
			}
		}
	})
}

// Whatever is read, the history has no two limits of one kind at one time, and
// says at the time of a reading what that reading said.
func TestTheHistorySaysWhatWasRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var limits usage.Limits
		for step := range rapid.IntRange(1, 6).Draw(t, "steps") {
			when := at("10:00").Add(time.Duration(step) * time.Hour)
			readings := drawReadings(t)
			prior := limits
			var changes []usage.Change
			limits, changes = usage.Apply(limits, rapid.Permutation(readings).Draw(t, "order"), when)
			other, otherChanges := usage.Apply(prior, readings, when)
			if diff := cmp.Diff(limits, other) + cmp.Diff(changes, otherChanges); diff != "" {
				t.Fatalf("the order of readings matters:\n%s", diff)
			}
			for _, r := range readings {
				checkReading(t, limits, r, when)
			}
			if _, again := usage.Apply(limits, readings, when.Add(time.Minute)); len(again) > 0 {
				t.Fatalf("got changes from the same reading: %v", again)
			}
		}
	})
}

func drawReadings(t *rapid.T) []usage.Reading {
	readings := []usage.Reading{}
	for _, ws := range []string{"", "w1"} {
		if rapid.IntRange(0, 3).Draw(t, "not read") == 0 {
			continue
		}
		r := usage.Reading{WorkspaceID: ws}
		models := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"m0", "m1", "m2"}), 0, 3, rapid.ID).Draw(t, "models")
		cut := rapid.IntRange(0, len(models)).Draw(t, "cut")
		for i, group := range []string{"g1", "g2"} {
			e := entry(group, [][]string{models[:cut], models[cut:]}[i])
			for _, l := range []usage.Limiter{usage.OutputTokens, usage.InputTokens} {
				if rapid.Bool().Draw(t, "has") {
					e.Limits = append(e.Limits, value(l, rapid.Int64Range(1, 3).Draw(t, "value")))
				}
			}
			r.Entries = append(r.Entries, e)
		}
		readings = append(readings, r)
	}
	return readings
}

func checkReading(t *rapid.T, limits usage.Limits, r usage.Reading, when time.Time) {
	inForce := map[string]int64{}
	for _, l := range limits.Limits {
		if l.WorkspaceID != r.WorkspaceID || !l.InForce(when) {
			continue
		}
		key := fmt.Sprint(l.GroupID, l.Limiter)
		if _, twice := inForce[key]; twice {
			t.Fatalf("%s is in force twice", key)
		}
		inForce[key] = l.Value
	}
	said := map[string]int64{}
	for _, e := range r.Entries {
		for _, v := range e.Limits {
			said[fmt.Sprint(e.Group.ID, v.Limiter)] = v.Value
		}
	}
	if diff := cmp.Diff(said, inForce); diff != "" {
		t.Fatalf("limits of %q (-said +in force):\n%s", r.WorkspaceID, diff)
	}
	if r.WorkspaceID != "" {
		return
	}
	for _, e := range r.Entries {
		for _, model := range e.Group.Models {
			n := 0
			for _, m := range limits.Members {
				if m.Model == model && m.InForce(when) {
					n++
				}
			}
			if n != 1 {
				t.Fatalf("%s is in %d groups, want 1", model, n)
			}
		}
	}
}
