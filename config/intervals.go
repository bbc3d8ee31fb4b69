package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"alerter/notify/route"
)

// namedIntervalKeys is one entry of time_intervals: a name that routes use, and
// what it stands for.
type namedIntervalKeys struct {
	Name          string         `yaml:"name" jsonschema:"required" jsonschema_description:"What routes call it; each name once."`
	TimeIntervals []intervalKeys `yaml:"time_intervals" jsonschema:"required,minItems=1" jsonschema_description:"It holds where one of these does."`
}

// intervalKeys is a stretch of time, in Alertmanager's words:
// https://prometheus.io/docs/alerting/latest/configuration/#time_interval-0
type intervalKeys struct {
	Times       []timesKeys `yaml:"times,omitempty" jsonschema_description:"Times of day; without it, all day."`
	Weekdays    []string    `yaml:"weekdays,omitempty" jsonschema_description:"Days such as saturday, or monday:friday."`
	DaysOfMonth []string    `yaml:"days_of_month,omitempty" jsonschema_description:"Days such as 1 or 1:5; -1 is the month's last."`
	Months      []string    `yaml:"months,omitempty" jsonschema_description:"Months such as december, 12 or june:august."`
	Years       []string    `yaml:"years,omitempty" jsonschema_description:"Years such as 2027 or 2027:2030."`
	Location    string      `yaml:"location,omitempty" jsonschema:"default=UTC" jsonschema_description:"Whose clock counts, such as Europe/Berlin."`
}

type timesKeys struct {
	StartTime string `yaml:"start_time" jsonschema:"required" jsonschema_description:"From here on, such as 09:00."`
	EndTime   string `yaml:"end_time" jsonschema:"required" jsonschema_description:"Until here, exclusive: 17:00, or 24:00 for midnight."`
}

var (
	weekdayNames = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	monthNames   = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}
)

// intervals checks time_intervals.
func (c *checks) intervals() map[string][]route.TimeInterval {
	all := map[string][]route.TimeInterval{}
	list := spot(c.root, "time_intervals")
	for i, k := range c.file.TimeIntervals {
		at := item(list, i)
		switch _, twice := all[k.Name]; {
		case k.Name == "" && c.ok(spot(at, "name")):
			c.missing(at, "the time interval has no name")
		case twice:
			c.fault(spot(at, "name"), "there is a time interval %q already", k.Name)
		}
		if len(k.TimeIntervals) == 0 && c.ok(spot(at, "time_intervals")) {
			c.missing(at, "the time interval says no time: write time_intervals: [{weekdays: [saturday, sunday]}], for instance")
		}
		all[k.Name] = []route.TimeInterval{}
		for j := range k.TimeIntervals {
			all[k.Name] = append(all[k.Name], c.interval(item(spot(at, "time_intervals"), j), &k.TimeIntervals[j]))
		}
	}
	return all
}

func (c *checks) interval(at *yaml.Node, k *intervalKeys) (ti route.TimeInterval) {
	for i, t := range k.Times {
		ti.Times = append(ti.Times, c.times(item(spot(at, "times"), i), t))
	}
	ti.Weekdays = c.ranges(at, "weekdays", k.Weekdays, span{names: weekdayNames, first: 0, last: 6})
	ti.DaysOfMonth = c.ranges(at, "days_of_month", k.DaysOfMonth, span{first: 1, last: 31, fromEnd: true})
	ti.Months = c.ranges(at, "months", k.Months, span{names: monthNames, first: 1, last: 12})
	ti.Years = c.ranges(at, "years", k.Years, span{first: 1, last: 9999})
	if k.Location != "" {
		where, err := time.LoadLocation(k.Location)
		if err != nil {
			c.fault(spot(at, "location"), "unknown location %q: write one such as Europe/Berlin", k.Location)
		}
		ti.Location = where
	}
	return ti
}

// times checks one stretch of the day.
func (c *checks) times(at *yaml.Node, k timesKeys) (r route.Range) {
	var err error
	if r.First, err = minuteOfDay(k.StartTime); err != nil {
		c.fault(spot(at, "start_time"), "%s", err)
		return r
	}
	if r.Last, err = minuteOfDay(k.EndTime); err != nil {
		c.fault(spot(at, "end_time"), "%s", err)
		return r
	}
	if r.Last <= r.First {
		c.fault(spot(at, "end_time"), "it ends before it begins: write two entries for a time around midnight, 22:00 to 24:00 and 00:00 to 06:00")
	}
	return r
}

func minuteOfDay(text string) (int, error) {
	if text == "24:00" {
		return 24 * 60, nil
	}
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, fmt.Errorf("want a time of day such as 09:00, got %q", text)
	}
	return at.Hour()*60 + at.Minute(), nil
}

// span is what a range may be made of.
type span struct {
	names       []string // of the numbers from first on; nil: they have none
	first, last int
	fromEnd     bool // negative numbers count from the end
}

// ranges reads entries such as monday:friday.
func (c *checks) ranges(at *yaml.Node, key string, texts []string, of span) (all []route.Range) {
	for i, text := range texts {
		from, to, isRange := strings.Cut(text, ":")
		if !isRange {
			to = from
		}
		first, ok := of.number(from)
		last, alsoOK := of.number(to)
		switch where := item(spot(at, key), i); {
		case !ok || !alsoOK:
			c.fault(where, "want %s, got %q", of.wanted(), text)
		case first > last && (first > 0) == (last > 0):
			c.fault(where, "%q ends before it begins", text)
		default:
			all = append(all, route.Range{First: first, Last: last})
		}
	}
	return all
}

func (s span) number(text string) (int, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if i := slices.Index(s.names, text); i >= 0 {
		return s.first + i, true
	}
	n, err := strconv.Atoi(text)
	if err != nil || s.first == 0 { // a weekday has a name only
		return 0, false
	}
	if s.fromEnd && n < 0 {
		return n, n >= -s.last
	}
	return n, s.first <= n && n <= s.last
}

func (s span) wanted() string {
	example := fmt.Sprintf("a number from %d to %d, or two such as %d:%d", s.first, s.last, s.first, s.first+1)
	if s.names != nil {
		example = fmt.Sprintf("a name such as %s, or two such as %s:%s", s.names[1], s.names[1], s.names[5])
	}
	return example
}
