package main

import (
	"errors"
	"fmt"

	"alerter/config"
)

type configCommand struct {
	Check  configCheckCommand  `cmd:"" help:"Say what is wrong with the configuration, all at once."`
	Show   configShowCommand   `cmd:"" help:"Print the effective configuration; secrets as <secret>."`
	Schema configSchemaCommand `cmd:"" help:"Print the JSON Schema of rules.yaml, or of rule tests, for editors."`
}

type configCheckCommand struct{ output }

// checked is what checking a configuration came to.
type checked struct {
	File          string    `json:"file"` // as it was given
	OK            bool      `json:"ok"`
	Rules         int       `json:"rules"`
	Receivers     int       `json:"receivers"`
	Organizations int       `json:"organizations"`
	Warnings      []string  `json:"warnings"`
	Errors        []problem `json:"errors"`
}

// problem is one error, and where it is if it has a place.
type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// Run loads the configuration and says whether it is well.
func (c configCheckCommand) Run(p *program) error {
	conf, err := p.load()
	if err == nil {
		_, err = build{now: p.now, out: p.out}.plan(conf)
	}
	if c.json() {
		return p.printChecked(conf, err)
	}
	if err != nil {
		return usageError(err)
	}
	for _, w := range conf.Warnings {
		fmt.Fprintln(p.err, "warning:", w)
	}
	_, err = fmt.Fprintf(p.out, "%s: OK: %s, %s, %s\n", fileName(conf),
		count(len(conf.Rules), "rule"), count(len(conf.Receivers), "receiver"), count(len(conf.Organizations), "organization"))
	return err
}

func (p *program) printChecked(conf *config.Config, err error) error {
	file, _ := p.file()
	out := checked{File: file, OK: err == nil, Warnings: []string{}, Errors: []problem{}}
	if err == nil {
		out.Rules, out.Receivers, out.Organizations = len(conf.Rules), len(conf.Receivers), len(conf.Organizations)
		out.Warnings = append(out.Warnings, conf.Warnings...)
		return printJSON(p.out, out)
	}
	if problems, ok := errors.AsType[config.Errors](err); ok {
		for _, one := range problems {
			out.Errors = append(out.Errors, problem(one))
		}
	} else {
		out.Errors = append(out.Errors, problem{File: file, Message: err.Error()})
	}
	return errors.Join(printJSON(p.out, out), coded{code: exitUsage})
}

// count is a number of things in words.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// usageError gives an error in the user's file the exit code for it.
func usageError(err error) error {
	if _, ok := errors.AsType[config.Errors](err); ok {
		return err
	}
	if _, ok := errors.AsType[coded](err); ok {
		return err
	}
	return coded{exitUsage, "alerter: " + err.Error()}
}

type configShowCommand struct {
	Output string `help:"text (YAML) or json." default:"text" enum:"text,json"`
}

// Run prints the effective configuration.
func (c configShowCommand) Run(p *program) error {
	conf, err := p.read()
	if err != nil {
		return err
	}
	if c.Output == "json" {
		values, err := conf.ShowValues()
		return errors.Join(err, printJSON(p.out, values))
	}
	b, err := conf.Show()
	if err != nil {
		return err
	}
	_, err = p.out.Write(b)
	return err
}

type configSchemaCommand struct {
	For string `help:"rules (rules.yaml) or tests (files of rule tests)." default:"rules" enum:"rules,tests"`
}

// Run prints a JSON Schema.
func (c configSchemaCommand) Run(p *program) error {
	schema := config.Schema
	if c.For == "tests" {
		schema = config.CasesSchema
	}
	b, err := schema()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s\n", b)
	return err
}
