package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
)

// newBurstDesk has a team that hears of many groups at once, and a pager that does not.
func newBurstDesk(t *testing.T) (*desk, *clock) {
	t.Helper()
	c := newClock()
	d := newDesk(t, c.now)
	d.plan.Receivers["pager"] = notify.Receiver{Kind: "pagerduty", Channel: d.box["pager"]}
	return d.ready(), c
}

// news is a message about the one alert of a group, which has the group's name.
func news(key, receiver, group string, reason evaluate.Reason, fired, at time.Time) notify.Message {
	alert := notify.Alert{
		Labels: map[string]string{"alertname": "LimitPressure", "model_group": group}, Annotations: map[string]string{},
		Fingerprint: evaluate.Fingerprint(group), State: evaluate.Firing, Severity: evaluate.Warning, FiredAt: &fired,
	}
	if reason == evaluate.ReasonResolved {
		alert.State, alert.ResolvedAt = evaluate.Resolved, &at
	}
	title := "[" + strings.ToUpper(string(reason)) + "] " + group
	return notify.Message{
		Key: key, Kind: notify.KindAlert, Receiver: receiver, GroupKey: group, GroupLabels: map[string]string{"model_group": group},
		Episode: start, Reason: reason, At: at, Title: title, Group: []notify.Alert{alert},
		Items: []notify.Item{{Reason: reason, Alert: alert, Text: notify.Text{Title: title}}},
	}
}

// carded is a message with the card of its group, for receivers that edit.
func carded(m notify.Message) notify.Message {
	m.Card = &notify.Card{Kind: m.Kind, Title: "card of " + m.Key, AsOf: m.At, Items: m.Items}
	return m
}

// put enqueues a message that is due now.
func (d *desk) put(m notify.Message) {
	d.t.Helper()
	body, err := json.Marshal(m)
	if err != nil {
		d.t.Fatal(err)
	}
	row := store.Row{
		Key: m.Key, Receiver: m.Receiver, GroupKey: m.GroupKey, Episode: m.Episode, Reason: m.Reason, Body: body,
		SendAt: d.now(), NotAfter: d.now().Add(4 * time.Hour), Alerts: about(m), System: m.Kind == notify.KindSystem,
	}
	d.update(func(tx *store.Tx) error { return tx.Enqueue([]store.Row{row}) })
}

// burst puts the news that n groups fire.
func (d *desk) burst(receiver string, n int) {
	d.t.Helper()
	for i := range n {
		group := fmt.Sprintf("g%02d", i)
		d.put(news("fired "+group, receiver, group, evaluate.Fired, d.now(), d.now()))
	}
}

// said is what a receiver heard: its messages, each with what it says of which group.
func (b *box) said() (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.got {
		var words []string
		for _, it := range m.Items {
			words = append(words, string(it.Reason)+" "+string(it.Alert.Fingerprint))
		}
		out = append(out, strings.Join(words, ", "))
	}
	return out
}

// count is how many messages are in each state.
func (d *desk) count() map[store.MessageState]int {
	n := map[store.MessageState]int{}
	for _, m := range d.outbox() {
		n[m.State]++
	}
	return n
}

