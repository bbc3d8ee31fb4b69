package notify

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"alerter/evaluate"
)

const testApp = "xapp-1-very-secret"

// app is a channel with buttons to the workspace; those named may press them.
func (f *fakeSlack) app(t *testing.T, allowed ...string) (Channel, Listener) {
	t.Helper()
	c := open(t, "slack", settingsOf(map[string]any{
		"channel": "#claude-ops", "token": testToken, "app_token": testApp, "allowed_users": allowed, "api_url": f.URL + "/api/",
	}), nil)
	l, ok := Receivers{"team": {Kind: "slack", Channel: c}}.Listener("team")
	if !ok {
		t.Fatal("got a channel that does not listen, want one that does")
	}
	return c, l
}

// listening is a listener at work.
type listening struct {
	stood   chan struct{} // the connection stands
	pressed chan *Press
	wrong   chan error
	ended   chan struct{}
	work    func(*Press) // done with each press before the next is heard
}

// listen listens until the test ends.
func listen(t *testing.T, l Listener, work func(*Press)) *listening {
	t.Helper()
	on := &listening{
		stood: make(chan struct{}, 100), pressed: make(chan *Press, 100), wrong: make(chan error, 100), ended: make(chan struct{}), work: work,
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(func() {
		cancel()
		<-on.ended
	})
	go func() {
		defer close(on.ended)
		for press, err := range l.Listen(ctx) {
			switch {
			case err != nil:
				on.wrong <- err
			case press == nil:
				on.stood <- struct{}{}
			default:
				if on.work != nil {
					on.work(press)
				}
				on.pressed <- press
			}
		}
	}()
	return on
}

// next waits for one from c: how long a busy machine takes says nothing.
func next[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case got := <-c:
		return got
	case <-time.After(time.Minute):
		t.Fatalf("waited a minute for %s", what)
	}
	panic("unreachable: Fatalf ends the test")
}

func TestSlackPressIsAnsweredBeforeTheWorkAndTellsWhatWasPressed(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c, l := f.app(t, "*")
	m := carded(routed(evaluate.Fired, pressureAlert()))
	card := following(t, c, m)
	done := make(chan struct{})
	on := listen(t, l, func(*Press) { <-done })
	next(t, "the connection", on.stood)

	fastest := time.Minute
	for i, words := range []string{"Acknowledge", "Silence 1 h", "Silence 24 h"} { // while the first is worked on
		id := fmt.Sprintf("e%d", i)
		f.socket.send(t, f.envelopeOf(t, id, card, words))
		fastest = min(fastest, f.socket.wantAnswer(t, id))
	}
	close(done)
	if fastest > 3*time.Second {
		t.Errorf("the fastest of three answers took %s, want it within the three seconds that Slack waits", fastest)
	}
	want := []Press{
		{Action: Acknowledge, Card: card, AsOf: m.At, UserID: "U0ADALOVE", User: "ada"},
		{Action: Silence, For: time.Hour, Card: card, AsOf: m.At, UserID: "U0ADALOVE", User: "ada"},
		{Action: Silence, For: 24 * time.Hour, Card: card, AsOf: m.At, UserID: "U0ADALOVE", User: "ada"},
	}
	for i := range want {
		got := *next(t, "a press", on.pressed)
		if err := got.Reply(t.Context(), "Thank you <!channel>"); err != nil {
			t.Error(err)
		}
		got.Reply = nil
		if diff := gocmp.Diff(want[i], got); diff != "" {
			t.Errorf("press %d (-want +got):\n%s", i, diff)
		}
	}
	whisper := `{"text":"Thank you \u0026lt;!channel\u0026gt;","response_type":"ephemeral","replace_original":false,"delete_original":false}`
	if len(f.socket.whispers) != 3 || f.socket.whispers[0] != whisper {
		t.Errorf("got whispers %q, want three of %s", f.socket.whispers, whisper)
	}
}

func TestSlackConnectionIsMadeAnewWheneverItEnds(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c, l := f.app(t, "*")
	card := following(t, c, carded(routed(evaluate.Fired, pressureAlert())))
	on := listen(t, l, nil)
	ends := []func(){
		func() {
			f.socket.send(t, `{"type":"disconnect","reason":"warning","debug_info":{"host":"applink-1"}}`)
		},
		func() { f.socket.send(t, `{"type":"disconnect","reason":"refresh_requested"}`) },
		f.socket.drop,
		func() {},
	}
	for i, end := range ends {
		next(t, "the connection", on.stood)
		id := fmt.Sprintf("e%d", i)
		f.socket.send(t, f.envelopeOf(t, id, card, "Acknowledge"))
		f.socket.wantAnswer(t, id)
		next(t, "the press", on.pressed)
		end()
	}
	if len(on.wrong) != 0 {
		t.Errorf("got %v, want no errors: Slack ends connections as a matter of course", <-on.wrong)
	}
}

