package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
)

// carded is a routed message with its card.
func carded(m route.Message) Message {
	out := Compose(m, page)
	card := ComposeCard(m, page)
	out.Card = &card
	return out
}

// updateOf is a message without news that brings the card up to date.
func updateOf(alerts ...evaluate.Alert) Message {
	m := routed("update", alerts...)
	m.Items = nil
	out := carded(m)
	out.Kind, out.Reason = KindUpdate, ""
	return out
}

// following sends messages one after the other, each with the receipt of the card.
func following(t *testing.T, c Channel, messages ...Message) Receipt {
	t.Helper()
	var card Receipt
	for _, m := range messages {
		if card != (Receipt{}) {
			m.Receipt = &card
		}
		got, err := c.Send(t.Context(), m)
		if err != nil {
			t.Fatalf("send %s: %v", m.Reason, err)
		}
		card = got
	}
	return card
}

// wantSeen compares the channel as people see it.
func wantSeen(t *testing.T, f *fakeSlack, want ...string) {
	t.Helper()
	if diff := gocmp.Diff(want, f.seen()); diff != "" {
		t.Errorf("the channel is not as wanted (-want +got):\n%s", diff)
	}
}

const (
	warningLine  = "[FIRING:warning] Claude Opus 5 · output tokens 96 % of 1.0 M per minute (whole organization)"
	criticalLine = "[FIRING:critical] Claude Opus 5 · output tokens 102 % of 1.0 M per minute (whole organization)"
	worseLine    = "[ESCALATED:critical] Claude Opus 5 · output tokens 102 % of 1.0 M per minute (whole organization)"
	overLine     = "[RESOLVED] Claude Opus 5 · output tokens back to 41 % of 1.0 M per minute (whole organization)"
)

func TestSlackCardEditsItselfAndItsThreadTellsWhatHappened(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	following(t, f.bot(t, "#claude-ops"),
		carded(routed(evaluate.Fired, pressureAlert())),
		carded(routed(evaluate.Escalated, criticalAlert())),
		updateOf(criticalAlert()),
		updateOf(easedAlert()),
		carded(routed(evaluate.Reminder, easedAlert())),
		carded(routed(evaluate.Unacknowledged, easedAlert())),
		carded(routed(evaluate.ReasonResolved, resolvedAlert())))
	wantSeen(t, f,
		overLine+" (edited 6 times)",
		"  "+worseLine+" (also in the channel)",
		"  "+strings.Replace(warningLine, "FIRING", "REMINDER", 1),
		"  "+strings.Replace(warningLine, "FIRING", "UNACKNOWLEDGED", 1)+" (also in the channel)",
		"  "+overLine)
}

func TestSlackCardLooksLikeItsGoldenFile(t *testing.T) {
	t.Parallel()
	mixed := routed(evaluate.Fired, criticalAlert(), onInput(pressureAlert()), thresholdAlert(), dailyAlert(), resolvedOutput())
	mixed.GroupLabels = map[string]string{"organization": "acme"}
	mixed.Items = mixed.Items[1:2]
	service := routed(evaluate.Fired, keyRefusedAlert())
	service.System = true
	taken := routed("update", criticalAlert(), onInput(pressureAlert()))
	taken.Items = nil
	for _, a := range taken.Alerts {
		taken.Standings = append(taken.Standings, route.Standing{
			Fingerprint: a.Fingerprint, FiredAt: a.FiredAt, AcknowledgedAt: noon.Add(-time.Minute), AcknowledgedBy: "ada", SilencedUntil: noon.Add(time.Hour), SilencedBy: "grace",
		})
	}
	for name, m := range map[string]Message{
		"taken_on": carded(taken),
		"fired":    carded(routed(evaluate.Fired, pressureAlert())), "worse": updateOf(criticalAlert()), "over": updateOf(resolvedAlert()),
		"withdrawn": updateOf(withdrawnAlert()), "limit_lowered": carded(routed(evaluate.Fired, loweredAlert())),
		"group": carded(mixed), "system": carded(service),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newSlack(t)
			m.Kind = KindAlert // an update has no card to edit here
			c, _ := f.app(t, "*")
			if _, err := c.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			fmt.Fprintf(&b, "%s\n\n%s", f.messages[0].Text, pretty(t, f.messages[0].Blocks))
			golden(t, "slack-card/"+name+".txt", b.Bytes())
		})
	}
}

