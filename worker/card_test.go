package worker

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
)

// jsonSettings is a receiver's settings as JSON, which the settings decode as well.
type jsonSettings string

func (s jsonSettings) Decode(into any) error { return json.Unmarshal([]byte(s), into) }

func TestOnlyReceiversThatEditGetTheWholeGroupAsACard(t *testing.T) {
	t.Parallel()
	plan := &Plan{Receivers: notify.Receivers{"hook": {Kind: "webhook", Channel: &box{}}}}
	for name, settings := range map[string]jsonSettings{
		"chat": `{"channel":"#ops","token":"xoxb-1"}`, "chat-webhook": `{"webhook_url":"https://hooks.slack.com/services/x"}`,
	} {
		c, err := notify.New("slack", settings, notify.Env{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		plan.Receivers[name] = notify.Receiver{Kind: "slack", Channel: c}
	}
	fires := evaluate.Alert{Fingerprint: "a", Rule: "LimitPressure", State: evaluate.Firing, Severity: evaluate.Warning, FiredAt: time.Unix(60, 0)}
	got := map[string]int{}
	for _, receiver := range []string{"hook", "chat", "chat-webhook"} {
		rows, err := compose([]route.Message{{Key: "k", Receiver: receiver, Alerts: []evaluate.Alert{fires}}}, plan)
		if err != nil {
			t.Fatal(err)
		}
		var m notify.Message
		if err := json.Unmarshal(rows[0].Body, &m); err != nil {
			t.Fatal(err)
		}
		if m.Card != nil {
			got[receiver] = len(m.Card.Items)
		}
	}
	if diff := cmp.Diff(map[string]int{"chat": 1}, got); diff != "" {
		t.Errorf("alerts on cards (-want +got):\n%s", diff)
	}
}

func TestTheReceiptOfANewCardComesWithTheNextMessage(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].anew = "2"
	for _, key := range []string{"1", "2", "3", "4"} {
		d.letter(key, "team", "g")
	}
	d.worker.Deliver(context.Background())
	var got []string
	for _, m := range d.box["team"].got[1:] {
		got = append(got, m.Receipt.ID)
	}
	if diff := cmp.Diff([]string{"1", "2", "2"}, got); diff != "" {
		t.Errorf("receipts (-want +got):\n%s", diff)
	}
}

func TestAMessageKnowsThatAnAttemptBeforeMayHaveDeliveredIt(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].after = func(n int) error {
		if n == 1 {
			return errors.New("the answer got lost")
		}
		return nil
	}
	d.letter("1", "team", "g")
	d.letter("2", "team", "g")
	d.seconds(c, 10)
	var got []bool
	for _, m := range d.box["team"].got {
		got = append(got, m.Again)
	}
	if diff := cmp.Diff([]bool{false, true, false}, got); diff != "" {
		t.Errorf("messages that may have arrived before (-want +got):\n%s", diff)
	}
}

func TestWhatADeliveredMessageLacksIsLogged(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].lacks = "put the chart into the thread: Slack says missing_scope"
	d.letter("1", "team", "g")
	d.worker.Deliver(context.Background())
	lines := d.log.lines("delivered without a part of it")
	if len(lines) != 1 || lines[0]["error"] != d.box["team"].lacks || lines[0]["level"] != "warn" || lines[0]["receiver"] != "team" {
		t.Errorf("got %v, want one warning that says what is missing", lines)
	}
}

func TestAnUpdateThatComesTooLateIsDroppedAndNobodyIsAlarmed(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	at := c.now()
	d.update(func(tx *store.Tx) error {
		return tx.Enqueue([]store.Row{{
			Key: "u", Receiver: "team", GroupKey: "g", Episode: at, Reason: route.ReasonUpdate, SendAt: at, NotAfter: at.Add(5 * time.Minute), Body: []byte(`{"key":"u"}`),
		}})
	})
	c.pass(10 * time.Minute)
	d.worker.Deliver(context.Background())
	if len(d.box["team"].got)+len(d.outbox())+len(d.troubles()) != 0 {
		t.Errorf("got %v, outbox %v, troubles %v, want nothing left", d.box["team"].keys(), d.outbox(), d.troubles())
	}
	if n := len(d.log.lines("card not brought up to date")); n != 1 {
		t.Errorf("got %d log lines, want one", n)
	}
}