func TestSlackConnectionThatCannotBeMadeIsToldAndTriedAgain(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	f.refuses("apps.connections.open", "internal_error")
	_, l := f.app(t, "*")
	on := listen(t, l, nil)
	if err := next(t, "an error", on.wrong); IsPermanent(err) || err.Error() != "connect to Slack: Slack says internal_error" {
		t.Errorf("got %v, want one to retry that says what Slack said", err)
	}
	next(t, "the connection", on.stood)
}

func TestSlackListenerEndsWhereTheTokenIsRefused(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	f.refuses("apps.connections.open", "invalid_auth")
	_, l := f.app(t, "*")
	on := listen(t, l, nil)
	err := next(t, "an error", on.wrong)
	if !IsPermanent(err) || ReasonOf(err) != ReasonAuthError || err.Error() != "connect to Slack: Slack says invalid_auth" {
		t.Errorf("got %v (permanent %v, reason %s), want a refused token", err, IsPermanent(err), ReasonOf(err))
	}
	next(t, "the end", on.ended)
}

func TestSlackListenerWithoutItsTokenFileSaysSo(t *testing.T) {
	t.Parallel()
	c := open(t, "slack", settingsOf(map[string]any{"channel": "#a", "token": testToken, "app_token_file": "/nowhere/app", "allowed_users": []string{"*"}}), nil)
	l, _ := Receivers{"team": {Channel: c}}.Listener("team")
	for _, err := range l.Listen(t.Context()) {
		if !IsPermanent(err) || !strings.HasPrefix(err.Error(), "connect to Slack: read app_token_file: ") {
			t.Errorf("got %v, want a permanent error that names the key", err)
		}
	}
}

func TestSlackAnswersWhatIsNoneOfOurButtonsAndHearsNothing(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c, l := f.app(t, "*")
	card := following(t, c, carded(routed(evaluate.Fired, pressureAlert())))
	on := listen(t, l, nil)
	next(t, "the connection", on.stood)
	for id, envelope := range map[string]string{
		"open":    f.envelopeOf(t, "open", card, "Open"),
		"foreign": strings.ReplaceAll(f.envelopeOf(t, "foreign", card, "Acknowledge"), "alerter_acknowledge", "delete_everything"),
		"value":   strings.ReplaceAll(f.envelopeOf(t, "value", card, "Acknowledge"), noon.Format(time.RFC3339), "yesterday"),
		"modal":   strings.ReplaceAll(f.envelopeOf(t, "modal", card, "Acknowledge"), `"type":"block_actions"`, `"type":"shortcut"`),
		"command": `{"envelope_id":"command","type":"slash_commands","payload":{"command":"/alerter"}}`,
		"event":   `{"envelope_id":"event","type":"events_api","payload":{"type":"event_callback","event":{"type":"message","text":"hello"}}}`,
	} {
		f.socket.send(t, envelope)
		f.socket.wantAnswer(t, id)
	}
	f.socket.send(t, `{"envelope_id":"unknown","type":"telepathy"}`)
	f.socket.wantAnswer(t, "unknown")
	if err := next(t, "an error", on.wrong); IsPermanent(err) || !strings.HasPrefix(err.Error(), "read what Slack sent: ") {
		t.Errorf("got %v, want one that says what could not be read", err)
	}
	f.socket.send(t, `not JSON`)
	f.socket.send(t, f.envelopeOf(t, "last", card, "Acknowledge"))
	f.socket.wantAnswer(t, "last")
	next(t, "the press", on.pressed)
	if len(on.pressed)+len(on.wrong) != 0 {
		t.Errorf("got %d presses and %d errors more, want none", len(on.pressed), len(on.wrong))
	}
}