func TestABurstOfAHundredGroupsIsToldInOneMessage(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	d.burst("team", 100)
	d.seconds(c, 1)
	got := d.box["team"].got
	if len(got) != 1 || len(got[0].Items) != 100 || got[0].Summary == nil || got[0].GroupKey != route.SummaryKey {
		t.Fatalf("heard %q, want one message of a hundred alerts", d.box["team"].said())
	}
	if want := "[FIRING:warning] 100 alerts · 100 groups"; got[0].Title != want {
		t.Errorf("got title %q, want %q", got[0].Title, want)
	}
	if diff := cmp.Diff(map[store.MessageState]int{store.MessageSent: 1, store.MessageSuperseded: 100}, d.count()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
	all := d.outbox()
	if all[0].SupersededBy != all[100].ID || len(all[100].Fingerprints) != 100 || !all[100].NotAfter.Equal(start.Add(4*time.Hour)) {
		t.Errorf("got superseded by %d, and message %d about %d alerts until %s, want all of them, for as long as theirs",
			all[0].SupersededBy, all[100].ID, len(all[100].Fingerprints), all[100].NotAfter)
	}
}

func TestTenGroupsAreToldOneByOne(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	d.burst("team", 10)
	d.seconds(c, 1)
	if got := d.box["team"].said(); len(got) != 10 {
		t.Errorf("heard %q, want ten messages", got)
	}
}

func TestAPagerIsToldOfEachAlertHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	d.burst("pager", 30)
	d.seconds(c, 1)
	if got := d.box["pager"].said(); len(got) != 30 {
		t.Errorf("heard %q, want thirty messages", got)
	}
}

