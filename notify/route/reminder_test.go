package route_test

import (
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
)

// TestAGroupFromBeforeToldAtIsRemindedAfterItsLastMessage reads what a database
// of an older version holds: groups without ToldAt.
func TestAGroupFromBeforeToldAtIsRemindedAfterItsLastMessage(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tree := route.Tree{
		Root:      &route.Node{Receiver: "team", RepeatInterval: time.Hour},
		Receivers: map[string]route.ReceiverOptions{"team": {}},
	}
	old := route.Group{
		Key: "{}:{}", Receiver: "team", RepeatInterval: time.Hour, LastSent: at, Next: at.Add(time.Hour),
		Members: []route.Member{{
			Alert: evaluate.Alert{Fingerprint: "a1", State: evaluate.Firing, Severity: evaluate.Warning, FiredAt: at},
			Heard: evaluate.Warning, Told: evaluate.Warning,
		}},
	}
	if got := route.Step(at.Add(59*time.Minute), tree, route.Input{Groups: []route.Group{old}}).Messages; len(got) != 0 {
		t.Errorf("after 59 minutes: got %v, want no message", got)
	}
	res := route.Step(at.Add(time.Hour), tree, route.Input{Groups: []route.Group{old}})
	if len(res.Messages) != 1 || res.Messages[0].Reason != evaluate.Reminder {
		t.Fatalf("after an hour: got %v, want a reminder", res.Messages)
	}
	if got, want := res.Groups[0].ToldAt, at.Add(time.Hour); !got.Equal(want) {
		t.Errorf("told at: got %v, want %v", got, want)
	}
}