func TestSlackButtonsAreThereForWhatTheyWouldChange(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	heard, _ := f.app(t, "U0ADALOVE")
	half := carded(routed(evaluate.Fired, pressureAlert(), onInput(pressureAlert())))
	half.Card.Items[0].Alert.Acknowledged = true
	taken := carded(routed(evaluate.Fired, pressureAlert()))
	taken.Card.Items[0].Alert.Acknowledged = true
	quiet := carded(routed(evaluate.Fired, pressureAlert()))
	quiet.Card.Items[0].Alert.Acknowledged, quiet.Card.Items[0].Alert.Silenced = true, true
	deaf := open(t, "slack", settingsOf(map[string]any{"channel": "#claude-ops", "token": testToken, "app_token": testApp, "api_url": f.URL + "/api/"}), nil)
	for _, c := range []struct {
		name    string
		channel Channel
		m       Message
		want    []string
	}{
		{"fires", heard, carded(routed(evaluate.Fired, pressureAlert())), []string{"Acknowledge", "Silence 1 h", "Silence 24 h", "Open"}},
		{"one of two is acknowledged", heard, half, []string{"Acknowledge", "Silence 1 h", "Silence 24 h", "Open"}},
		{"acknowledged", heard, taken, []string{"Silence 1 h", "Silence 24 h", "Open"}},
		{"acknowledged and silenced", heard, quiet, []string{"Open"}},
		{"over", heard, carded(routed(evaluate.ReasonResolved, resolvedAlert())), []string{"Open"}},
		{"nobody may press", deaf, carded(routed(evaluate.Fired, pressureAlert())), nil},
		{"a test message", heard, TestMessage("team", "k", page, noon), []string{"Open"}},
		{"a test message without a page", heard, TestMessage("team", "k", "", noon), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := c.channel.Send(t.Context(), c.m); err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(c.want, f.buttons(t)); diff != "" {
				t.Errorf("buttons (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSlackLetsThosePressWhoAreAllowedTo(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	for _, c := range []struct {
		allowed []string
		user    string
		want    bool
	}{
		{[]string{"U0ADALOVE"}, "U0ADALOVE", true},
		{[]string{"U0ADALOVE"}, "U0MALLORY", false},
		{[]string{"*"}, "U0MALLORY", true},
		{[]string{"U0SOMEONE", "S0ONCALLS"}, "U0ADALOVE", true},
		{[]string{"S0ONCALLS"}, "U0MALLORY", false},
	} {
		_, l := f.app(t, c.allowed...)
		if got, err := l.Allows(t.Context(), c.user); err != nil || got != c.want {
			t.Errorf("%s among %v: got %v, error %v, want %v", c.user, c.allowed, got, err, c.want)
		}
	}
}

func TestSlackUserGroupIsReadAgainAfterFiveMinutes(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	var late atomic.Bool
	c, err := New("slack", settingsOf(map[string]any{
		"channel": "#a", "token": testToken, "app_token": testApp, "allowed_users": []string{"S0ONCALLS"}, "api_url": f.URL + "/api/",
	}), Env{Now: func() time.Time {
		if late.Load() {
			return noon.Add(slackGroupFresh)
		}
		return noon
	}})
	if err != nil {
		t.Fatal(err)
	}
	l, _ := Receivers{"team": {Channel: c}}.Listener("team")
	for _, at := range []bool{false, false, true} {
		late.Store(at)
		if ok, err := l.Allows(t.Context(), "U0ADALOVE"); !ok || err != nil {
			t.Errorf("got %v, error %v, want that ada may press", ok, err)
		}
	}
	if got := f.made(); len(got) != 2 {
		t.Errorf("got calls %v, want two", got)
	}
	late.Store(false)
	f.refuses("usergroups.users.list", "missing_scope")
	_, fresh := f.app(t, "S0ONCALLS")
	if ok, err := fresh.Allows(t.Context(), "U0ADALOVE"); ok || err == nil || !strings.Contains(err.Error(), "missing_scope") {
		t.Errorf("got %v, error %v, want a refusal that says why", ok, err)
	}
}

func TestSlackErrorsOfListeningShowNoSecret(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 500, echo: true})
	l, _ := Receivers{"team": {Channel: open(t, "slack", settingsOf(map[string]any{
		"channel": "#a", "token": testToken, "app_token": testApp, "allowed_users": []string{"S0ONCALLS"}, "api_url": p.URL,
	}), nil)}}.Listener("team")
	for _, err := range l.Listen(t.Context()) {
		wantNoSecret(t, err, []string{testToken, testApp})
		break
	}
	_, err := l.Allows(t.Context(), "U0ADALOVE")
	wantNoSecret(t, err, []string{testToken, testApp})
	wantNoSecret(t, l.(*slackApp).whisper(t.Context(), p.URL+"/actions/very-secret", "hello"), []string{"very-secret", testToken, testApp})
}
