package worker

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
)

// ear is a receiver with buttons.
type ear struct {
	*box
	heard   chan sound
	allowed map[string]error // who may press, or why that cannot be found out; absent: may not

	mu      sync.Mutex
	replies []string
}

// sound is what a listener yields next.
type sound struct {
	press *notify.Press
	err   error
}

// Listen yields what the test has to say.
func (e *ear) Listen(ctx context.Context) iter.Seq2[*notify.Press, error] {
	return func(yield func(*notify.Press, error) bool) {
		for {
			select {
			case <-ctx.Done():
				return
			case h := <-e.heard:
				if !yield(h.press, h.err) || notify.IsPermanent(h.err) {
					return
				}
			}
		}
	}
}

// Allows looks into the list.
func (e *ear) Allows(_ context.Context, userID string) (bool, error) {
	err, ok := e.allowed[userID]
	return ok && err == nil, err
}

// press is one of ada's, who may, on a card as it was at that time.
func (e *ear) press(action notify.Action, card string, asOf time.Time) *notify.Press {
	return &notify.Press{
		Action: action, For: time.Hour, Card: notify.Receipt{ID: card}, AsOf: asOf, UserID: "U0ADA", User: "ada",
		Reply: func(_ context.Context, text string) error {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.replies = append(e.replies, text)
			return nil
		},
	}
}

// said gives the replies so far, and forgets them.
func (e *ear) said() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	said := e.replies
	e.replies = nil
	return said
}

// withButtons makes the team's receiver one that hears back, and lets an alert fire there.
func withButtons(t *testing.T) (*world, *ear) {
	t.Helper()
	w := newWorld(t, plateau)
	e := &ear{box: w.box["team"], heard: make(chan sound), allowed: map[string]error{"U0ADA": nil, "U0BROKEN": errors.New("read who is in the group: no")}}
	w.plan.Receivers["team"] = notify.Receiver{Kind: "slack", Channel: e}
	if _, err := w.worker.adopt(context.Background(), w.plan); err != nil {
		t.Fatal(err)
	}
	w.limits()
	for range 60 {
		if len(e.got) == 0 {
			w.minutes(1)
		}
	}
	if len(e.got) != 1 {
		t.Fatalf("got %d messages, want the first of an alert", len(e.got))
	}
	return w, e
}

