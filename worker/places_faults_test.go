package worker

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/store"
)

// discard throws a server's log away: what goes wrong is what is tested.
var discard = log.New(io.Discard, "", 0)

// placeFault is how a place answers, or why it does not, and what follows.
type placeFault struct {
	name       string
	status     int
	retryAfter string
	body       string // empty: that it has taken the message in
	hangs      bool   // it says nothing
	cuts       bool   // it reads the message and hangs up
	half       bool   // it hangs up within its answer
	tls        bool   // its certificate is its own
	address    string // where nobody is
	want       ending
	but        map[string]ending // of kinds that know better
}

// ending is what one attempt comes to.
type ending struct {
	state    store.MessageState
	arrivals int64
	next     time.Duration // until the next attempt; of a back-off the longest
	unsure   bool          // it may have been taken in
}

// placeFaults are what can go wrong between us and a place. What can go wrong
// before and after is the same for all kinds: see [faults].
func placeFaults() []placeFault {
	sent := ending{state: store.MessageSent, arrivals: 1}
	dead := ending{state: store.MessageDead, arrivals: 1}
	perhaps := ending{store.MessageWaiting, 1, firstRetry, true}
	refused := ending{store.MessageWaiting, 1, firstRetry, false}
	unreached := ending{store.MessageWaiting, 0, firstRetry, false}
	rests := ending{store.MessageWaiting, 1, 90 * time.Second, false}
	noHeader := map[string]ending{"email": refused} // SMTP knows no Retry-After
	return []placeFault{
		{name: "nothing", status: 200, want: sent},
		{name: "nobody listens", address: "http://127.0.0.1:1", want: unreached},
		{name: "there is no such name", address: "http://nowhere.invalid:25", want: unreached},
		{name: "its certificate is not trusted", tls: true, status: 200, want: unreached, but: map[string]ending{"email": sent}}, // it is spoken to without TLS
		{name: "400", status: 400, want: dead},
		{name: "401", status: 401, want: dead},
		{name: "404", status: 404, want: dead},
		{name: "413", status: 413, want: dead},
		{name: "429", status: 429, want: refused},
		{name: "429 with seconds", status: 429, retryAfter: "90", want: rests, but: noHeader},
		{name: "429 with a date", status: 429, retryAfter: start.Add(90 * time.Second).Format(http.TimeFormat), want: rests, but: noHeader},
		{name: "500", status: 500, want: perhaps, but: map[string]ending{"email": refused}},
		{name: "503 with seconds", status: 503, retryAfter: "90", want: ending{store.MessageWaiting, 1, 90 * time.Second, true}, but: noHeader},
		{name: "it says nothing", hangs: true, want: perhaps},
		{name: "its answer is lost", cuts: true, want: perhaps},
		{name: "its answer is cut off", half: true, status: 200, want: sent},
		{name: "200 with a refusal inside", status: 200, body: `{"ok":false,"error":"channel_not_found"}`, want: sent, but: map[string]ending{"slack": dead}},
		{name: "200 with a trouble inside", status: 200, body: `{"ok":false,"error":"internal_error"}`, want: sent, but: map[string]ending{"slack": perhaps}},
	}
}

func TestEachKindOfReceiverHasAPlaceToFail(t *testing.T) {
	t.Parallel()
	for _, kind := range notify.Kinds() {
		if _, ok := settingsTo[kind]; !ok {
			t.Errorf("kind %s has no settings in settingsTo: what becomes of its messages when its place fails is not tested", kind)
		}
	}
}

func TestWhateverAPlaceAnswersTheMessageIsSentTriedAgainOrReported(t *testing.T) {
	t.Parallel()
	for _, kind := range notify.Kinds() {
		for _, f := range placeFaults() {
			if kind == "console" && f.name != "nothing" {
				continue // it has no place
			}
			want, special := f.but[kind]
			if !special {
				want = f.want
			}
			if kind == "console" {
				want.arrivals = 0
			}
			t.Run(kind+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				got := tryOnce(t, kind, f)
				if got.next <= want.next && got.next >= want.next*4/5 { // less up to a fifth
					got.next = want.next
				}
				if got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			})
		}
	}
}

// tryOnce sends one message to a place that fails so, and says what came of it.
func tryOnce(t *testing.T, kind string, f placeFault) ending {
	t.Helper()
	c := newClock()
	d := newDesk(t, c.now)
	p := newPlace(t, kind, f)
	d.plan.Receivers["team"] = notify.Receiver{Kind: kind, Channel: channelTo(t, kind, p.address, c)}
	d.ready()
	firedAt := start
	fires := notify.Alert{
		Labels: map[string]string{"alertname": "LimitPressure"}, Fingerprint: "a", State: evaluate.Firing, Severity: evaluate.Warning, FiredAt: &firedAt,
	}
	body, err := json.Marshal(notify.Message{
		Key: "k", Kind: notify.KindAlert, Receiver: "team", Reason: evaluate.Fired, At: start, Title: "[FIRING:warning] a limit",
		Items: []notify.Item{{Reason: evaluate.Fired, Alert: fires}}, Group: []notify.Alert{fires},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.update(func(tx *store.Tx) error {
		return tx.Enqueue([]store.Row{{
			Key: "k", Receiver: "team", GroupKey: "g", Episode: start, Reason: evaluate.Fired, SendAt: start, NotAfter: start.Add(time.Hour), Body: body,
		}})
	})
	ctx := context.Background()
	if f.hangs { // waiting the whole time would only take longer
		ctx = overdue{ctx, p.arrived}
	}
	o := d.worker.attempt(ctx, d.worker.lane("team"), d.begin("team"))
	d.update(o.settle)
	m := d.outbox()[0]
	got := ending{state: m.State, arrivals: p.arrivals.Load(), unsure: m.State == store.MessageWaiting && !notify.IsRefused(o.err)}
	if m.State == store.MessageWaiting {
		got.next = m.NextAt.Sub(start)
	}
	return got
}
