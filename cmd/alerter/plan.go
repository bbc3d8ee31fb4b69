package main

import (
	"fmt"
	"io"
	"maps"
	"strconv"
	"time"

	"alerter/config"
	"alerter/fetch"
	"alerter/notify"
	"alerter/notify/route"
	"alerter/worker"
)

// load reads the configuration and prints what it warns of.
func (p *program) load() (*config.Config, error) {
	c, err := p.read()
	if err != nil {
		return nil, err
	}
	warnings := c.Warnings
	for i, o := range c.Organizations {
		key, err := o.Key()
		if err != nil {
			return nil, err
		}
		warning, err := fetch.CheckKey(key)
		if err != nil {
			return nil, coded{exitUsage, fmt.Sprintf("%s: %s: %v", fileName(c), called(o, i), err)}
		}
		if warning != "" {
			warnings = append(warnings, fmt.Sprintf("%s: %s: %s", fileName(c), called(o, i), warning))
		}
	}
	c.Warnings = warnings
	return c, nil
}

// build turns a configuration into the plan of a worker.
type build struct {
	now     func() time.Time
	out     io.Writer // what the console receiver prints to
	colour  bool      // out shows colours
	columns int       // of the terminal that out is; 0: it is none
	metrics *worker.Metrics
}

func (b build) plan(c *config.Config) (worker.Plan, error) {
	plan := worker.Plan{
		Rules: c.Rules, RulesFile: c.Path, Tree: treeOf(c), Receivers: notify.Receivers{}, Paces: map[string]float64{},
		Schedule: worker.Schedule{
			Usage: c.Schedule.Usage, Limits: c.Schedule.Limits,
			Attribution: c.Schedule.Attribution, Digest: c.Schedule.Digest, Location: c.Schedule.Location,
		},
		Retention:   c.Storage.Retention,
		Heartbeat:   worker.Heartbeat{URL: c.Heartbeat.URL, FailURL: c.Heartbeat.FailURL, Every: c.Heartbeat.Every},
		ExternalURL: c.Web.ExternalURL,
	}
	for i, o := range c.Organizations {
		plan.Organizations = append(plan.Organizations, worker.Organization{
			Slot: slot(o, i), Name: o.Name, Source: b.client(o),
			Mode: o.UsageSource, Settle: o.Settle, Backfill: o.Backfill,
		})
	}
	env := notify.Env{Now: b.now, Out: b.out, Colour: b.colour, Columns: b.columns, ExternalURL: c.Web.ExternalURL, Version: version()}
	for _, r := range c.Receivers {
		channel, err := notify.New(r.Kind, r.Settings, env)
		if err != nil {
			return plan, fmt.Errorf("receiver %q: %w", r.Name, err)
		}
		plan.Receivers[r.Name] = notify.Receiver{Kind: r.Kind, Channel: channel}
		options := plan.Tree.Receivers[r.Name]
		options.Edits = plan.Receivers.Edits(r.Name)
		plan.Tree.Receivers[r.Name] = options
		if r.Digest {
			plan.Digests = append(plan.Digests, r.Name)
		}
		plan.Paces[r.Name] = notify.Pace(r.Kind)
		if r.Pace != nil {
			plan.Paces[r.Name] = *r.Pace
		}
	}
	return plan, nil
}

// treeOf is the routes with receivers of its own, to add to what is known of them.
func treeOf(c *config.Config) route.Tree {
	t := c.Tree
	t.Receivers = maps.Clone(t.Receivers)
	return t
}

// called is how an organization is spoken of.
func called(o config.Organization, i int) string {
	if o.Name == "" {
		return slot(o, i)
	}
	return fmt.Sprintf("organization %q", o.Name)
}

// fileName is how the configuration is spoken of.
func fileName(c *config.Config) string {
	if c.BuiltIn {
		return "the built-in rules"
	}
	return c.Path
}

// slot names an organization of the configuration before its id is known.
func slot(o config.Organization, i int) string {
	if o.Name != "" {
		return o.Name
	}
	return "organization " + strconv.Itoa(i+1)
}

func (b build) client(o config.Organization) *fetch.Client {
	c := &fetch.Client{
		Name: o.Name, BaseURL: o.BaseURL, Key: o.Key, Now: b.now,
		UserAgent: "alerter/" + version() + " (+https://github.com/alerter/alerter)",
	}
	if b.metrics != nil {
		c.OnRequest = b.metrics.Request
	}
	return c
}
