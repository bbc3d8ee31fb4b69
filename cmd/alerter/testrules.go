package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"alerter/config"
	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/notify"
)

type testRulesCommand struct {
	Files []string `arg:"" name:"file" help:"Files of rule tests: promtool's format, with limits and exp_notifications." placeholder:"FILE"`
	Junit string   `help:"Also write the results to this file, as JUnit XML." placeholder:"FILE"`
	output
}

// testedFile is a file of rule tests and how they went.
type testedFile struct {
	File  string       `json:"file"`
	Tests []testedCase `json:"tests"`
}

// testedCase is one rule test and how it went.
type testedCase struct {
	Name     string          `json:"name"`
	Passed   bool            `json:"passed"`
	Failures []testedFailure `json:"failures"`
}

type testedFailure struct {
	Where string `json:"where"`
	What  string `json:"what"`
	Diff  string `json:"diff"`
}

// Run runs the tests of all files. Nothing is run while a file has a mistake.
func (c testRulesCommand) Run(p *program) error {
	loaded, err := c.load(p)
	if err != nil {
		return err
	}
	var files []testedFile
	total, failed := 0, 0
	for i, cases := range loaded {
		f := testedFile{File: c.Files[i]}
		for j := range cases {
			t := runCase(&cases[j])
			f.Tests = append(f.Tests, t)
			if total++; !t.Passed {
				failed++
			}
		}
		files = append(files, f)
		if !c.json() {
			printTested(p.out, f)
		}
	}
	if c.json() {
		if err := printJSON(p.out, map[string]any{"files": files, "tests": total, "failed": failed}); err != nil {
			return err
		}
	}
	if c.Junit != "" {
		if err := os.WriteFile(c.Junit, junit(files), 0o644); err != nil { //nolint:gosec // build servers read it as another user
			return fmt.Errorf("write the results: %w", err)
		}
	}
	if failed > 0 {
		return coded{exitError, ""}
	}
	return nil
}

// load reads every file, and says what is wrong with all of them at once.
func (c testRulesCommand) load(p *program) ([][]replay.Case, error) {
	var all [][]replay.Case
	var problems config.Errors
	for _, file := range c.Files {
		cases, err := config.LoadCases(file, p.env)
		if bad, ok := errors.AsType[config.Errors](err); ok {
			problems = append(problems, bad...)
		} else if err != nil {
			return nil, err
		}
		all = append(all, cases)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return all, nil
}

func runCase(c *replay.Case) testedCase {
	t := testedCase{Name: c.Name, Failures: []testedFailure{}}
	for _, f := range c.Run(func(a evaluate.Alert) map[string]string { return notify.View(a).Annotations }) {
		t.Failures = append(t.Failures, testedFailure{Where: f.Where, What: f.What, Diff: f.Diff})
	}
	t.Passed = len(t.Failures) == 0
	return t
}

// printTested prints a file's failures, and how many tests there were.
func printTested(out io.Writer, f testedFile) {
	failed := 0
	for _, t := range f.Tests {
		if t.Passed {
			continue
		}
		failed++
		fmt.Fprintf(out, "FAILED: %s\n", t.Name)
		for _, each := range t.Failures {
			fmt.Fprintf(out, "  %s: %s (- want, + got)\n", each.Where, each.What)
			fmt.Fprintf(out, "  %s\n", strings.ReplaceAll(each.Diff, "\n", "\n  "))
		}
	}
	if failed == 0 {
		fmt.Fprintf(out, "%s: OK: %s\n", f.File, count(len(f.Tests), "test"))
		return
	}
	fmt.Fprintf(out, "%s: %d of %s failed\n", f.File, failed, count(len(f.Tests), "test"))
}
