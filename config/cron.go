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

// fiveFields says what a schedule looks like.
const fiveFields = "write five fields (minute hour day month weekday), or @every 1m"

// parseCron reads five cron fields, @every or a descriptor such as @hourly.
// Fields mean the clock of loc unless they bring their own TZ=.
func parseCron(text string, loc *time.Location) (schedule cron.Schedule, err error) {
	// The parser has panicked on bad input before: on TZ=UTC without fields.
	defer func() {
		if recover() != nil {
			schedule, err = nil, fmt.Errorf("%q is no schedule: %s", text, fiveFields)
		}
	}()
	fields := strings.TrimSpace(text)
	if zone, rest, ok := cutZone(fields); ok {
		if loc, err = parseZone(zone); err != nil {
			return nil, err
		}
		fields = rest
	}
	if every, ok := strings.CutPrefix(fields, "@every"); ok {
		return parseEvery(strings.TrimSpace(every))
	}
	schedule, err = cron.ParseStandard(fields)
	if err != nil {
		return nil, fmt.Errorf("%q is no schedule (%s): %s", text, plainCause(err), fiveFields)
	}
	if s, ok := schedule.(*cron.SpecSchedule); ok {
		s.Location = loc
	}
	if schedule.Next(anyMoment).IsZero() {
		return nil, fmt.Errorf("%q never runs: no date matches", text)
	}
	return schedule, nil
}

// cutZone splits the zone off that a schedule may begin with: TZ=UTC 0 9 * * *.
func cutZone(text string) (zone, rest string, ok bool) {
	first, rest, _ := strings.Cut(text, " ")
	for _, prefix := range []string{"TZ=", "CRON_TZ="} {
		if zone, ok := strings.CutPrefix(first, prefix); ok {
			return zone, strings.TrimSpace(rest), true
		}
	}
	return "", text, false
}

// plainCause is the parser's reason without the words of the parser it uses itself.
func plainCause(err error) string {
	if word, _, ok := strings.Cut(strings.TrimPrefix(err.Error(), "failed to parse int from "), ": strconv."); ok {
		return fmt.Sprintf("%q is not a number", word)
	}
	return err.Error()
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
