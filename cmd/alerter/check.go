package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"alerter/config"
	"alerter/evaluate"
	"alerter/fetch"
	"alerter/notify"
	"alerter/usage"
)

// The exit codes of a check, as Nagios wants them.
const (
	nagiosOK       = 0
	nagiosWarning  = 1
	nagiosCritical = 2
	nagiosUnknown  = 3
)

// checkSpan is how much of the newest past one look reads.
const checkSpan = 45 * time.Minute

// checkTime is what one look may take.
const checkTime = 50 * time.Second

// perfdataMost bounds the perfdata: monitoring systems cut long lines.
const perfdataMost = 40

type checkCommand struct{}

// look is what one organization showed.
type look struct {
	facts  usage.Facts
	alerts []evaluate.Alert
}

// Run looks once, stores and sends nothing, and says what it saw.
func (checkCommand) Run(p *program) error {
	conf, err := p.load()
	if err != nil {
		return coded{nagiosUnknown, ""}.after(p, "UNKNOWN - the configuration cannot be used: "+firstLine(err))
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkTime)
	defer cancel()
	var looks []look
	b := build{now: p.now, out: p.out}
	for i, o := range conf.Organizations {
		l, err := lookAt(ctx, b.client(o), o, conf.Rules, p.now())
		if err != nil {
			return coded{nagiosUnknown, ""}.after(p, fmt.Sprintf("UNKNOWN - %s: %s", slot(o, i), firstLine(err)))
		}
		looks = append(looks, l)
	}
	return p.judge(looks)
}

// after prints a line to standard output and returns the code.
func (c coded) after(p *program, line string) error {
	fmt.Fprintln(p.out, line)
	return c
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// lookAt reads one organization and evaluates the rules once. What a rule would
// wait for with `for` counts at once: a single look cannot wait.
func lookAt(ctx context.Context, c *fetch.Client, o config.Organization, rules []evaluate.Rule, at time.Time) (look, error) {
	org, limits, err := readNow(ctx, c, o, at)
	if err != nil {
		return look{}, err
	}
	choice, err := chooseNow(ctx, c, o, at)
	if err != nil {
		return look{}, err
	}
	to := at.Truncate(time.Minute)
	answer, err := c.Usage(ctx, usage.Query{Source: choice.Kind, From: to.Add(-checkSpan), To: to, DefaultWorkspaceID: org.DefaultWorkspaceID()})
	if err != nil {
		return look{}, err
	}
	w := usage.Window{
		At: at, From: to.Add(-checkSpan), To: to, Settle: o.Settle, Prefer: choice.Kind,
		Reported: map[usage.SourceKind]time.Time{choice.Kind: answer.Newest},
	}
	series, _ := usage.Join(w, slices.Values(answer.Minutes), limits, org)
	facts := usage.Facts{
		Organization: org, Groups: limits.Groups, Series: series, Settle: o.Settle,
		Sources: []usage.Source{{
			OrganizationID: org.ID, Organization: org.Name, Kind: choice.Kind, Why: choice.Why,
			DataAsOf: endOf(answer.Newest), Since: at.Add(-checkSpan),
		}},
	}
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].For = 0
	}
	return look{facts: facts, alerts: evaluate.Step(at, rules, &facts, nil).Alerts}, nil
}

func readNow(ctx context.Context, c *fetch.Client, o config.Organization, at time.Time) (usage.Organization, usage.Limits, error) {
	org, err := c.Organization(ctx)
	if err != nil {
		return org, usage.Limits{}, err
	}
	if o.Name != "" {
		org.Name = o.Name
	}
	if org.Workspaces, err = c.Workspaces(ctx); err != nil {
		return org, usage.Limits{}, err
	}
	readings := make([]usage.Reading, 0, len(org.Workspaces)+1)
	r, err := c.OrganizationLimits(ctx)
	if err != nil {
		return org, usage.Limits{}, err
	}
	readings = append(readings, r)
	for _, ws := range org.Workspaces {
		if ws.Default || ws.Archived {
			continue
		}
		if r, err = c.WorkspaceLimits(ctx, ws.ID); err != nil {
			return org, usage.Limits{}, err
		}
		readings = append(readings, r)
	}
	limits, _ := usage.Apply(usage.Limits{}, readings, at)
	return org, limits, nil
}

