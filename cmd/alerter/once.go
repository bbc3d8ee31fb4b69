package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"alerter/web"
)

type onceCommand struct{ output }

// cycled is what one cycle did, for programs.
type cycled struct {
	BeganAt  time.Time           `json:"began_at"`
	EndedAt  time.Time           `json:"ended_at"`
	Problems []string            `json:"problems"` // what did not succeed
	Alerts   []web.Alert         `json:"alerts"`   // pending and firing, worst first
	Messages []web.OutboxMessage `json:"messages"` // that were tried, newest first
}

// Run does one cycle of every job. With JSON, standard output is the JSON alone:
// what console receivers print goes to standard error.
func (c onceCommand) Run(p *program) error {
	return p.withService(func(ctx context.Context, s *service) error {
		if c.json() {
			s.build.out, s.build.colour = p.err, p.colours(p.errTTY)
		}
		plan, err := s.build.plan(s.config)
		if err != nil {
			return err
		}
		began := moment(p.now)
		err = s.worker.Once(ctx, plan)
		if !c.json() {
			return err
		}
		done, readErr := s.cycled(ctx, began, err)
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		return errors.Join(err, printJSON(p.out, done))
	})
}

// cycled reads what a cycle that began then, and ended with err, has left in the database.
func (s *service) cycled(ctx context.Context, began time.Time, err error) (cycled, error) {
	done := cycled{BeganAt: began, EndedAt: moment(s.worker.Now), Problems: []string{}, Messages: []web.OutboxMessage{}}
	if err != nil {
		done.Problems = strings.Split(err.Error(), "\n")
	}
	status, err := s.look().Status(ctx, done.EndedAt)
	if err != nil {
		return done, err
	}
	done.Alerts = status.Alerts
	messages, err := web.Outbox(ctx, s.worker.Store)
	for _, m := range messages {
		if m.TriedAt != nil && !m.TriedAt.Before(began) {
			done.Messages = append(done.Messages, m)
		}
	}
	return done, err
}
