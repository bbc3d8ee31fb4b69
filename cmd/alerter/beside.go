package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	alerter "alerter"
	"alerter/config"
	"alerter/store"
)

// database is embedded by commands that work on the database beside the service.
// They need no key, and of the configuration only what [config.Place] has: the state
// can be seen while rules.yaml is broken.
type database struct {
	Database string `help:"The database; without it the one that the rules file names." placeholder:"FILE"`
}

// view opens the database for reading, and closes it again.
func (d database) view(p *program, do func(context.Context, config.Place, *store.Store) error) error {
	return d.open(p, store.Options{ReadOnly: true}, do)
}

// change opens it for writing.
func (d database) change(p *program, do func(context.Context, config.Place, *store.Store) error) error {
	return d.open(p, store.Options{}, do)
}

func (d database) open(p *program, o store.Options, do func(context.Context, config.Place, *store.Store) error) error {
	place := p.place()
	path := d.Database
	if path == "" {
		var err error
		if path, err = place.Database(); err != nil {
			return coded{exitUsage, err.Error() + "\nalerter: where the database is cannot be known from this file: mend it, or name the database with --database"}
		}
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no database at %s yet: start `alerter run` (or `once`) first, or give the right --config or --database", path)
	}
	p.warnOf(place, "going on with the database "+path)
	ctx := context.Background()
	st, err := store.Open(ctx, path, o)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, place, st), st.Close())
}

// place reads where the database and the page of the configuration are.
func (p *program) place() config.Place {
	path, ok := p.file()
	if !ok {
		return config.ReadPlaceBytes(config.BuiltInName, alerter.Rules, p.env)
	}
	return config.ReadPlace(path, p.env)
}

// warnOf says in a line what is wrong with the configuration, and what is done all
// the same.
func (p *program) warnOf(place config.Place, then string) {
	switch n := len(place.Problems); n {
	case 0:
	case 1:
		fmt.Fprintf(p.err, "warning: %s; %s\n", place.Problems[0], then)
	default:
		fmt.Fprintf(p.err, "warning: %s has %d errors (see `alerter config check`); %s\n", place.Problems[0].File, n, then)
	}
}