// acks are the acknowledgements that count, and silences those that are active.
func (w *world) quiet() (acks []route.Ack, silences []route.Silence, deeds []store.Deed) {
	w.t.Helper()
	err := w.store.View(context.Background(), func(tx *store.Tx) (err error) {
		if acks, err = tx.Acks(); err != nil {
			return err
		}
		if silences, err = tx.Silences(w.now()); err != nil {
			return err
		}
		deeds, err = tx.Deeds(time.Time{}, w.now().Add(time.Hour))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return acks, silences, deeds
}

func TestAPressAcknowledgesWhatTheCardShows(t *testing.T) {
	t.Parallel()
	w, e := withButtons(t)
	if err := w.worker.press(t.Context(), e.press(notify.Acknowledge, e.got[0].Key, w.now()), w.now()); err != nil {
		t.Fatal(err)
	}
	acks, _, deeds := w.quiet()
	if len(acks) != 1 || acks[0].By != "ada" || acks[0].Fingerprint != e.got[0].Items[0].Alert.Fingerprint || len(deeds) != 1 || deeds[0].Actor != "ada" {
		t.Errorf("got acknowledgements %+v, deeds %+v, want one of each, by ada", acks, deeds)
	}
	if diff := cmp.Diff([]string{"Acknowledged."}, e.said()); diff != "" {
		t.Errorf("replies (-want +got):\n%s", diff)
	}
	w.minutes(1)
	if told := e.told(); len(told) != 2 || !strings.HasSuffix(told[1], " acknowledged warning") || !strings.Contains(strings.Join(e.got[1].Items[0].Text.Lead, " "), "Acknowledged by ada") {
		t.Errorf("told %q, want that ada has taken it on", told)
	}
}

func TestAPressSilencesWhatTheCardShowsAndNothingElse(t *testing.T) {
	t.Parallel()
	w, e := withButtons(t)
	if err := w.worker.press(t.Context(), e.press(notify.Silence, e.got[0].Key, w.now()), w.now()); err != nil {
		t.Fatal(err)
	}
	_, silences, _ := w.quiet()
	if len(silences) != 1 {
		t.Fatalf("got silences %+v, want one", silences)
	}
	s := silences[0]
	want := `[alertname="LimitPressure" limiter="output_tokens_per_minute" model_group="Claude Opus 5.5" organization="Acme" workspace=""]`
	if got := fmt.Sprint(s.Matchers); got != want || s.CreatedBy != "ada" || !s.EndsAt.Equal(w.now().Add(time.Hour)) || s.Comment != "pressed on a card in team" {
		t.Errorf("got %s by %s until %s (%s), want %s by ada for an hour", got, s.CreatedBy, s.EndsAt, s.Comment, want)
	}
	if err := s.Check(); err != nil {
		t.Errorf("got a silence nobody may write: %v", err)
	}
	if got := e.said(); len(got) != 1 || got[0] != "Silenced until "+w.now().Add(time.Hour).Format("2006-01-02 15:04 UTC")+": exactly what this card shows." {
		t.Errorf("got replies %q, want until when", got)
	}
}

func TestAPressThatCannotBeCarriedOutChangesNothingAndSaysWhy(t *testing.T) {
	t.Parallel()
	w, e := withButtons(t)
	key, at := e.got[0].Key, w.now()
	stranger, broken := e.press(notify.Acknowledge, key, at), e.press(notify.Silence, key, at)
	stranger.UserID, broken.UserID = "U0MALLORY", "U0BROKEN"
	for _, c := range []struct {
		name  string
		press *notify.Press
		want  string
		fails bool
	}{
		{"by somebody who may not", stranger, "You may not press this: allowed_users of receiver team in rules.yaml says who may.", false},
		{"by somebody of whom it is not known", broken, saidUndecided, true},
		{"on a card of another alerter", e.press(notify.Acknowledge, "nobody's", at), saidUnknown, false},
		{"on a card that is older than the alert", e.press(notify.Acknowledge, key, at.Add(-time.Hour)), saidOver, false},
	} {
		if err := w.worker.press(t.Context(), c.press, at); (err != nil) != c.fails {
			t.Errorf("%s: got error %v, want one: %v", c.name, err, c.fails)
		}
		if got := e.said(); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: got replies %q, want %q", c.name, got, c.want)
		}
	}
	if acks, silences, deeds := w.quiet(); len(acks)+len(silences)+len(deeds) != 0 {
		t.Errorf("got %v, %v, %v, want nothing changed", acks, silences, deeds)
	}
	breakTable(t, w.store.Path(), "INSERT", "acknowledgements")
	if err := w.worker.press(t.Context(), e.press(notify.Acknowledge, key, at), at); err == nil {
		t.Error("got no error though nothing could be written, want one")
	}
	if got := e.said(); len(got) != 1 || got[0] != saidTrouble {
		t.Errorf("got replies %q, want %q", got, saidTrouble)
	}
}

func TestAPressAfterTheEndChangesNothing(t *testing.T) {
	t.Parallel()
	w, e := withButtons(t)
	asOf := w.now()
	w.minutes(60)
	if err := w.worker.press(t.Context(), e.press(notify.Acknowledge, e.got[0].Key, asOf), w.now()); err != nil {
		t.Fatal(err)
	}
	if got := e.said(); len(got) != 1 || got[0] != saidOver {
		t.Errorf("got replies %q, want %q", got, saidOver)
	}
}

func TestButtonsThatAreNotHeardAreTroubleUntilTheyAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		e := &ear{box: d.box["team"], heard: make(chan sound), allowed: map[string]error{"U0ADA": nil}}
		d.plan.Receivers["team"] = notify.Receiver{Kind: "slack", Channel: e}
		stop := d.run(t)
		defer stop()
		pass(time.Second)
		for range 3 {
			e.heard <- sound{err: errors.New("connect to Slack: no")}
		}
		pass(time.Second)
		if diff := cmp.Diff([]string{"AlerterJobFailing listen/team"}, d.troubles()); diff != "" {
			t.Errorf("troubles (-want +got):\n%s", diff)
		}
		e.heard <- sound{press: e.press(notify.Acknowledge, "nobody's", time.Now())}
		pass(time.Second)
		if diff := cmp.Diff([]string{saidUnknown}, e.said()); diff != "" {
			t.Errorf("replies (-want +got):\n%s", diff)
		}
		e.heard <- sound{}
		pass(time.Second)
		if diff := cmp.Diff([]string(nil), d.troubles()); diff != "" {
			t.Errorf("troubles once it is heard (-want +got):\n%s", diff)
		}
		e.heard <- sound{err: notify.Permanent(errors.New("connect to Slack: invalid_auth"))}
		pass(longestRetry + time.Second) // then it is begun anew
		e.heard <- sound{press: e.press(notify.Acknowledge, "nobody's", time.Now())}
		pass(time.Second)
		if got := e.said(); len(got) != 1 {
			t.Errorf("got replies %q, want one: it listens again", got)
		}
	})
}

func TestAPressThatPanicsIsLoggedAndTheNextIsHeard(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	e := &ear{box: d.box["team"]}
	p := e.press(notify.Acknowledge, "nobody's", c.now())
	p.Reply = func(context.Context, string) error { panic("no") }
	d.worker.pressed(t.Context(), "team", p, c.now())
	lines := d.log.lines("press did not succeed")
	if len(lines) != 1 || !strings.Contains(fmt.Sprint(lines[0]["error"]), "panicked: no") || lines[0]["from"] != "ada U0ADA" {
		t.Errorf("got %v, want one line that says who pressed and what went wrong", lines)
	}
}

func TestTroubleOfAReceiverThatIsNotListenedToAnyMoreEnds(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	e := &ear{box: d.box["team"]}
	d.plan.Receivers["team"] = notify.Receiver{Kind: "slack", Channel: e}
	d.apply()
	d.update(func(tx *store.Tx) error {
		return tx.PutTrouble(jobTrouble(job{name: hearJob + "team"}, 3, "no", c.now()))
	})
	d.apply()
	if got := d.troubles(); len(got) != 1 {
		t.Errorf("got troubles %q, want it to last as long as it is listened to", got)
	}
	d.plan.Receivers["team"] = notify.Receiver{Kind: "slack", Channel: e.box}
	d.apply()
	if got := d.troubles(); len(got) != 0 {
		t.Errorf("got troubles %q, want none", got)
	}
}
