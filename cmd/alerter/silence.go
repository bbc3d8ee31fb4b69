package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"alerter/config"
	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

// heededSoon is said where a running service acts on what was written.
const heededSoon = "A running service acts on it within ten seconds."

type silenceCommand struct {
	List   silenceListCommand   `cmd:"" default:"1" help:"Silences that are active or to come."`
	Add    silenceAddCommand    `cmd:"" help:"Silence alerts for a while."`
	Expire silenceExpireCommand `cmd:"" help:"End silences now."`
}

type silenceListCommand struct {
	All bool `help:"Those that have ended too."`
	database
	output
}

// silenceRow is a silence as the commands print it.
type silenceRow struct {
	ID        string    `json:"id"`
	State     string    `json:"state"` // pending, active or expired
	Matchers  []string  `json:"matchers"`
	StartsAt  time.Time `json:"starts_at"`
	EndsAt    time.Time `json:"ends_at"`
	CreatedBy string    `json:"created_by"`
	Comment   string    `json:"comment"`
}

func toSilenceRow(s route.Silence, at time.Time) silenceRow {
	return silenceRow{
		ID: s.ID, State: s.State(at), Matchers: matcherTexts(s.Matchers), StartsAt: s.StartsAt, EndsAt: s.EndsAt,
		CreatedBy: s.CreatedBy, Comment: s.Comment,
	}
}

// when says from when, where that is to come, and until when it silences.
func (r silenceRow) when(at time.Time) string {
	until := "until " + clockTime(&r.EndsAt, at)
	if r.State == route.SilencePending {
		return "from " + clockTime(&r.StartsAt, at) + " " + until
	}
	return until
}

// Run lists the silences in the database.
func (c silenceListCommand) Run(p *program) error {
	return c.view(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		at := moment(p.now)
		since := at
		if c.All {
			since = time.Time{}
		}
		rows := []silenceRow{}
		err := st.View(ctx, func(tx *store.Tx) error {
			list, err := tx.Silences(since)
			for _, s := range list {
				rows = append(rows, toSilenceRow(s, at))
			}
			return err
		})
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.out, map[string]any{"silences": rows})
		}
		if len(rows) == 0 {
			_, err := fmt.Fprintln(p.out, "Nothing is silenced.")
			return err
		}
		t := newTable("id", "state", "matchers", "when", "by", "comment")
		for _, r := range rows {
			t.row(r.ID, r.State, strings.Join(r.Matchers, ", "), r.when(at), r.CreatedBy, r.Comment)
		}
		t.lower(p.columns)
		t.print(p.out, p.columns)
		return nil
	})
}

type silenceAddCommand struct {
	Matcher  []string          `required:"" sep:"none" short:"m" help:"Which alerts, such as severity=\"warning\"; all that are given must match." placeholder:"MATCHER"`
	Duration evaluate.Duration `required:"" short:"d" help:"For how long, such as 2h." placeholder:"SPAN"`
	Start    string            `help:"From when on, RFC 3339; without it from now on." placeholder:"T"`
	Comment  string            `required:"" short:"c" help:"Why."`
	author
	database
	output
}

// author is embedded by commands that note who did something.
type author struct {
	Author string `help:"Who does this; without it $USER." placeholder:"NAME"`
}

// name is the author's.
func (a author) name(p *program) (string, error) {
	if a.Author != "" {
		return a.Author, nil
	}
	if user, _ := p.env("USER"); user != "" {
		return user, nil
	}
	return "", coded{exitUsage, "alerter: $USER is not set: say who does this with --author"}
}

// Run writes a silence.
func (c silenceAddCommand) Run(p *program) error {
	at := moment(p.now)
	s, err := c.silence(p, at)
	if err != nil {
		return err
	}
	return c.change(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		err := st.Update(ctx, func(tx *store.Tx) (err error) {
			s, err = tx.PutSilence(s, moment(p.now))
			return err
		})
		if err != nil {
			return err
		}
		row := toSilenceRow(s, s.UpdatedAt)
		if c.json() {
			return printJSON(p.out, row)
		}
		_, err = fmt.Fprintf(p.out, "silence %s %s. %s\n", s.ID, row.when(at), heededSoon)
		return err
	})
}

// silence is the one that is asked for.
func (c silenceAddCommand) silence(p *program, at time.Time) (s route.Silence, err error) {
	by, err := c.name(p)
	if err != nil {
		return s, err
	}
	start, err := givenTime(c.Start, at)
	if err != nil {
		return s, err
	}
	if start.Before(at) {
		return s, coded{exitUsage, "alerter: --start " + c.Start + " is in the past: leave it out to begin now"}
	}
	s = route.Silence{CreatedBy: by, Comment: c.Comment, StartsAt: start, EndsAt: start.Add(time.Duration(c.Duration))}
	var errs []error
	for _, text := range c.Matcher {
		m, err := route.ParseMatcher(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("--matcher %s: %w", text, err))
			continue
		}
		s.Matchers = append(s.Matchers, m)
	}
	if len(errs) == 0 {
		errs = append(errs, s.Check())
	}
	if err := errors.Join(errs...); err != nil {
		return s, coded{exitUsage, "alerter: " + strings.ReplaceAll(err.Error(), "\n", "\nalerter: ")}
	}
	return s, nil
}

type silenceExpireCommand struct {
	ID []string `arg:"" help:"Which silences; see alerter silence list."`
	author
	database
}

// Run ends silences now.
func (c silenceExpireCommand) Run(p *program) error {
	by, err := c.name(p)
	if err != nil {
		return err
	}
	return c.change(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		err := st.Update(ctx, func(tx *store.Tx) error {
			for _, id := range c.ID {
				if _, err := tx.ExpireSilence(id, by, moment(p.now)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.out, "%s expired. %s\n", strings.Join(c.ID, ", "), heededSoon)
		return err
	})
}
