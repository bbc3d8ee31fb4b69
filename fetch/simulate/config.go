package simulate

import (
	"errors"
	"fmt"
	"time"
)

// defaultMemory is enough for two weeks of the demo's minutes.
const defaultMemory = 32 << 20

// Config is everything a Server needs. New checks it.
type Config struct {
	Organization Organization
	Traffic      Traffic
	Reporting    Reporting

	// Now is the virtual time. It must not run backwards.
	Now func() time.Time

	// AdminKeys are the keys that are let in; none lets in any key.
	AdminKeys []string

	// Start is when a demo of this configuration should begin. The server does
	// not use it.
	Start time.Time

	// Memory bounds what is kept of computed usage, in bytes; zero is 32 MiB.
	// One hour is kept in any case.
	Memory int
}

// New makes a server, or says all that is wrong with the configuration.
func New(c Config) (*Server, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("check simulator configuration: %w", err)
	}
	if c.Memory == 0 {
		c.Memory = defaultMemory
	}
	s := &Server{
		config: c, actors: map[string]*Actor{}, deleted: map[string]bool{},
		timeline: newTimeline(c.Organization, c.Traffic.Streams),
	}
	for _, w := range c.Organization.Workspaces {
		if w.Default {
			s.home = w.ID
		}
	}
	for i := range c.Traffic.Streams {
		stream := &c.Traffic.Streams[i]
		l := stream.labels()
		if a := stream.actor(); a != nil {
			s.actors[l[dimActor]], s.deleted[l[dimActor]] = a, a.Deleted
		}
		s.labels = append(s.labels, l)
		s.prices = append(s.prices, c.Traffic.price(stream))
	}
	s.history = newHistory(c.Traffic, s.timeline, c.Memory)
	return s, nil
}

// Change alters a limit, now or at a time. What the limiters accepted after that
// time is computed again.
func (s *Server) Change(c Change) error {
	if c.At.IsZero() {
		c.At = s.now()
	}
	c.At = c.At.UTC().Truncate(time.Minute)
	if c.Workspace != "" {
		w := s.findWorkspace(c.Workspace)
		switch {
		case w == nil:
			return fmt.Errorf("change limits: no workspace %q", c.Workspace)
		case w.Default:
			return errors.New("change limits: the default workspace cannot have limits")
		}
		c.Workspace = w.ID
	}
	if c.Value != nil && *c.Value < 0 {
		return fmt.Errorf("change limits: value %d is negative", *c.Value)
	}
	if err := s.timeline.change(c); err != nil {
		return err
	}
	s.history.forget(c.At)
	return nil
}

// findWorkspace finds by id or name.
func (s *Server) findWorkspace(name string) *Workspace {
	for i, w := range s.config.Organization.Workspaces {
		if w.ID == name || w.Name == name {
			return &s.config.Organization.Workspaces[i]
		}
	}
	return nil
}

func (t Traffic) depth() time.Duration {
	if t.Depth == 0 {
		return time.Minute
	}
	return t.Depth
}
