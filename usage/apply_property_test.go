package usage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"alerter/usage"
)

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
