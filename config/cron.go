package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"alerter/evaluate"
)

// anyMoment is where the search for a schedule's first time starts. Any moment
// does: a schedule that has no time in the five years after it never runs.
var anyMoment = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// parseCron reads five cron fields, @every or a descriptor such as @hourly.
// Fields mean the clock of loc unless they bring their own TZ=.
func parseCron(text string, loc *time.Location) (schedule cron.Schedule, err error) {
	// The parser panics on "TZ=UTC" with nothing behind it, and may elsewhere.
	defer func() {
		if recover() != nil {
			schedule, err = nil, errors.New("it is not a schedule: write five fields (minute hour day month weekday) or @every 1m")
		}
	}()
	text = strings.TrimSpace(text)
	if every, ok := strings.CutPrefix(text, "@every"); ok {
		return parseEvery(strings.TrimSpace(every))
	}
	schedule, err = cron.ParseStandard(text)
	if err != nil {
		return nil, err
	}
	if fields, ok := schedule.(*cron.SpecSchedule); ok && fields.Location == time.Local {
		fields.Location = loc
	}
	if schedule.Next(anyMoment).IsZero() {
		return nil, errors.New("it never runs: no date matches")
	}
	return schedule, nil
}

// parseEvery reads the span behind @every. The cron library turns anything
// below a second into a second, and drops fractions; both are refused here.
func parseEvery(text string) (cron.Schedule, error) {
	var written evaluate.Duration
	if err := written.UnmarshalText([]byte(text)); err != nil {
		return nil, fmt.Errorf("@every: %w", err)
	}
	d := time.Duration(written)
	if d < time.Second || d%time.Second != 0 {
		return nil, fmt.Errorf("@every %s: the shortest is 1s, and seconds are whole", text)
	}
	return cron.Every(d), nil
}

// parseZone finds a time zone by its name in the zone database.
func parseZone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, errors.New("the machine's zone has no name here: write one such as Europe/Berlin, or UTC")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("unknown time zone %q: write one such as Europe/Berlin, or UTC", name)
	}
	return loc, nil
}