func TestSlackThreadTellsInFullOfTheAlertsThatACardHasNoRoomFor(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c := f.bot(t, fakeChannel)
	m := carded(routed(evaluate.Fired, pressureAlert(), dailyAlert()))
	following(t, c, m)
	m.Again = true
	following(t, c, m)
	const title = "[FIRING:warning] 2 alerts · Claude Opus 5 · LimitPressure · acme"
	wantSeen(t, f, title+" (edited 0 times)", "  "+title)
}

func TestSlackCardOfSeveralAlertsStandsWithoutItsThread(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c := f.bot(t, fakeChannel)
	m := carded(routed(evaluate.Fired, pressureAlert(), dailyAlert()))
	f.refuses("chat.postMessage", "", "internal_error") // the second call is the reply
	if card, err := c.Send(t.Context(), m); err != nil || card.ID == "" || !strings.Contains(card.Without, "internal_error") {
		t.Fatalf("got card %+v, error %v, want one that lacks its reply", card, err)
	}
	m.Again = true // a crash, before that was recorded
	following(t, c, m)
	const title = "[FIRING:warning] 2 alerts · Claude Opus 5 · LimitPressure · acme"
	wantSeen(t, f, title+" (edited 0 times)", "  "+title)
}

func TestSlackMergedMessageFindsTheCardOfOneItTookIn(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c := f.bot(t, fakeChannel)
	first := carded(routed(evaluate.Fired, pressureAlert()))
	lost(t, f, c, "chat.postMessage", first)
	worse := criticalAlert()
	worse.FiredAt = pressureAlert().FiredAt // the same episode
	merged, n := Merge([]Unsent{{Message: first, MayBeHeard: true}, {Message: carded(routed(evaluate.Escalated, worse))}})
	if n != 2 {
		t.Fatalf("got %d messages merged, want two", n)
	}
	merged.Again = true
	card, err := c.Send(t.Context(), merged)
	if err != nil || card.ID != f.messages[0].TS {
		t.Fatalf("got card %+v, error %v, want the one that arrived", card, err)
	}
	wantSeen(t, f, criticalLine+" (edited 1 times)", "  "+criticalLine+" (also in the channel)")
}

func TestSlackMessageThatIsSentAgainMuchLaterLeavesTheCardAlone(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c := f.bot(t, fakeChannel)
	card := following(t, c, carded(routed(evaluate.Fired, criticalAlert())), updateOf(resolvedAlert()))
	again := carded(routed(evaluate.Reminder, criticalAlert()))
	again.Receipt, again.Replayed = &card, true
	if _, err := c.Send(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	wantSeen(t, f, overLine+" (edited 1 times)", "  "+strings.Replace(criticalLine, "FIRING", "REMINDER", 1))
}

func TestSlackUpdateWithoutACardPostsNothing(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	following(t, f.bot(t, "#claude-ops"), updateOf(pressureAlert()))
	wantSeen(t, f)
}

func TestSlackCardIsPostedAnewWhereItCannotBeEdited(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			f := newSlack(t)
			c := f.bot(t, "#claude-ops")
			card := following(t, c, carded(routed(evaluate.Fired, pressureAlert())))

			f.refuses("chat.update", code)
			quiet := updateOf(criticalAlert())
			quiet.Receipt = &card
			if got, err := c.Send(t.Context(), quiet); err != nil || got != card {
				t.Errorf("got receipt %+v, error %v for what is no news, want the old card and no message", got, err)
			}
			f.refuses("chat.update", code)
			news := carded(routed(evaluate.Escalated, criticalAlert()))
			news.Receipt = &card
			anew, err := c.Send(t.Context(), news)
			if err != nil || !anew.Anew || anew.ID == card.ID {
				t.Fatalf("got receipt %+v, error %v, want a new card", anew, err)
			}
			over := carded(routed(evaluate.ReasonResolved, resolvedAlert()))
			over.Receipt = &anew
			if _, err := c.Send(t.Context(), over); err != nil {
				t.Fatal(err)
			}
			wantSeen(t, f, warningLine+" (edited 0 times)", overLine+" (edited 1 times)", "  "+overLine)
		})
	}
}

func TestSlackEditThatDoesNotSucceedIsTriedAgainBeforeAnythingIsSaid(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c := f.bot(t, "#claude-ops")
	card := following(t, c, carded(routed(evaluate.Fired, pressureAlert())))
	f.refuses("chat.update", "internal_error", "ratelimited")
	for range 2 {
		m := carded(routed(evaluate.Escalated, criticalAlert()))
		m.Receipt = &card
		if _, err := c.Send(t.Context(), m); err == nil || IsPermanent(err) || !strings.Contains(err.Error(), "edit the card in Slack channel "+fakeChannel) {
			t.Errorf("got %v, want an error to retry that says what was being done", err)
		}
	}
	wantSeen(t, f, warningLine+" (edited 0 times)")
}

