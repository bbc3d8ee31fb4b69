package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Beat pings the heartbeat if every organization has had a good cycle lately: a
// dead-man's switch must notice when the cycles end, not only when the process
// does. One cycle may fail without anybody hearing of it; after that the other
// address is pinged, if there is one, until the cycles are good again. A service
// that has just begun, or has a new plan, pings neither before its first cycle.
func (w *Worker) Beat(ctx context.Context, at time.Time) error {
	plan := w.Plan()
	lately := max(2*plan.Heartbeat.Every, 2*period(plan.Schedule.Usage, at)+time.Minute)
	address := plan.Heartbeat.URL
	for _, a := range w.organizations() {
		a.mu.Lock()
		good := a.lastGood
		a.mu.Unlock()
		if !good.IsZero() && at.Sub(good) <= lately {
			continue
		}
		address = ""
		if at.Sub(w.newest(good)) > lately {
			address = plan.Heartbeat.FailURL
			break
		}
	}
	if address == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	return w.ping(ctx, address)
}

// newest is the later of a moment and the one since which the plan is in force.
func (w *Worker) newest(at time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.adopted.After(at) {
		return w.adopted
	}
	return at
}

// pingTimeout bounds one ping.
const pingTimeout = 10 * time.Second

func (w *Worker) ping(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("ping the heartbeat: its URL cannot be read; check heartbeat.url")
	}
	resp, err := w.HTTP.Do(req)
	if err != nil {
		// The URL is a secret of sorts (it holds the check's id): not in the error.
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return fmt.Errorf("ping the heartbeat: %w", err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)); err != nil {
		return fmt.Errorf("ping the heartbeat: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("ping the heartbeat: status %d", resp.StatusCode)
	}
	return nil
}
