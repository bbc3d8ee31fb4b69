package worker

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/store"
)

// pair is a message about two alerts that fire.
func (d *desk) pair(key, receiver string) {
	d.t.Helper()
	at := d.now()
	m := notify.Message{Key: key, Kind: notify.KindAlert, Receiver: receiver, Reason: evaluate.Fired, At: at}
	row := store.Row{Key: key, Receiver: receiver, GroupKey: "g", Episode: at, Reason: evaluate.Fired, SendAt: at, NotAfter: at.Add(time.Hour)}
	for _, print := range []evaluate.Fingerprint{"a", "b"} {
		m.Items = append(m.Items, notify.Item{Reason: evaluate.Fired, Alert: notify.Alert{Fingerprint: print, Severity: evaluate.Warning, FiredAt: &at}})
		row.Alerts = append(row.Alerts, store.RowAlert{Fingerprint: print, FiredAt: at, Reason: evaluate.Fired})
	}
	body, err := json.Marshal(m)
	if err != nil {
		d.t.Fatal(err)
	}
	row.Body = body
	d.update(func(tx *store.Tx) error { return tx.Enqueue([]store.Row{row}) })
}

// over ends alerts that fired at start.
func (d *desk) over(prints ...evaluate.Fingerprint) {
	d.t.Helper()
	d.update(func(tx *store.Tx) error {
		for _, print := range prints {
			err := tx.PutAlerts([]evaluate.Alert{{
				Fingerprint: print, Rule: "R", Kind: "threshold", State: evaluate.Resolved, Severity: evaluate.Warning, Worst: evaluate.Warning,
				PendingAt: start, FiredAt: start, ResolvedAt: start.Add(time.Minute), SteppedAt: start.Add(time.Minute),
			}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *desk) replay(ids ...int64) (out []store.Replayed) {
	d.t.Helper()
	d.update(func(tx *store.Tx) (err error) {
		out, err = tx.Replay(ids, d.now())
		return err
	})
	return out
}

func TestAMessageSentAgainSaysOnlyWhatStillHolds(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].fail = func(n int) error {
		if n == 1 {
			return notify.Permanent(errors.New("answered 404"))
		}
		return nil
	}
	d.pair("k", "team")
	d.seconds(c, 1)
	d.over("a")
	c.pass(10 * time.Hour)
	if got := d.replay(1); got[0].Refused != "" {
		t.Fatalf("refused: %s", got[0].Refused)
	}
	d.seconds(c, 1)
	got := d.box["team"].got
	if len(got) != 1 || len(got[0].Items) != 1 || got[0].Items[0].Alert.Fingerprint != "b" || got[0].Key != "k" {
		t.Errorf("heard %+v, want one message of the same key about b, which still fires", got)
	}
	if diff := cmp.Diff([]string{"k sent"}, d.states()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
}

func TestAMessageSentAgainIsGivenUpWhenNothingOfItHoldsAnyMore(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.pair("k", "team")
	d.update(func(tx *store.Tx) error { return tx.MarkDead(1, start, "answered 404") })
	d.replay()
	d.over("a", "b")
	d.seconds(c, 1)
	if got := d.box["team"].keys(); got != nil {
		t.Errorf("heard %q, want nothing", got)
	}
	m := d.outbox()[0]
	if m.State != store.MessageDead || m.LastError != "what it says is over, or was told, since it was given up" {
		t.Errorf("got %s, %q, want it dead and why", m.State, m.LastError)
	}
}

func TestTwoMessagesOfACardAreSentAgainOneAfterTheOther(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	d.box["team"].fail = func(n int) error {
		if n <= 2 {
			return notify.Permanent(errors.New("answered 404"))
		}
		return nil
	}
	for _, group := range []string{"a", "b"} {
		m := news(group, "team", group, evaluate.Fired, start, start)
		m.GroupKey = "g"
		d.put(m)
		d.seconds(c, 1)
	}
	if diff := cmp.Diff([]string{"a dead", "b dead"}, d.states()); diff != "" {
		t.Fatalf("outbox at first (-want +got):\n%s", diff)
	}
	d.replay()
	d.seconds(c, 1)
	if diff := cmp.Diff([]string{"a", "b"}, d.box["team"].keys()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}
