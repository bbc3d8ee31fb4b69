package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"alerter/config"
)

const (
	// recordSpan is how much past is recorded where nothing else is asked for.
	recordSpan = 14 * 24 * time.Hour
	// recordPace is the time between two pages: thirty a minute at most.
	recordPace = 2 * time.Second
)

type recordCommand struct {
	Out          string `help:"The folder of the history; one that this command made before is continued." required:"" placeholder:"DIR"`
	From         string `help:"First minute, RFC 3339; without it 14 days before --to." placeholder:"T"`
	To           string `help:"End, exclusive, RFC 3339; without it the newest minute that has settled." placeholder:"T"`
	Organization string `help:"Which one, by its name, where the rules file has several." placeholder:"NAME"`
	output
}

// recorded is what a recording came to.
type recorded struct {
	Folder       string    `json:"folder"`
	Organization string    `json:"organization"`
	Source       string    `json:"source"`
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`
	// Settled is before To where the newest minutes may still change.
	Settled time.Time `json:"settled"`
	Pages   int       `json:"pages"` // of usage, in the folder
	Read    int       `json:"read"`  // pages that were read now, of usage and cost
}

// Run saves what the Admin API answers, so that rules can be tried on it.
func (c recordCommand) Run(p *program) error {
	conf, err := p.load()
	if err != nil {
		return err
	}
	o, err := c.organization(conf)
	if err != nil {
		return err
	}
	ctx, stop := untilStopped()
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	show := &recordShow{progress: p.progress(), out: p.err, now: p.now, shown: p.now()}
	r := &recording{
		client: build{now: p.now, out: p.out}.client(o), organization: o, folder: recordFolder{root: c.Out},
		now: p.now, pace: rate.NewLimiter(rate.Every(recordPace), 1), pause: pauseFor, show: show,
	}
	done, err := c.record(ctx, r)
	show.end()
	if err != nil {
		return resumable(ctx, err, done)
	}
	if c.json() {
		return printJSON(p.out, done)
	}
	fmt.Fprintf(p.out, "%s: %s to %s from %s, %s (%d read now)\n", c.Out, when(&done.From), when(&done.To), done.Source, count(done.Pages, "page"), done.Read)
	if done.Settled.Before(done.To) {
		fmt.Fprintf(p.out, "What is after %s may still change; the next recording into this folder reads it again.\n", when(&done.Settled))
	}
	return nil
}

// record opens the folder, and does the rest of the recording.
func (c recordCommand) record(ctx context.Context, r *recording) (recorded, error) {
	if err := r.folder.open(); err != nil {
		return recorded{}, err
	}
	from, to, err := c.span(r.folder.covered, r.organization.Settle, r.now())
	if err != nil {
		return recorded{}, err
	}
	err = r.run(ctx, from, to)
	have := r.folder.covered
	return recorded{
		Folder: c.Out, Organization: r.name, Source: r.report.title, From: have.From, To: have.To, Settled: have.settled(),
		Pages: have.Pages, Read: r.read,
	}, err
}

// organization is the one to record.
func (c recordCommand) organization(conf *config.Config) (config.Organization, error) {
	if c.Organization == "" && len(conf.Organizations) == 1 {
		return conf.Organizations[0], nil
	}
	var names []string
	for _, o := range conf.Organizations {
		if o.Name != "" && o.Name == c.Organization {
			return o, nil
		}
		names = append(names, o.Name)
	}
	return config.Organization{}, coded{exitUsage, fmt.Sprintf("alerter: --organization is one of: %s", strings.Join(names, ", "))}
}

// span is the time to record, given what the folder covers.
func (c recordCommand) span(have coverage, settle time.Duration, at time.Time) (from, to time.Time, err error) {
	if to, err = givenTime(c.To, at.Add(-settle)); err != nil {
		return from, to, err
	}
	to = to.Truncate(time.Minute)
	otherwise := have.From
	if otherwise.IsZero() {
		otherwise = to.Add(-recordSpan)
	}
	if from, err = givenTime(c.From, otherwise); err != nil {
		return from, to, err
	}
	from = from.Truncate(time.Minute)
	switch {
	case to.After(at):
		return from, to, coded{exitUsage, "alerter: --to is in the future"}
	case !to.After(from):
		return from, to, coded{exitUsage, fmt.Sprintf("alerter: --to (%s) is not after --from (%s)", when(&to), when(&from))}
	case !have.From.IsZero() && from.Before(have.From):
		return from, to, coded{exitUsage, fmt.Sprintf("alerter: %s begins at %s; record what was before into a folder of its own", c.Out, when(&have.From))}
	}
	return from, to, nil
}

// resumable adds to an error what there is by now, and that it can be continued.
func resumable(ctx context.Context, err error, done recorded) error {
	if _, ours := errors.AsType[coded](err); ours {
		return err
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if done.Pages == 0 {
		return err
	}
	return fmt.Errorf("%w\n%s holds %s to %s so far; the same command goes on from there", err, done.Folder, when(&done.From), when(&done.To))
}

// pauseFor waits, or until ctx ends.
func pauseFor(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
