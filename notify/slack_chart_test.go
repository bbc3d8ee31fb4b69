package notify

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/chart"
)

// drawn is m with a chart.
func drawn(m Message) Message {
	m.Chart = &chart.Picture{PNG: []byte("\x89PNG not really"), Width: 400, Height: 240, Title: "Claude Opus 5 · output tokens per minute", Text: "It rises."}
	return m
}

func TestSlackChartIsInTheThreadOfItsCard(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c := f.bot(t, "#claude-ops")
	card := following(t, c, drawn(carded(routed(evaluate.Fired, pressureAlert()))), drawn(carded(routed(evaluate.Escalated, criticalAlert()))), updateOf(criticalAlert()))
	want := []string{
		fakeChannel + " " + card.ID + ` [{"id":"F0 limit.png 15","title":"Claude Opus 5 · output tokens per minute"}]`,
		fakeChannel + " " + card.ID + ` [{"id":"F1 limit.png 15","title":"Claude Opus 5 · output tokens per minute"}]`,
	}
	if diff := gocmp.Diff(want, f.files); diff != "" {
		t.Errorf("files shown (-want +got):\n%s", diff)
	}
	if len(f.uploads) != 2 || string(f.uploads[0]) != "\x89PNG not really" {
		t.Errorf("got uploads %q, want the picture twice", f.uploads)
	}
}

func TestSlackMessageGoesWithoutItsChartRatherThanNotAtAll(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"files.getUploadURLExternal", "upload", "files.completeUploadExternal"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			f := newSlack(t)
			c := f.bot(t, "#claude-ops")
			f.refuses(method, "missing_scope", "internal_error")
			first := drawn(carded(routed(evaluate.Fired, pressureAlert())))
			card, err := c.Send(t.Context(), first)
			if err != nil || !strings.HasPrefix(card.Without, "put the chart into the thread: ") || strings.Contains(card.Without, testToken) {
				t.Fatalf("got %+v, error %v, want a delivered message that says what is missing", card, err)
			}
			worse := drawn(carded(routed(evaluate.Escalated, criticalAlert())))
			worse.Receipt = &card
			got, err := c.Send(t.Context(), worse)
			if err != nil || got.ID != card.ID || got.Without == "" {
				t.Errorf("got %+v, error %v, want the card and what is missing", got, err)
			}
			wantSeen(t, f, criticalLine+" (edited 1 times)", "  "+worseLine+" (also in the channel)")
			if len(f.files) != 0 {
				t.Errorf("got files %q, want none", f.files)
			}
		})
	}
}

func TestSlackMessageThatIsFoundShowsNoSecondChart(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c := f.bot(t, fakeChannel)
	m := drawn(carded(routed(evaluate.Fired, pressureAlert())))
	following(t, c, m)
	m.Again = true
	following(t, c, m)
	if len(f.files) != 1 {
		t.Errorf("got files %q, want one", f.files)
	}
}
