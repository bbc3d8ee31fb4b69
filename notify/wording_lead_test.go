package notify

import (
	"strings"
	"testing"
	"time"

	"alerter/evaluate"
)

func TestAReadingIsNotSaidToBeSeenWhenItsAlertLastChanged(t *testing.T) {
	t.Parallel()
	a := pressureAlert()
	for changed, want := range map[time.Time]bool{noon: true, noon.Add(-16 * time.Minute): false} {
		a.SteppedAt = changed
		item := Compose(routed(evaluate.Reminder, a), page).Items[0]
		for _, text := range []string{strings.Join(item.Text.Lead, " "), item.Alert.Annotations["description"]} {
			if got := strings.Contains(text, "; seen at 09:58 UTC."); got != want {
				t.Errorf("changed at %s: got %q, want the time it was seen: %v", changed.Format("15:04"), text, want)
			}
			if !want && strings.Contains(text, "seen at") {
				t.Errorf("got %q, want no time at which it was seen", text)
			}
		}
	}
}
