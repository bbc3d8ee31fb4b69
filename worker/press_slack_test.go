package worker

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
)

// withSlack makes the team's receiver a Slack whose buttons are heard, and lets an
// alert fire there.
func withSlack(t *testing.T) (*world, *fakeSlack) {
	t.Helper()
	w, c := newWorld(t, plateau), newFakeSlack(t)
	team, err := notify.New("slack", jsonSettings(fmt.Sprintf(
		`{"channel": %q, "token": "xoxb-1", "app_token": "xapp-1", "allowed_users": ["U0ADALOVE"], "api_url": "%s/api/"}`, slackChannel, c.URL,
	)), notify.Env{Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	w.plan.Receivers["team"] = notify.Receiver{Kind: "slack", Channel: team}
	w.plan.Tree.Receivers["team"] = route.ReceiverOptions{SendResolved: true, Edits: true}
	if _, err := w.worker.adopt(t.Context(), w.plan); err != nil {
		t.Fatal(err)
	}
	w.limits()
	for range 60 {
		if c.card() == "" {
			w.minutes(1)
		}
	}
	return w, c
}

// hears lets the worker listen to its team until the test ends.
func (w *world) hears(t *testing.T) {
	t.Helper()
	l, ok := w.plan.Receivers.Listener("team")
	if !ok {
		t.Fatal("got a receiver that does not listen, want one that does")
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.worker.hearOne(ctx, "team", l)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// wantCard makes sure that the card shows something, a minute after it was changed.
func (w *world) wantCard(t *testing.T, c *fakeSlack, want string) {
	t.Helper()
	before := c.edits
	w.minutes(1)
	if got := c.card(); !strings.Contains(got, want) || c.edits == before {
		t.Errorf("got a card edited %d times, want one edited anew that says %q:\n%s", c.edits, want, got)
	}
}

// A press goes from Slack to the store and back onto the card, over one connection
// after the other.
func TestAPressInSlackEndsOnTheCardForEverybody(t *testing.T) {
	t.Parallel()
	w, c := withSlack(t)
	w.hears(t)
	await(t, "the connection", c.opened)
	silence24 := c.button(t, "Silence 24 h")
	var fastest time.Duration
	// While something else writes, nothing can be done about the press: the answer does not wait for that.
	if err := w.store.Update(t.Context(), func(*store.Tx) error {
		fastest = c.press(t, "e1", "ada", c.button(t, "Acknowledge"))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := await(t, "what came of it", c.whispers); got != "Acknowledged." {
		t.Errorf("ada was told %q, want that it is acknowledged", got)
	}
	w.wantCard(t, c, "Acknowledged by ada at "+w.now().Format("15:04 UTC"))

	c.say(t, `{"type":"disconnect","reason":"refresh_requested"}`)
	await(t, "the second connection", c.opened)
	fastest = min(fastest, c.press(t, "e2", "ada", c.button(t, "Silence 1 h")))
	until := w.now().Add(time.Hour)
	if got := await(t, "what came of it", c.whispers); got != "Silenced until "+until.Format("2006-01-02 15:04 UTC")+": exactly what this card shows." {
		t.Errorf("ada was told %q, want until when it is silenced", got)
	}
	w.wantCard(t, c, "Silenced by ada until "+until.Format("15:04 UTC"))

	c.drop()
	await(t, "the third connection", c.opened)
	fastest = min(fastest, c.press(t, "e3", "mallory", silence24))
	if got := await(t, "what came of it", c.whispers); !strings.HasPrefix(got, "You may not press this") {
		t.Errorf("mallory was told %q, want a refusal", got)
	}
	w.wantDeeds(t, "ada acknowledged", "ada silence_added")
	if fastest > 3*time.Second {
		t.Errorf("the fastest of three answers took %s, want it within the three seconds that Slack waits", fastest)
	}
}

// wantDeeds makes sure that the event log has these and no others, oldest first, and
// that they are what holds.
func (w *world) wantDeeds(t *testing.T, want ...string) {
	t.Helper()
	acks, silences, deeds := w.quiet()
	if len(acks) != 1 || acks[0].By != "ada" || len(silences) != 1 || silences[0].CreatedBy != "ada" {
		t.Errorf("got acknowledgements %+v and silences %+v, want one of each, by ada", acks, silences)
	}
	var got []string
	for _, d := range deeds {
		got = append(got, d.Actor+" "+d.Deed)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event log (-want +got):\n%s", diff)
	}
}
