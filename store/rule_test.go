package store

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"alerter/evaluate"
)

func rule(t *testing.T, spec string) evaluate.Rule {
	t.Helper()
	var r evaluate.Rule
	if err := json.Unmarshal([]byte(spec), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func apply(t *testing.T, s *Store, file string, at time.Time, rules ...evaluate.Rule) (changes []RuleChange) {
	t.Helper()
	update(t, s, func(tx *Tx) (err error) {
		changes, err = tx.ApplyRules(rules, file, at)
		return err
	})
	return changes
}

func storedRules(t *testing.T, s *Store) (out []StoredRule) {
	t.Helper()
	view(t, s, func(tx *Tx) (err error) {
		out, err = tx.Rules()
		return err
	})
	return out
}

// brief is what the tests compare: name, revision, enabled, file.
type brief struct {
	Name     string
	Revision int
	Enabled  bool
	File     string
}

func briefly(rules []StoredRule) (out []brief) {
	for _, r := range rules {
		out = append(out, brief{r.Alert, r.Revision, r.Enabled, r.File})
	}
	return out
}

func kinds(changes []RuleChange) (out []string) {
	for _, c := range changes {
		out = append(out, string(c.Kind)+" "+c.Name)
	}
	return out
}

func TestApplyingRulesMakesARevisionOfEachChange(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	pressure := rule(t, `{"alert":"LimitPressure","kind":"pressure"}`)
	stale := rule(t, `{"alert":"DataStale","kind":"stale"}`)
	slower := pressure
	slower.For = 5 * time.Minute

	check(t, "first", kinds(apply(t, s, "rules.yaml", t0, pressure, stale)), []string{"added LimitPressure", "added DataStale"})
	check(t, "again", kinds(apply(t, s, "rules.yaml", t0.Add(time.Minute), pressure, stale)), []string(nil))
	changes := apply(t, s, "other.yaml", t0.Add(time.Hour), stale, slower)
	check(t, "changed", kinds(changes), []string{"changed LimitPressure"})
	check(t, "revision", changes[0].Revision, 2)
	if before, after := string(changes[0].Before), string(changes[0].After); before == after || !strings.Contains(after, `"for":"5m`) {
		t.Errorf("got before %s, after %s", before, after)
	}
	got := storedRules(t, s)
	check(t, "rules, in the file's order", briefly(got), []brief{{"DataStale", 1, true, "other.yaml"}, {"LimitPressure", 2, true, "other.yaml"}})
	check(t, "applied", []time.Time{got[0].AppliedAt, got[1].AppliedAt}, []time.Time{t0, t0.Add(time.Hour)})
	check(t, "the rule itself", got[1].For, 5*time.Minute)
	check(t, "its kind", got[1].Condition.Kind(), "pressure")
}

func TestARemovedRuleGoesOnCountingWhenItComesBack(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	pressure := rule(t, `{"alert":"LimitPressure","kind":"pressure"}`)
	apply(t, s, "rules.yaml", t0, pressure)
	update(t, s, func(tx *Tx) error { _, err := tx.SetRuleEnabled("LimitPressure", false, t0); return err })
	removed := apply(t, s, "rules.yaml", t0.Add(time.Minute))
	check(t, "removed", kinds(removed), []string{"removed LimitPressure"})
	check(t, "revision", removed[0].Revision, 2)
	check(t, "rules", briefly(storedRules(t, s)), []brief(nil))
	apply(t, s, "rules.yaml", t0.Add(time.Hour), pressure)
	check(t, "rules", briefly(storedRules(t, s)), []brief{{"LimitPressure", 3, true, "rules.yaml"}})
	var rows int
	if err := s.read.Get(&rows, "SELECT COUNT(*) FROM rule_revisions WHERE removed = 0 OR (removed = 1 AND revision = 2)"); err != nil || rows != 3 {
		t.Errorf("got %d revisions (%v), want 3", rows, err)
	}
}

func TestADisabledRuleStaysDisabled(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	pressure := rule(t, `{"alert":"LimitPressure","kind":"pressure"}`)
	apply(t, s, "rules.yaml", t0, pressure)
	var found, other bool
	update(t, s, func(tx *Tx) (err error) {
		if found, err = tx.SetRuleEnabled("LimitPressure", false, t0.Add(time.Minute)); err != nil {
			return err
		}
		other, err = tx.SetRuleEnabled("NoSuch", false, t0)
		return err
	})
	check(t, "found", []bool{found, other}, []bool{true, false})
	slower := pressure
	slower.For = time.Minute
	apply(t, s, "rules.yaml", t0.Add(time.Hour), slower)
	got := storedRules(t, s)
	check(t, "rules", briefly(got), []brief{{"LimitPressure", 2, false, "rules.yaml"}})
	check(t, "disabled at", got[0].EnabledAt, t0.Add(time.Minute))
}

func TestARuleThatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	apply(t, s, "rules.yaml", t0, rule(t, `{"alert":"LimitPressure","kind":"pressure"}`))
	update(t, s, func(tx *Tx) error {
		_, err := tx.exec(`UPDATE rules SET spec = '{"alert":"LimitPressure","kind":"of tomorrow"}'`)
		return err
	})
	err := s.View(context.Background(), func(tx *Tx) error { _, err := tx.Rules(); return err })
	if err == nil || !strings.Contains(err.Error(), "read rule LimitPressure, revision 1") || !strings.Contains(err.Error(), "apply rules.yaml again") {
		t.Errorf("got error %v, want one that names the rule and what to do", err)
	}
}

func TestARuleWithoutAConditionIsNotApplied(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	err := s.Update(context.Background(), func(tx *Tx) error {
		_, err := tx.ApplyRules([]evaluate.Rule{{Alert: "Empty"}}, "rules.yaml", t0)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "apply rule Empty") {
		t.Errorf("got error %v, want one that names the rule", err)
	}
}
