package evaluate

import (
	"encoding/json"
	"iter"
	"time"

	"alerter/usage"
)

const kindStale = "stale"

// staleLevels are in force where a rule writes no level.
var staleLevels = [3]Duration{0, Duration(15 * time.Minute), Duration(45 * time.Minute)}

// Stale watches how old each organization's newest usage data are. If no level
// is set the defaults hold, a warning at 15 and critical at 45 minutes; if some
// are set, there are no others.
type Stale struct {
	Info     Duration `json:"info,omitempty" yaml:"info,omitempty"`
	Warning  Duration `json:"warning,omitempty" yaml:"warning,omitempty"`
	Critical Duration `json:"critical,omitempty" yaml:"critical,omitempty"`
}

// Kind is "stale".
func (Stale) Kind() string { return kindStale }

// Lookback is zero: the age is known without any minute.
func (Stale) Lookback() time.Duration { return 0 }

// Check reports ages that do not rise with severity.
func (c Stale) Check() error { return c.levels().check(showAge) }

func (c Stale) filled() Stale {
	if c == (Stale{}) {
		c.Info, c.Warning, c.Critical = staleLevels[0], staleLevels[1], staleLevels[2]
	}
	return c
}

// levels are in seconds.
func (c Stale) levels() ladder {
	c = c.filled()
	return ladder{
		time.Duration(c.Info).Seconds(), time.Duration(c.Warning).Seconds(), time.Duration(c.Critical).Seconds(),
	}
}

// Verdicts judges each organization by the age of its newest data. It is never
// unknown: when nothing else can be said, this can.
func (c Stale) Verdicts(at time.Time, match Match, facts *usage.Facts) iter.Seq[Verdict] {
	levels := c.levels()
	return func(yield func(Verdict) bool) {
		for i := range facts.Sources {
			s := &facts.Sources[i]
			labels := usage.Labels{Organization: s.Organization}
			if match.Accepts(labels) && !yield(staleVerdict(at, s, labels, levels)) {
				return
			}
		}
	}
}

func staleVerdict(at time.Time, s *usage.Source, labels usage.Labels, levels ladder) Verdict {
	newest := s.DataAsOf
	if newest.IsZero() {
		newest = s.Since
	}
	if newest.IsZero() {
		newest = at // it has not begun to look
	}
	age := at.Sub(newest).Seconds()
	severity := levels.reached(age)
	return Verdict{
		Subject: Subject{ID: usage.ID{OrganizationID: s.OrganizationID}},
		Labels:  labels, Levels: levels,
		AtLeast: severity, AtMost: severity,
		Reading: Reading{Value: Number(max(age, 0)), DataAsOf: s.DataAsOf, Detail: staleDetail(at, s)},
	}
}

// LastReadFailed begins the [Reading] Detail of stale data of which the last read
// did not succeed: then the quiet has a known cause, and calls for other advice.
const LastReadFailed = "the last read did not succeed: "

// staleDetail is what the last read answered.
func staleDetail(at time.Time, s *usage.Source) string {
	switch {
	case s.Problem != "":
		return LastReadFailed + s.Problem
	case s.DataAsOf.IsZero():
		return "the last read was answered, and shows no usage at all"
	}
	layout := "15:04 UTC"
	if !s.DataAsOf.Truncate(24 * time.Hour).Equal(at.Truncate(24 * time.Hour)) {
		layout = "2006-01-02 15:04 UTC"
	}
	return "the last read was answered, and shows no usage after " + s.DataAsOf.UTC().Format(layout)
}

// MarshalJSON writes the levels in force, so that a stored rule says what it did
// even where defaults change later.
func (c Stale) MarshalJSON() ([]byte, error) {
	type plain Stale // without this method
	return json.Marshal(plain(c.filled()))
}

func showAge(seconds float64) string { return Duration(seconds * float64(time.Second)).String() }
