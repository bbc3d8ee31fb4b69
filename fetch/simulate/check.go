package simulate

import (
	"errors"
	"fmt"
	"time"
)

// check says all that is wrong at once.
func (c Config) check() error {
	var errs []error
	complain := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Now == nil {
		complain("Now is missing")
	}
	if c.Organization.ID == "" || c.Organization.Name == "" {
		complain("the organization has no id or no name")
	}
	if c.Memory < 0 {
		complain("Memory is negative")
	}
	errs = append(errs, c.Reporting.check(), c.Organization.check(), c.Traffic.check(c.Organization))
	return errors.Join(errs...)
}

func (r Reporting) check() error {
	if r.Lag < 0 || r.AnalyticsLag < 0 || r.Growing < 0 || r.CorrectedAfter < 0 {
		return errors.New("a duration of Reporting is negative")
	}
	if r.Corrected < 0 || r.Corrected > 1 {
		return fmt.Errorf("share Reporting.Corrected is %v, want 0 to 1", r.Corrected)
	}
	return nil
}

func (o Organization) check() error {
	var errs []error
	ids := map[string]bool{}
	unique := func(what, id string) {
		if id == "" || ids[id] {
			errs = append(errs, fmt.Errorf("%s id %q is empty or used twice", what, id))
		}
		ids[id] = true
	}
	defaults := 0
	for _, w := range o.Workspaces {
		unique("workspace", w.ID)
		if w.Default {
			defaults++
		}
	}
	if defaults != 1 {
		errs = append(errs, fmt.Errorf("%d default workspaces, want 1", defaults))
	}
	for _, k := range o.Keys {
		unique("API key", k.ID)
	}
	models := map[string]bool{}
	for _, g := range o.Groups {
		unique("group", g.ID)
		unique("rate limit", g.RateLimitID)
		for _, m := range g.Models {
			if models[m] {
				errs = append(errs, fmt.Errorf("model %q is in two groups", m))
			}
			models[m] = true
		}
	}
	return errors.Join(append(errs, o.checkOverrides())...)
}

func (o Organization) checkOverrides() error {
	var errs []error
	for _, v := range o.Overrides {
		found := false
		for _, w := range o.Workspaces {
			found = found || w.ID == v.Workspace && !w.Default
		}
		if !found {
			errs = append(errs, fmt.Errorf("override of workspace %q, which is unknown or the default", v.Workspace))
		}
		found = false
		for _, g := range o.Groups {
			found = found || g.ID == v.Group
		}
		if !found {
			errs = append(errs, fmt.Errorf("override of unknown group %q", v.Group))
		}
	}
	return errors.Join(errs...)
}

func (t Traffic) check(o Organization) error {
	var errs []error
	if t.Depth < 0 || t.Discount < 0 || t.Discount > 1 {
		errs = append(errs, errors.New("depth of Traffic is negative, or its discount is not 0 to 1"))
	}
	known := map[string]bool{}
	for _, w := range o.Workspaces {
		known[w.ID] = true
	}
	for i, s := range t.Streams {
		if !known[s.Workspace] {
			errs = append(errs, fmt.Errorf("stream %d is in unknown workspace %q", i, s.Workspace))
		}
		if l := s.Load; l.Trace != nil && len(l.Trace.Steps) == 0 {
			errs = append(errs, fmt.Errorf("stream %d has an empty trace", i))
		} else if l.Trace != nil && (t.Epoch.IsZero() || !t.Epoch.Equal(t.Epoch.Truncate(time.Minute))) {
			errs = append(errs, fmt.Errorf("stream %d has a trace, but Traffic.Epoch is not a whole minute", i))
		}
		for j, r := range s.Rows {
			if !r.At.Equal(r.At.Truncate(time.Minute)) || j > 0 && !r.At.After(s.Rows[j-1].At) {
				errs = append(errs, fmt.Errorf("stream %d: row %d is not at a whole minute after the one before", i, j))
			}
		}
	}
	return errors.Join(errs...)
}

// row is the given row of a minute, if there is one.
func (s *Stream) row(at time.Time) Counts {
	lo, hi := 0, len(s.Rows)
	for lo < hi {
		if mid := (lo + hi) / 2; s.Rows[mid].At.Before(at) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(s.Rows) && s.Rows[lo].At.Equal(at) {
		return s.Rows[lo].Counts
	}
	return Counts{}
}
