package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"alerter/config"
	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

// The exit codes of a check, as Nagios wants them.
const (
	nagiosOK       = 0
	nagiosWarning  = 1
	nagiosCritical = 2
	nagiosUnknown  = 3
)

// checkTime is what one look may take.
const checkTime = 50 * time.Second

type checkCommand struct{ output }

// look is what one organization showed.
type look struct {
	organization string // its name
	problem      string // why nothing could be read, or empty
	facts        usage.Facts
	alerts       []evaluate.Alert
	gauges       []gauge // one for each series of facts
}

// Run looks once, stores and sends nothing, and says what it saw.
func (c checkCommand) Run(p *program) error {
	conf, err := p.load()
	if err != nil {
		line := "UNKNOWN - the configuration cannot be used: " + firstLine(err)
		if c.json() {
			return p.printLooked(nagiosUnknown, line, nil)
		}
		fmt.Fprintln(p.out, line)
		return coded{code: nagiosUnknown}
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkTime)
	defer cancel()
	var looks []look
	b := build{now: p.now, out: p.out}
	for i, o := range conf.Organizations {
		l, err := lookAt(ctx, b.client(o), o, conf.Rules, p.now())
		if err != nil {
			l.problem = firstLine(err)
		}
		if l.organization == "" {
			l.organization = p.nameOf(ctx, conf, slot(o, i))
		}
		looks = append(looks, l)
	}
	if c.json() {
		code, line := headline(worstFindings(looks), looks)
		return p.printLooked(code, line, looks)
	}
	return p.judge(looks)
}

// nameOf is what the database calls an organization of the configuration, where it
// knows it; else its place there.
func (p *program) nameOf(ctx context.Context, conf *config.Config, slot string) string {
	name := slot
	st, err := store.Open(ctx, conf.Storage.Path, store.Options{ReadOnly: true})
	if err != nil {
		return name // there is none where no service has run
	}
	err = st.View(ctx, func(tx *store.Tx) error {
		org, found, err := tx.OrganizationByConfig(slot)
		if found {
			name = org.Name
		}
		return err
	})
	if errors.Join(err, st.Close()) != nil {
		return slot
	}
	return name
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
