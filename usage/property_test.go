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
