package main

import (
	"time"

	"github.com/robfig/cron/v3"

	"alerter/evaluate"
)

// clock runs at a chosen speed from a chosen time on.
type clock struct {
	start time.Time // the virtual time at began
	began time.Time // real
	speed float64   // virtual seconds in a real one
}

func newClock(start time.Time, speed float64) clock {
	return clock{start: start, began: time.Now(), speed: speed}
}

// now is the virtual time.
func (c clock) now() time.Time { return c.virtual(time.Now()) }

func (c clock) virtual(t time.Time) time.Time {
	return c.start.Add(time.Duration(float64(t.Sub(c.began)) * c.speed)).UTC()
}

func (c clock) real(t time.Time) time.Time {
	return c.began.Add(time.Duration(float64(t.Sub(c.start)) / c.speed))
}

// since is how much real time had passed at a virtual time, in whole seconds.
func (c clock) since(t time.Time) evaluate.Duration {
	return evaluate.Duration(c.real(t).Sub(c.began).Round(time.Second))
}

// schedule turns a schedule of virtual time into one of real time, in which
// cron waits: Next goes to virtual time and back.
func (c clock) schedule(s cron.Schedule) cron.Schedule { return sped{s, c} }

type sped struct {
	cron.Schedule
	clock clock
}

// Next is the real time of the next virtual one; zero stays zero, which is never.
func (s sped) Next(t time.Time) time.Time {
	next := s.Schedule.Next(s.clock.virtual(t))
	if next.IsZero() {
		return next
	}
	return s.clock.real(next)
}
