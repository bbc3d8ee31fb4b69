package route

import (
	"testing"
	"time"

	"alerter/evaluate"
)

func TestAQuietAlertIsRemindedOfOnlyWhenItsLevelIsReachedAgain(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tree := Tree{
		Root:      &Node{Receiver: "team", GroupInterval: 5 * time.Minute, RepeatInterval: time.Hour},
		Receivers: map[string]ReceiverOptions{"team": {SendResolved: true}}, Order: []string{"team"},
	}
	alert := evaluate.Alert{Fingerprint: "f", Rule: "LimitPressure", State: evaluate.Firing, Severity: evaluate.Warning, Worst: evaluate.Warning, FiredAt: at}
	fired := Step(at, tree, Input{Notices: []evaluate.Notice{{At: at, Reason: evaluate.Fired, Alert: alert}}})
	if len(fired.Messages) != 1 {
		t.Fatalf("got %d messages for the first firing, want 1", len(fired.Messages))
	}
	groups := fired.Groups
	groups[0].Members[0].Alert.Levels[evaluate.Warning.Rank()-1].QuietSince = at.Add(50 * time.Minute)
	quiet := Step(at.Add(time.Hour), tree, Input{Groups: groups})
	if len(quiet.Messages) != 0 {
		t.Errorf("got %d messages while it is quiet, want none", len(quiet.Messages))
	}
	groups[0].Members[0].Alert.Levels[evaluate.Warning.Rank()-1].QuietSince = time.Time{}
	again := Step(at.Add(62*time.Minute), tree, Input{Groups: groups})
	if len(again.Messages) != 1 || again.Messages[0].Reason != evaluate.Reminder {
		t.Errorf("got %d messages when the level is reached again, want one reminder", len(again.Messages))
	}
}
