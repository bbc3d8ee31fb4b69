package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"alerter/config"
	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/fetch"
	"alerter/notify"
	"alerter/store"
	"alerter/worker"
)

// liveHours is how long the service of these tests runs.
const liveHours = 5

// liveRules tell three receivers of one limit. The service and the backtest read them.
const liveRules = `
organizations: [{name: acme, admin_key: "` + scriptKey + `", base_url: "http://127.0.0.1:1", backfill: 2h}]
storage: {path: %s}
rules:
  - {alert: LimitPressure, pressure: {}}
  - {alert: HighUtilization, threshold: {warning: 90%%}, keep_firing_for: 5m}
  - {alert: DataStale, stale: {warning: 15m, critical: 45m}}
  - {alert: LimitChanged, limit_change: {}}
route:
  receiver: team
  group_by: [alertname, organization, model_group]
  routes:
    - {matchers: [severity="critical"], receiver: pager, continue: true}
    - {receiver: team, escalate_after: 12m, escalate_to: lead}
receivers: [{name: team, console: {}}, {name: pager, console: {}}, {name: lead, console: {}}]
`

// Promise 2, of the whole program: the service runs for some hours over reports that are late
// and corrected, stop, and are refused, a limit that changes, and people who
// acknowledge and silence. A backtest over its database says what it did.
func TestABacktestOverTheDatabaseSaysWhatTheServiceDid(t *testing.T) {
	t.Parallel()
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			database, rules := filepath.Join(folder, "alerter.db"), filepath.Join(folder, "rules.yaml")
			if err := os.WriteFile(rules, fmt.Appendf(nil, liveRules, database), 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) { live(t, seed, rules) })
			want := lived(t, database)
			got := playedAgain(t, rules)
			if len(want.Moves) < 12 || len(want.Told) < 8 {
				t.Errorf("only %d moves and %d messages: too calm to show anything", len(want.Moves), len(want.Told))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("what happened (-service +backtest):\n%s", diff)
			}
		})
	}
}

// inProcess answers requests without a network, which bubbles of synctest cannot wait for.
type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// live runs the service in a bubble, on a clock that passes when nothing else is to be done.
func live(t *testing.T, seed uint64, rules string) {
	clock := newClock(past.Add(2*time.Hour), 1)
	sim := liveAPI(t, seed, clock.now)
	conf, err := config.Load(rules, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := build{now: clock.now, out: io.Discard}.plan(conf)
	if err != nil {
		t.Fatal(err)
	}
	plan.Organizations[0].Source.(*fetch.Client).HTTP = &http.Client{Transport: inProcess{sim}}
	st, err := openStore(t.Context(), conf.Storage.Path)
	if err != nil {
		t.Fatal(err)
	}
	w := &worker.Worker{Store: st, Log: zerolog.Nop(), Now: clock.now, OnTime: clock.schedule, BackfillPages: rate.Inf}
	ctx, stop := context.WithCancel(t.Context())
	ended, fault := make(chan error, 1), 0
	go func() { ended <- w.Run(ctx, plan) }()
	for minute := range liveHours * 60 {
		fault = trouble(t, sim, minute, fault)
		time.Sleep(30 * time.Second) // of the bubble
		people(t, st, minute, clock.now())
		time.Sleep(30 * time.Second)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the service ended with %v, want nothing", err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
}

// story is what became of alerts, and who was told.
type story struct{ Moves, Told []string }

func (s *story) move(at time.Time, print evaluate.Fingerprint, to string) {
	s.Moves = append(s.Moves, fmt.Sprint(at.Format(time.TimeOnly), " ", print, " ", to))
}

func (s *story) tell(at time.Time, print evaluate.Fingerprint, reason evaluate.Reason, receiver string) {
	s.Told = append(s.Told, fmt.Sprint(at.Format(time.TimeOnly), " ", print, " ", reason, " to ", receiver))
}

func (s *story) sorted() story {
	slices.Sort(s.Moves)
	slices.Sort(s.Told)
	return *s
}

// lived is what the service stored of what it did.
func lived(t *testing.T, database string) story {
	t.Helper()
	st, err := store.Open(t.Context(), database, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var s story
	err = st.View(t.Context(), func(tx *store.Tx) error { return errors.Join(s.moved(tx), s.told(tx)) })
	if err := errors.Join(err, st.Close()); err != nil {
		t.Fatal(err)
	}
	return s.sorted()
}

// moved adds what became of alerts.
func (s *story) moved(tx *store.Tx) error {
	moves, err := tx.Transitions(past, past.Add(24*time.Hour))
	for _, m := range moves {
		switch {
		case m.Kind == evaluate.KindSystem: // no rule speaks of the service itself
		case m.ToState == evaluate.Firing:
			s.move(m.At, m.Fingerprint, string(m.To))
		case m.FromState == evaluate.Firing:
			s.move(m.At, m.Fingerprint, "over")
		}
	}
	return err
}

// told adds the messages, each at the step after which it went.
func (s *story) told(tx *store.Tx) error {
	orgs, err := tx.Organizations()
	if err != nil {
		return err
	}
	ticks, err := tx.Ticks(orgs[0].ID, past, past.Add(24*time.Hour))
	if err != nil {
		return err
	}
	rows, err := tx.Outbox(store.OutboxFilter{})
	for _, row := range rows {
		if row.System {
			continue
		}
		var m notify.Message
		if err := json.Unmarshal(row.Body, &m); err != nil {
			return err
		}
		later, _ := slices.BinarySearchFunc(ticks, row.SendAt.Add(1), time.Time.Compare)
		for _, it := range m.Items {
			s.tell(ticks[later-1], it.Alert.Fingerprint, it.Reason, row.Receiver)
		}
	}
	return err
}

// playedAgain is what the command prints of the same hours.
func playedAgain(t *testing.T, rules string) story {
	t.Helper()
	var out, problems bytes.Buffer
	p := &program{cli: &cli{Config: rules}, out: &out, err: &problems, env: os.LookupEnv, now: time.Now}
	if err := (backtestCommand{Sweep: "off", output: output{Output: "json"}}).Run(p); err != nil || problems.Len() > 0 {
		t.Fatalf("got %v and %q, want a report", err, problems.String())
	}
	var report replay.Report
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	var s story
	for _, e := range report.Episodes {
		changes := e.Changes
		if len(changes) == 0 {
			changes = e.Levels // it was over at once
		}
		for _, c := range changes {
			s.move(c.At, e.Fingerprint, string(c.Severity))
		}
		if e.ResolvedAt != nil {
			s.move(*e.ResolvedAt, e.Fingerprint, "over")
		}
	}
	for _, n := range report.Notifications {
		for _, receiver := range n.Receivers {
			s.tell(n.At, n.Fingerprint, n.Reason, receiver)
		}
	}
	return s.sorted()
}
