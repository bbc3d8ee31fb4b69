package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// percent writes a share in whole percent. What has not reached the whole is not
// shown as the whole.
func percent(share float64) string {
	p := math.Round(share * 100)
	if p >= 100 && share < 1 {
		p = 99
	}
	if p > mostShare*100 {
		return "over " + percent(mostShare)
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + " %"
}

// levelPercent writes a level exactly: 85 %, 97.5 %.
func levelPercent(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e4)/100, 'f', -1, 64) + " %"
}

// Describe says in words what the picture shows, for those who do not see it.
func (c Chart) Describe() string {
	said := []string{fmt.Sprintf("%s, %s to %s UTC.", c.Title, moment(c.From), moment(c.To))}
	for _, l := range c.Lines {
		said = append(said, c.describeLine(l))
	}
	for _, s := range c.Spans {
		said = append(said, fmt.Sprintf("%s from %s to %s.", capital(s.Severity), moment(s.From), moment(s.To)))
	}
	for _, m := range c.Marks {
		if m.Text != "" {
			said = append(said, fmt.Sprintf("%s at %s.", capital(m.Text), moment(m.At)))
		}
	}
	if c.incomplete() {
		said = append(said, "Not complete after "+moment(c.Complete)+".")
	}
	return strings.Join(said, " ")
}

// describeLine says where a line ends and how high it got.
func (c Chart) describeLine(l Line) string {
	highest, top := peak(l.Values)
	if math.IsNaN(highest) {
		return capital(l.Name) + ": not known."
	}
	last, end := newest(l.Values)
	return fmt.Sprintf("%s: %s at %s, peak %s at %s.",
		capital(l.Name), percent(last), moment(c.minute(end)), percent(highest), moment(c.minute(top)))
}

// minute is when the minute of that index begins.
func (c Chart) minute(i int) time.Time { return c.From.Add(time.Duration(i) * time.Minute) }

// incomplete reports whether minutes at the end of the chart are not complete, beside
// the one that is not over, and so many that it can be seen.
func (c Chart) incomplete() bool {
	return !c.Complete.IsZero() && c.To.Sub(c.Complete) >= max(time.Minute, c.To.Sub(c.From)/500)
}

// moment writes a time to the minute.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// capital begins a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
