package route_test

import (
	"strings"
	"testing"
	"time"

	"alerter/notify/route"
)

func TestATimeIntervalHoldsWhereEachOfItsListsDoes(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	one := func(first, last int) []route.Range { return []route.Range{{First: first, Last: last}} }
	for name, c := range map[string]struct {
		interval route.TimeInterval
		at       string
		want     bool
	}{
		"nothing said is always":                    {route.TimeInterval{}, "2026-11-23T12:00:00Z", true},
		"a time of day begins with its first":       {route.TimeInterval{Times: one(540, 1020)}, "2026-11-23T09:00:00Z", true},
		"a time of day ends before its last":        {route.TimeInterval{Times: one(540, 1020)}, "2026-11-23T17:00:00Z", false},
		"midnight is the end of the day":            {route.TimeInterval{Times: one(1320, 1440)}, "2026-11-23T23:59:59Z", true},
		"winter time":                               {route.TimeInterval{Times: one(540, 1020), Location: berlin}, "2026-11-23T08:00:00Z", true},
		"summer time":                               {route.TimeInterval{Times: one(540, 1020), Location: berlin}, "2026-07-23T07:00:00Z", true},
		"another day there already":                 {route.TimeInterval{Weekdays: one(2, 2), Location: berlin}, "2026-11-23T23:30:00Z", true},
		"a weekday":                                 {route.TimeInterval{Weekdays: one(1, 5)}, "2026-11-22T12:00:00Z", false},
		"one of several":                            {route.TimeInterval{Weekdays: []route.Range{{First: 6, Last: 6}, {First: 0, Last: 0}}}, "2026-11-22T12:00:00Z", true},
		"the last day of a short month":             {route.TimeInterval{DaysOfMonth: one(-1, -1)}, "2027-02-28T12:00:00Z", true},
		"not the last day of a long one":            {route.TimeInterval{DaysOfMonth: one(-1, -1)}, "2028-02-28T12:00:00Z", false},
		"from a day to the end":                     {route.TimeInterval{DaysOfMonth: one(25, -1)}, "2026-11-30T12:00:00Z", true},
		"days that a month does not have":           {route.TimeInterval{DaysOfMonth: one(29, 31)}, "2027-02-28T12:00:00Z", false},
		"a month":                                   {route.TimeInterval{Months: one(11, 12)}, "2026-11-01T00:00:00Z", true},
		"another year":                              {route.TimeInterval{Years: one(2027, 2030)}, "2026-12-31T23:59:59Z", false},
		"all lists but one, which is not in it":     {route.TimeInterval{Months: one(11, 11), Weekdays: one(2, 2)}, "2026-11-23T12:00:00Z", false},
		"all lists":                                 {route.TimeInterval{Months: one(11, 11), Weekdays: one(1, 1)}, "2026-11-23T12:00:00Z", true},
		"the first day counted from the end of one": {route.TimeInterval{DaysOfMonth: one(-30, -30)}, "2026-11-01T12:00:00Z", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.interval.Contains(at); got != c.want {
				t.Errorf("%s: got %v, want %v", c.at, got, c.want)
			}
		})
	}
}

func TestTermsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*route.Tree){
		"root route takes every alert":     func(tree *route.Tree) { tree.Root.MuteTimeIntervals = []string{"night"} },
		`no time interval is called "day"`: func(tree *route.Tree) { tree.Root.ActiveTimeIntervals = []string{"day"} },
		"escalate_after: -1s is negative":  func(tree *route.Tree) { tree.Root.EscalateAfter = -time.Second },
		"nobody would be told":             func(tree *route.Tree) { tree.Root.EscalateAfter = time.Minute },
		"it would never be told":           func(tree *route.Tree) { tree.Root.EscalateTo = "boss" },
		"this receiver is told already": func(tree *route.Tree) {
			tree.Root.EscalateAfter, tree.Root.EscalateTo = time.Minute, tree.Root.Receiver
		},
		"remind ever more often": func(tree *route.Tree) { tree.Root.ReminderBackoff = 0.5 },
		"how many changes":       func(tree *route.Tree) { tree.Root.Flap.Changes = 1 },
		"inhibit rule 1: equal": func(tree *route.Tree) {
			tree.Inhibit = []route.InhibitRule{{Equal: []string{"colour"}}}
		},
	} {
		tree := goodTree()
		tree.Intervals = map[string][]route.TimeInterval{"night": {{}}}
		change(&tree)
		if err := tree.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