func TestSlackCardGoesWithoutItsLayoutWhereThatIsRefused(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c := f.bot(t, "#claude-ops")
	f.refuses("chat.update", "invalid_blocks")
	following(t, c, carded(routed(evaluate.Fired, pressureAlert())), updateOf(criticalAlert()))
	wantSeen(t, f, criticalLine+" (edited 1 times)")
	if len(f.messages[0].Blocks) != 0 {
		t.Errorf("got blocks %s, want text only", f.messages[0].Blocks)
	}
}

// lost sends m while the answers of a method get lost, and fails the test if that is no error.
func lost(t *testing.T, f *fakeSlack, c Channel, method string, m Message) {
	t.Helper()
	f.cuts(method, true)
	defer f.cuts(method, false)
	if _, err := c.Send(t.Context(), m); err == nil || IsPermanent(err) {
		t.Fatalf("got %v, want an error to retry", err)
	}
}

func TestSlackMessageWhoseAnswerGotLostIsNotPostedTwice(t *testing.T) {
	t.Parallel()
	for _, channel := range []string{fakeChannel, "#claude-ops"} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			f := newSlack(t)
			c := f.bot(t, channel)
			first := carded(routed(evaluate.Fired, pressureAlert()))
			lost(t, f, c, "chat.postMessage", first)
			for n := range 3 { // others write too, and push it to a second page
				f.messages = append(f.messages, &fakeMessage{TS: fmt.Sprintf("%d.%06d", noon.Unix(), 100+n), Text: "hello"})
			}
			first.Again = true
			card, err := c.Send(t.Context(), first)
			if err != nil || card != (Receipt{ID: f.messages[0].TS, Channel: fakeChannel}) {
				t.Fatalf("got receipt %+v, error %v, want the card that is there", card, err)
			}
			worse := carded(routed(evaluate.Escalated, criticalAlert()))
			worse.Receipt = &card
			lost(t, f, c, "chat.postMessage", worse)
			worse.Again = true
			if got, err := c.Send(t.Context(), worse); err != nil || got != card {
				t.Fatalf("got receipt %+v, error %v, want the card", got, err)
			}
			wantSeen(t, f, criticalLine+" (edited 2 times)", "  "+worseLine+" (also in the channel)",
				"hello (edited 0 times)", "hello (edited 0 times)", "hello (edited 0 times)")
		})
	}
}

func TestSlackMessageThatDidNotArriveIsPostedOnTheNextAttempt(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c := f.bot(t, "#claude-ops")
	first := carded(routed(evaluate.Fired, pressureAlert()))
	first.Again = true
	card := following(t, c, first)
	worse := carded(routed(evaluate.Escalated, criticalAlert()))
	worse.Receipt, worse.Again = &card, true
	if _, err := c.Send(t.Context(), worse); err != nil {
		t.Fatal(err)
	}
	wantSeen(t, f, criticalLine+" (edited 1 times)", "  "+worseLine+" (also in the channel)")
	want := []string{"conversations.list", "conversations.list", "conversations.history", "chat.postMessage", "chat.update", "conversations.replies", "chat.postMessage"}
	if diff := gocmp.Diff(want, f.made()); diff != "" {
		t.Errorf("the calls are not as wanted (-want +got):\n%s", diff)
	}
}

func TestSlackMessageMayComeTwiceWhereLookingIsNotAllowed(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"conversations.list", "conversations.history"} {
		for _, code := range []string{"missing_scope", "not_in_channel", "something_new"} {
			t.Run(method+"/"+code, func(t *testing.T) {
				t.Parallel()
				f := newSlack(t)
				c := f.bot(t, "#claude-ops")
				m := carded(routed(evaluate.Fired, pressureAlert()))
				lost(t, f, c, "chat.postMessage", m)
				f.refuses(method, code)
				m.Again = true
				following(t, c, m)
				wantSeen(t, f, warningLine+" (edited 0 times)", warningLine+" (edited 0 times)")
			})
		}
	}
}

func TestSlackLookThatDoesNotSucceedPostsNothing(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c := f.bot(t, fakeChannel)
	m := carded(routed(evaluate.Fired, pressureAlert()))
	m.Again = true
	f.refuses("conversations.history", "internal_error", "ratelimited")
	for range 2 {
		if _, err := c.Send(t.Context(), m); err == nil || IsPermanent(err) {
			t.Errorf("got %v, want an error to retry", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Send(ctx, m); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancellation", err)
	}
	wantSeen(t, f)
}
