package config

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/usage"
)

// LoadCases reads and checks a file of rule tests, and the rules files that it names,
// relative to its own folder. What is wrong is returned as [Errors].
func LoadCases(path string, env func(string) (string, bool)) ([]replay.Case, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	r := &report{file: path, bad: map[*yaml.Node]bool{}}
	root, problems := parse(path, b)
	if root == nil {
		return nil, problems
	}
	root = (&resolver{report: r, env: env}).resolve(root, 0)
	d := &decoder{report: r, folder: filepath.Dir(path)}
	f := &caseFile{EvaluationInterval: evaluate.Duration(time.Minute)}
	d.decode(root, reflect.ValueOf(f).Elem())
	cc := caseChecks{decoder: d, root: root, file: f, env: env}
	cases := cc.cases()
	if all := slices.Concat(r.problems, cc.elsewhere); len(all) > 0 {
		return nil, all.sorted()
	}
	return cases, nil
}

// caseChecks turns a decoded file into cases.
type caseChecks struct {
	*decoder
	root      *yaml.Node
	file      *caseFile
	env       func(string) (string, bool)
	elsewhere Errors // problems in the rules files
}

// cases is every test of the file.
func (c *caseChecks) cases() []replay.Case {
	rules := c.rules()
	if c.file.EvaluationInterval <= 0 {
		c.fault(spot(c.root, "evaluation_interval"), "evaluation_interval is more than 0s")
	}
	list := spot(c.root, "tests")
	if len(c.file.Tests) == 0 {
		c.missing(list, "tests is missing or empty: there is nothing to test")
	}
	var all []replay.Case
	for i := range c.file.Tests {
		k, n := &c.file.Tests[i], item(list, i)
		if n.Kind != yaml.MappingNode {
			continue
		}
		t := replay.Case{
			Name: k.Name, Where: c.where(n), Rules: rules.Rules, Tree: rules.Tree, Every: time.Duration(c.file.EvaluationInterval),
			Settle: map[string]time.Duration{},
		}
		if t.Name == "" {
			t.Name = fmt.Sprintf("test %d", i+1)
		}
		t.Start = c.start(k, n)
		c.limits(&t, k, n)
		c.used(&t, k, n)
		c.silences(&t, k, n)
		c.acknowledgements(&t, k, n)
		c.alerts(&t, k, n)
		c.notifications(&t, k, n)
		for _, l := range t.Limits {
			t.Settle[l.Labels.Organization] = rules.Settle(l.Labels.Organization)
		}
		all = append(all, t)
	}
	return all
}

// where is a node's place, for people.
func (c *caseChecks) where(n *yaml.Node) string {
	return fmt.Sprintf("%s:%d:%d", c.report.file, n.Line, n.Column)
}

// rules are those of all rules files together; routes and settle times are the first's.
func (c *caseChecks) rules() *Config {
	whole := &Config{}
	list := spot(c.root, "rule_files")
	if len(c.file.RuleFiles) == 0 {
		c.missing(list, "rule_files is missing or empty: name the rules to test, such as [rules.yaml]")
		return whole
	}
	names := map[string]bool{}
	for i, pattern := range c.file.RuleFiles {
		files, err := filepath.Glob(c.path(pattern))
		if err != nil || len(files) == 0 {
			c.fault(item(list, i), "rule_files: there is no file %s", c.path(pattern))
		}
		for _, file := range files {
			loaded, err := LoadRules(file, c.env)
			if err != nil {
				problems, _ := errors.AsType[Errors](err)
				c.elsewhere = append(c.elsewhere, problems...)
				continue
			}
			if whole.Tree.Root == nil {
				whole.Tree, whole.Organizations = loaded.Tree, loaded.Organizations
			}
			for _, rule := range loaded.Rules {
				if names[rule.Alert] {
					c.fault(item(list, i), "rule_files: a rule %q is in more than one of them", rule.Alert)
				}
				names[rule.Alert] = true
			}
			whole.Rules = append(whole.Rules, loaded.Rules...)
		}
	}
	return whole
}

// limits are those of a test.
func (c *caseChecks) limits(t *replay.Case, k *caseKeys, n *yaml.Node) {
	list := spot(n, "limits")
	if len(k.Limits) == 0 {
		c.missing(list, "limits is missing or empty: a series without a limit is never full")
	}
	for i, l := range k.Limits {
		at := item(list, i)
		labels := usage.Labels{Organization: l.Organization, Workspace: l.Workspace, ModelGroup: l.ModelGroup, Limiter: l.Limiter}
		if err := checkLimitLabels(labels); err != nil {
			c.missing(at, "%s", err)
		}
		limit, ok := c.limitValue(l, at)
		if !ok {
			continue
		}
		same := func(o replay.CaseLimit) bool { return o.Labels == labels && o.From == time.Duration(l.From) }
		if slices.ContainsFunc(t.Limits, same) {
			c.fault(at, "this limit is above already: write from: with the time it changes at")
		}
		t.Limits = append(t.Limits, replay.CaseLimit{Labels: labels, Value: limit, From: time.Duration(l.From)})
	}
}

// limitValue is an entry's limit, NaN where there is none from then on.
func (c *caseChecks) limitValue(l caseLimitKeys, at *yaml.Node) (limit float64, ok bool) {
	switch {
	case l.Removed && l.Value != nil:
		c.fault(spot(at, "removed"), "removed: a limit that is not there has no value")
	case l.Removed:
		return math.NaN(), true
	case l.Value == nil:
		c.missing(at, "value is missing: the limit, in the limiter's own unit")
	case !(*l.Value >= 0 && *l.Value < 1e15):
		c.fault(spot(at, "value"), "value is a limit: 0 or more")
		return *l.Value, true
	default:
		return *l.Value, true
	}
	return 0, false
}

// used is what the series of a test use in each minute.
func (c *caseChecks) used(t *replay.Case, k *caseKeys, n *yaml.Node) {
	step := time.Minute
	if k.Interval != nil {
		step = time.Duration(*k.Interval)
	}
	if step < time.Minute || step%time.Minute != 0 {
		c.fault(spot(n, "interval"), "interval is whole minutes: usage is counted by the minute")
		step = time.Minute
	}
	list := spot(n, "input_series")
	for i, s := range k.InputSeries {
		at := item(list, i)
		labels, err := usedSeries(s.Series)
		if err != nil {
			c.fault(spot(at, "series"), "series: %s", err)
			continue
		}
		values, err := expandValues(s.Values)
		if err != nil {
			c.fault(spot(at, "values"), "values: %s", err)
			continue
		}
		if !slices.ContainsFunc(t.Limits, func(l replay.CaseLimit) bool { return l.Labels == labels }) {
			c.fault(spot(at, "series"), "series: no entry of limits has these labels, so that it is never full")
		}
		if slices.ContainsFunc(t.Used, func(u replay.CaseUsed) bool { return u.Labels == labels }) {
			c.fault(spot(at, "series"), "series: it is above already")
		}
		each := int(step / time.Minute)
		if len(values) > maxValues/each {
			c.fault(spot(at, "values"), "values: %d values of %s each are more than %d minutes", len(values), evaluate.Duration(step), maxValues)
			continue
		}
		var used []float64
		for _, v := range values {
			used = append(used, slices.Repeat([]float64{v}, each)...)
		}
		t.Used = append(t.Used, replay.CaseUsed{Labels: labels, Used: used})
	}
}