func chooseNow(ctx context.Context, c *fetch.Client, o config.Organization, at time.Time) (usage.Source, error) {
	probe := func(kind usage.SourceKind) (usage.Probe, error) {
		newest, err := c.Probe(ctx, kind, at)
		p := usage.Probe{Kind: kind, Newest: newest}
		if status, ok := errors.AsType[*fetch.StatusError](err); ok && status.Refused() {
			p.Refused = err.Error()
		} else if err != nil {
			p.Err = err.Error()
		}
		return p, err
	}
	analytics, errA := probe(usage.SourceAnalytics)
	report, errR := probe(usage.SourceReport)
	if errA != nil && errR != nil {
		return usage.Source{}, errors.Join(errR, errA)
	}
	return usage.Choose(o.UsageSource, []usage.Probe{analytics, report}, usage.Source{}), nil
}

func endOf(minute time.Time) time.Time {
	if minute.IsZero() {
		return minute
	}
	return minute.Add(time.Minute)
}

// judge prints the first line with its perfdata, and the other alerts below.
func (p *program) judge(looks []look) error {
	var alerts []evaluate.Alert
	var perfdata []string
	unknown := ""
	series := 0
	for _, l := range looks {
		for _, a := range l.alerts {
			if a.State == evaluate.Firing {
				alerts = append(alerts, a)
			}
		}
		known := 0
		for i := range l.facts.Series {
			r := evaluate.Read(l.facts.Sources[0].DataAsOf, &l.facts.Series[i], l.facts.Settle)
			if r.Utilization.Known() {
				known++
				perfdata = append(perfdata, perf(l.facts.Series[i].Labels, r))
			}
		}
		series += known
		if known == 0 {
			unknown = l.facts.Organization.Name
		}
	}
	slices.SortStableFunc(alerts, func(a, b evaluate.Alert) int { return b.Severity.Rank() - a.Severity.Rank() })
	code, line := verdict(alerts, unknown, series)
	line = strings.ReplaceAll(line, "|", "/") // a bar begins the perfdata
	if len(perfdata) > 0 {
		line += " | " + strings.Join(perfdata[:min(len(perfdata), perfdataMost)], " ")
	}
	fmt.Fprintln(p.out, line)
	for _, a := range alerts {
		fmt.Fprintf(p.out, "%s: %s\n", a.Severity, notify.View(a).Annotations["summary"])
	}
	return coded{code: code}
}

func verdict(alerts []evaluate.Alert, unknown string, series int) (int, string) {
	if len(alerts) > 0 && alerts[0].Severity.Rank() >= evaluate.Warning.Rank() {
		summary := notify.View(alerts[0]).Annotations["summary"]
		if alerts[0].Severity == evaluate.Critical {
			return nagiosCritical, "CRITICAL - " + summary
		}
		return nagiosWarning, "WARNING - " + summary
	}
	if unknown != "" {
		return nagiosUnknown, fmt.Sprintf("UNKNOWN - %s: no limit has usage data that is fresh enough to say", unknown)
	}
	return nagiosOK, fmt.Sprintf("OK - %s watched, none near", count(series, "limit"))
}

// perf is one limit's utilization in the form of a Nagios plugin: in percent,
// without marks: rules judge more than this one number.
func perf(l usage.Labels, r evaluate.Reading) string {
	name := strings.Join([]string{l.ModelGroup, l.Workspace, l.Limiter}, " ")
	name = strings.Map(func(c rune) rune {
		if c == '\'' || c == '=' || c == '|' || c < ' ' {
			return '_'
		}
		return c
	}, strings.Join(strings.Fields(name), "_"))
	return fmt.Sprintf("'%s'=%.0f%%;;;0;", name, float64(r.Utilization)*100)
}