func TestDigestsAndTheServiceItselfAreNotPartOfASummary(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	d.plan.Digests = []string{"team"}
	d.apply()
	system := news("system", "team", "s", evaluate.Fired, start, start)
	system.Kind = notify.KindSystem
	d.put(system)
	digest := notify.Message{Key: "digest", Kind: notify.KindDigest, Receiver: "team", GroupKey: "digest", Episode: start, Reason: digestReason, Digest: &notify.Digest{}}
	d.put(digest)
	d.burst("team", 20)
	d.seconds(c, 1)
	var got []string
	for _, m := range d.box["team"].got {
		got = append(got, string(m.Kind)+fmt.Sprint(" ", len(m.Items)))
	}
	if diff := cmp.Diff([]string{"system 1", "digest 0", "alert 20"}, got); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

// An hour in which thirty groups fire one after the other, and the first ten end.
func TestAnOutageOfAnHourEndsWithOneMessage(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	box := d.box["team"]
	box.fail = func(int) error { return notify.RetryAfter(time.Second, errors.New("answered 503")) }
	for i := range 60 {
		group := fmt.Sprintf("g%02d", i%30)
		switch {
		case i < 30:
			d.put(news("fired "+group, "team", group, evaluate.Fired, c.now(), c.now()))
		case i < 40:
			d.put(news("resolved "+group, "team", group, evaluate.ReasonResolved, start.Add(time.Duration(i-30)*time.Minute), c.now()))
		}
		d.seconds(c, 60)
	}
	tries := len(box.tried())
	box.fail = nil
	d.seconds(c, 11*60)
	if len(box.got) != 1 || len(box.got[0].Items) != 30 {
		t.Fatalf("heard %q, want one message about thirty alerts", box.said())
	}
	m := box.got[0]
	if want := "[FIRING:warning] 30 alerts (20 fired, 10 resolved) · 30 groups"; m.Title != want {
		t.Errorf("got title %q, want %q", m.Title, want)
	}
	if m.Items[0].Reason != evaluate.Fired || m.Items[29].Reason != evaluate.ReasonResolved || !m.Items[29].Late {
		t.Errorf("got %s first and %s last, late %v, want what fires first, and of what is over that it could not be told before",
			m.Items[0].Reason, m.Items[29].Reason, m.Items[29].Late)
	}
	if got := m.FailingSince.Sub(start); got <= 0 || got > 2*time.Minute {
		t.Errorf("the message says that nothing could be delivered since %s, want the first minutes", m.FailingSince.Format("15:04:05"))
	}
	if tries > 200 {
		t.Errorf("the receiver was tried %d times in the hour, want no more than a few a minute", tries)
	}
	if n := d.count(); n[store.MessageWaiting]+n[store.MessageDead] != 0 {
		t.Errorf("got %v, want nothing that waits or is dead", n)
	}
}

func TestAfterALongOutageFourGroupsAreManyAndThreeAreNot(t *testing.T) {
	t.Parallel()
	for groups, messages := range map[int]int{3: 3, 4: 1} {
		t.Run(fmt.Sprint(groups), func(t *testing.T) {
			t.Parallel()
			d, c := newBurstDesk(t)
			box := d.box["team"]
			box.fail = func(int) error { return errors.New("no answer") }
			d.burst("team", groups)
			d.seconds(c, 40*60)
			box.fail = nil
			d.seconds(c, 11*60)
			if got := box.said(); len(got) != messages {
				t.Errorf("heard %q, want %d messages", got, messages)
			}
		})
	}
}

func TestASummaryThatFailsIsJoinedByWhatIsNewer(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	box := d.box["team"]
	box.fail = func(n int) error {
		if n == 1 {
			return notify.RetryAfter(time.Second, errors.New("answered 429"))
		}
		return nil
	}
	d.burst("team", 12)
	d.seconds(c, 1)
	d.put(news("resolved g00", "team", "g00", evaluate.ReasonResolved, start, c.now()))
	d.put(news("fired new", "team", "new", evaluate.Fired, c.now(), c.now()))
	d.seconds(c, 2)
	if len(box.got) != 1 || len(box.got[0].Items) != 13 || box.got[0].Items[12].Reason != evaluate.ReasonResolved {
		t.Fatalf("heard %q, want one message about thirteen alerts, of which one is over", box.said())
	}
	if diff := cmp.Diff(map[store.MessageState]int{store.MessageSent: 1, store.MessageSuperseded: 15}, d.count()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
}

// Its receiver may have heard that an alert fires: it hears the end before that it
// fires again, and neither before what came before.
func TestNothingOvertakesASummaryAndWhatDoesNotFitIntoItFollows(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	box := d.box["team"]
	box.after = func(n int) error {
		if n == 1 {
			return errors.New("the answer got lost")
		}
		return nil
	}
	d.burst("team", 12)
	d.seconds(c, 1)
	d.put(news("resolved g00", "team", "g00", evaluate.ReasonResolved, start, c.now()))
	d.put(news("fired again g00", "team", "g00", evaluate.Fired, c.now(), c.now()))
	d.put(news("escalated g01", "team", "g01", evaluate.Escalated, start, c.now()))
	d.seconds(c, 1)
	got := box.said()
	if len(got) != 3 || !strings.HasSuffix(got[1], "resolved g00") || strings.Count(got[1], "g01") != 1 || got[2] != "fired g00" {
		t.Errorf("heard\n%s\nwant the summary, the newest of it with the end, then that it fires again", strings.Join(got, "\n"))
	}
}

// What waits behind a summary that fails does not have it tried again at once.
func TestASummaryIsTriedNoMoreOftenForWhatItLeftWaiting(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	box := d.box["team"]
	box.fail = func(int) error { return errors.New("no answer") }
	d.burst("team", 12)
	d.put(news("acknowledged g00", "team", "g00", evaluate.ReasonAcknowledged, start, start))
	d.seconds(c, 60)
	if n := len(box.tried()); n > 6 {
		t.Errorf("tried %d times in a minute, want 5 s, 10 s, 20 s … apart", n)
	}
	box.fail = nil
	d.seconds(c, 60)
	if got := box.said(); len(got) != 2 || got[1] != "acknowledged g00" {
		t.Errorf("heard %q, want the summary, then who has taken it on", got)
	}
}

func TestASummaryThatACrashInterruptedIsToldOnceMore(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	d.burst("team", 12)
	d.worker.attempt(context.Background(), d.worker.lane("team"), d.begin("team"))
	d.again()
	d.put(news("fired new", "team", "new", evaluate.Fired, c.now(), c.now()))
	d.seconds(c, 1)
	got := d.box["team"].got
	if len(got) != 2 || len(got[0].Items) != 12 || len(got[1].Items) != 13 || !got[1].Again {
		t.Errorf("heard %q, want the summary, and it again with what is new", d.box["team"].said())
	}
}

func TestASummaryIsSentAgainLessWhatIsOver(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	box := d.box["team"]
	box.fail = func(n int) error {
		if n == 1 {
			return notify.Permanent(errors.New("answered 404"))
		}
		return nil
	}
	d.burst("team", 12)
	d.seconds(c, 1)
	if n := d.count(); n[store.MessageDead] != 1 {
		t.Fatalf("got %v, want the summary dead", n)
	}
	d.over("g03")
	d.put(news("reminder g04", "team", "g04", evaluate.Reminder, start, c.now()))
	d.seconds(c, 1)
	d.replay()
	d.seconds(c, 1)
	got := box.got
	if len(got) != 2 || len(got[1].Items) != 10 || got[1].Title != "[FIRING:warning] 10 alerts · 10 groups" {
		t.Errorf("heard %q, want the reminder, and then ten alerts: one is over, one was told since", box.said())
	}
}

func TestAMessageThatWaitsAndIsToldByASummaryIsNotWaitingForItsGroup(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	d.burst("team", 12)
	later := news("later", "team", "g00", evaluate.Reminder, start, start)
	body, err := json.Marshal(later)
	if err != nil {
		t.Fatal(err)
	}
	waits := route.Message{Key: "later", Receiver: "team", GroupKey: "g00", At: start, SendAt: start.Add(time.Hour)}
	d.update(func(tx *store.Tx) error {
		return errors.Join(
			tx.Enqueue([]store.Row{{Key: "later", Receiver: "team", GroupKey: "g00", Episode: start, Reason: evaluate.Reminder, Body: body, SendAt: waits.SendAt, NotAfter: start.Add(4 * time.Hour), Alerts: about(later)}}),
			tx.PutGroups([]route.Group{{Key: "g00", Receiver: "team", Waiting: &waits}}))
	})
	d.seconds(c, 1)
	d.view(func(tx *store.Tx) error {
		groups, err := tx.Groups([]route.GroupRef{{Receiver: "team", Key: "g00"}}, start)
		if len(groups) != 1 || groups[0].Waiting != nil {
			t.Errorf("got %+v, want a group whose message is gone", groups)
		}
		return err
	})
}

// chat is a place that speaks as much of Slack as cards need.
type chat struct {
	mu    sync.Mutex
	calls []string // method, and the text's first line
}

func (p *chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	line, _, _ := strings.Cut(r.FormValue("text"), "\n")
	p.calls = append(p.calls, strings.TrimPrefix(r.URL.Path, "/chat.")+" "+line)
	ts := r.FormValue("ts")
	if ts == "" {
		ts = fmt.Sprint("1.", len(p.calls))
	}
	fmt.Fprintf(w, `{"ok":true,"channel":"C0123456789","ts":%q}`, ts)
}

// heard is what was called since the last look, and how often.
func (p *chat) heard() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls := p.calls
	p.calls = nil
	return calls
}

func TestASlackReceiverGetsTheSummaryAndItsCardsAreEdited(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	place := &chat{}
	server := httptest.NewServer(place)
	t.Cleanup(server.Close)
	d.plan.Receivers["team"] = notify.Receiver{Kind: "slack", Channel: channelTo(t, "slack", server.URL, c)}
	d.apply()
	for i := range 2 {
		group := fmt.Sprintf("g%02d", i)
		d.put(carded(news("fired "+group, "team", group, evaluate.Fired, start, start)))
	}
	d.seconds(c, 1)
	if diff := cmp.Diff([]string{"postMessage card of fired g00", "postMessage card of fired g01"}, place.heard()); diff != "" {
		t.Fatalf("called at first (-want +got):\n%s", diff)
	}
	for i := range 12 {
		group := fmt.Sprintf("g%02d", i)
		d.put(carded(news("escalated "+group, "team", group, evaluate.Escalated, start, c.now())))
	}
	d.seconds(c, 1)
	want := []string{"postMessage [ESCALATED:warning] 12 alerts · 12 groups", "update card of escalated g00", "update card of escalated g01"}
	if diff := cmp.Diff(want, place.heard()); diff != "" {
		t.Errorf("called for the burst (-want +got):\n%s", diff)
	}
	d.view(func(tx *store.Tx) error {
		_, found, err := tx.CardOf([]byte(`{"id":"1.3","channel":"C0123456789"}`))
		if found {
			t.Error("the summary counts as a group's card")
		}
		return err
	})
	d.put(carded(news("resolved g00", "team", "g00", evaluate.ReasonResolved, start, c.now())))
	d.put(carded(news("resolved g05", "team", "g05", evaluate.ReasonResolved, start, c.now())))
	d.seconds(c, 1)
	// g00's card is edited and its thread told; g05 was told of in the summary and has its card now.
	want = []string{"update card of resolved g00", "postMessage [RESOLVED] g00", "postMessage card of resolved g05"}
	if diff := cmp.Diff(want, place.heard()); diff != "" {
		t.Errorf("called for the ends (-want +got):\n%s", diff)
	}
	if n := d.count(); n[store.MessageWaiting]+n[store.MessageDead] != 0 {
		t.Errorf("got %v, want nothing that waits or is dead", n)
	}
}

// A webhook has room for 20 kB: what does not fit is not left out, but told in
// another message.
func TestNoAlertIsLeftOutOfAWebhooksSummary(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	var mu sync.Mutex
	var sizes, truncated int
	told := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m struct {
			Data struct {
				Alerts    []notify.Alert `json:"alerts"`
				Truncated int            `json:"truncated_alerts"`
			} `json:"data"`
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &m) != nil {
			t.Errorf("got %s", body)
		}
		mu.Lock()
		defer mu.Unlock()
		sizes, truncated = max(sizes, len(body)), truncated+m.Data.Truncated
		for _, a := range m.Data.Alerts {
			told[string(a.Fingerprint)] = true
		}
	}))
	t.Cleanup(server.Close)
	d.plan.Receivers["team"] = notify.Receiver{Kind: "webhook", Channel: channelTo(t, "webhook", server.URL, c)}
	d.apply()
	for i := range 100 {
		m := news(fmt.Sprint("k", i), "team", fmt.Sprintf("g%02d", i), evaluate.Fired, start, start)
		m.Items[0].Alert.Annotations["description"] = strings.Repeat("words ", 200)
		d.put(m)
	}
	d.seconds(c, 1)
	if len(told) != 100 || truncated != 0 || sizes > 20_000 {
		t.Errorf("got %d alerts told, %d left out, messages of up to %d bytes, want all hundred, in 20 kB each", len(told), truncated, sizes)
	}
	if n := d.count(); n[store.MessageSent] > 20 || n[store.MessageWaiting] != 0 {
		t.Errorf("got %v, want as few messages as have room", n)
	}
}

func TestAMessageThatCannotBeReadStaysOutOfTheSummaryAndDies(t *testing.T) {
	t.Parallel()
	d, c := newBurstDesk(t)
	d.update(func(tx *store.Tx) error {
		return tx.Enqueue([]store.Row{{
			Key: "broken", Receiver: "team", GroupKey: "broken", SendAt: start, NotAfter: start.Add(time.Hour), Body: []byte(`[]`),
			Alerts: []store.RowAlert{{Fingerprint: "x", FiredAt: start, Reason: evaluate.Fired}},
		}})
	})
	d.burst("team", 11)
	d.seconds(c, 1)
	if got := d.box["team"].said(); len(got) != 1 {
		t.Errorf("heard %q, want the summary", got)
	}
	if states := d.states(); !slices.Contains(states, "broken dead") {
		t.Errorf("got %q, want the message that cannot be read dead", states)
	}
}
