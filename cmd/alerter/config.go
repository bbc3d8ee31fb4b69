package main

import (
	"fmt"

	"alerter/config"
)

type configCommand struct {
	Check  configCheckCommand  `cmd:"" help:"Say what is wrong with the configuration, all at once."`
	Show   configShowCommand   `cmd:"" help:"Print the effective configuration; secrets as <secret>."`
	Schema configSchemaCommand `cmd:"" help:"Print the JSON Schema of rules.yaml, for editors."`
}

type configCheckCommand struct{}

// Run loads the configuration and says whether it is well.
func (configCheckCommand) Run(p *program) error {
	c, err := p.load()
	if err != nil {
		return usageError(err)
	}
	if _, err := (build{now: p.now, out: p.out}).plan(c); err != nil {
		return usageError(err)
	}
	for _, w := range c.Warnings {
		fmt.Fprintln(p.err, "warning:", w)
	}
	fmt.Fprintf(p.out, "%s: OK: %s, %s, %s\n", fileName(c),
		count(len(c.Rules), "rule"), count(len(c.Receivers), "receiver"), count(len(c.Organizations), "organization"))
	return nil
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
	if _, ok := err.(config.Errors); ok {
		return err
	}
	if c, ok := err.(coded); ok {
		return c
	}
	return coded{exitUsage, "alerter: " + err.Error()}
}

type configShowCommand struct{}

// Run prints the effective configuration.
func (configShowCommand) Run(p *program) error {
	c, err := p.read()
	if err != nil {
		return err
	}
	b, err := c.Show()
	if err != nil {
		return err
	}
	_, err = p.out.Write(b)
	return err
}

type configSchemaCommand struct{}

// Run prints the JSON Schema of rules.yaml.
func (configSchemaCommand) Run(p *program) error {
	b, err := config.Schema()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s\n", b)
	return err
}
