package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"alerter/evaluate"
)

// unsentOf makes a message of words: "fired a1, resolved b2" is about alert a's first
// episode and b's second. In front of them may stand ? where it may be heard.
func unsentOf(t *testing.T, key int, words string) Unsent {
	t.Helper()
	u := Unsent{Message: Message{Key: fmt.Sprint(key), Kind: KindAlert, GroupLabels: map[string]string{}}}
	words, u.MayBeHeard = strings.CutPrefix(words, "?")
	for text := range strings.SplitSeq(words, ", ") {
		reason, of, _ := strings.Cut(text, " ")
		firedAt := noon.Add(time.Duration(of[1]-'0') * time.Minute)
		it := Item{Reason: evaluate.Reason(reason), Alert: Alert{
			Fingerprint: evaluate.Fingerprint(of[:1]), Severity: evaluate.Warning, FiredAt: &firedAt,
		}}
		it.Text.Title = bracket(it.Reason, it.Alert.Severity) + " " + of
		u.Items, u.Group = append(u.Items, it), append(u.Group, it.Alert)
	}
	u.Reason = u.Items[0].Reason
	return u
}

// inWords says what a message says, in the same words, with what was missed.
func inWords(m Message) string {
	var words []string
	for _, it := range m.Items {
		said := string(it.Reason) + " " + string(it.Alert.Fingerprint) + fmt.Sprint(int(it.Alert.FiredAt.Sub(noon).Minutes()))
		if it.Late {
			said += " late"
		}
		if it.Missed > 0 {
			said += fmt.Sprint(" missed ", it.Missed)
		}
		words = append(words, said)
	}
	return strings.Join(words, ", ")
}

func TestUnsentMessagesOfACardAreToldAsOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		list []string
		want string
		n    int
	}{
		{"one", []string{"fired a1"}, "fired a1", 1},
		{"two alerts", []string{"fired a1", "fired b1"}, "fired a1, fired b1", 2},
		{"worse", []string{"fired a1", "escalated a1"}, "fired a1", 2},
		{"worse, and perhaps heard", []string{"?fired a1", "escalated a1"}, "fired a1", 2},
		{"worse, and heard before", []string{"escalated a1", "reminder a1"}, "reminder a1", 2},
		{"better", []string{"fired a1", "escalated a1", "eased a1"}, "fired a1", 3},
		{"still", []string{"fired a1", "reminder a1"}, "fired a1", 2},
		{"over", []string{"fired a1", "resolved a1"}, "resolved a1 late", 2},
		{"over, and perhaps heard", []string{"?fired a1", "resolved a1"}, "resolved a1", 2},
		{"over, and heard before", []string{"reminder a1", "resolved a1"}, "resolved a1", 2},
		{"not watched any more", []string{"fired a1", "withdrawn a1"}, "withdrawn a1 late", 2},
		{"came and went", []string{"fired a1", "resolved a1", "fired a2"}, "fired a2 missed 1", 3},
		{"came and went all the time", []string{"fired a1", "resolved a1", "fired a2", "resolved a2", "fired a3", "resolved a3"}, "resolved a3 late missed 2", 6},
		{"the end of what may be heard is told before the next begins", []string{"?fired a1", "resolved a1", "fired a2"}, "resolved a1", 2},
		{"the end of what was heard is told before the next begins", []string{"resolved a1", "fired a2"}, "resolved a1", 1},
		{"others are not told before", []string{"resolved a1", "fired b1", "fired a2", "fired c1"}, "fired b1, resolved a1", 2},
		{"a missing end", []string{"fired a1", "fired a2"}, "fired a1", 1},
		{"who acts is told in order", []string{"fired a1", "acknowledged a1"}, "fired a1", 1},
		{"over though acknowledged", []string{"acknowledged a1", "resolved a1"}, "resolved a1", 2},
		{"nothing follows an end", []string{"resolved a1", "reminder a1"}, "resolved a1", 1},
		{"gravest first", []string{"resolved a1", "reminder b1", "fired c1", "escalated d1"}, "escalated d1, fired c1, reminder b1, resolved a1", 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var list []Unsent
			for i, words := range c.list {
				list = append(list, unsentOf(t, i, words))
			}
			m, n := Merge(list)
			if got := inWords(m); got != c.want || n != c.n {
				t.Errorf("got %d messages as %q, want %d as %q", n, got, c.n, c.want)
			}
			if m.Key != list[n-1].Key || m.Reason != m.Items[0].Reason {
				t.Errorf("got key %s and reason %s, want those of the last message and of the gravest item", m.Key, m.Reason)
			}
			for _, it := range m.Items {
				if !strings.HasPrefix(it.Text.Title, bracket(it.Reason, it.Alert.Severity)) {
					t.Errorf("got title %q for %s", it.Text.Title, it.Reason)
				}
				if !containsAlert(m.Group, it.Alert) {
					t.Errorf("the group lacks %s", it.Alert.Fingerprint)
				}
			}
		})
	}
}

func containsAlert(group []Alert, a Alert) bool {
	for _, g := range group {
		if g.Fingerprint == a.Fingerprint && sameEpisode(g, a) {
			return true
		}
	}
	return false
}

func TestWhatIsMergedAgainSaysEachThingOnce(t *testing.T) {
	t.Parallel()
	first, _ := Merge([]Unsent{unsentOf(t, 1, "fired a1"), unsentOf(t, 2, "resolved a1"), unsentOf(t, 3, "fired a2")})
	again, n := Merge([]Unsent{{Message: first}, unsentOf(t, 4, "fired b1"), unsentOf(t, 5, "resolved a2")})
	if got, want := inWords(again), "fired b1, resolved a2 late missed 1"; got != want || n != 3 {
		t.Fatalf("got %d as %q, want 3 as %q", n, got, want)
	}
	want := []string{"Before that it fired and ended 1 time, which could not be told in time.", "It could not be told while it fired."}
	if diff := gocmp.Diff(want, again.Items[1].Text.Lead); diff != "" {
		t.Errorf("lead (-want +got):\n%s", diff)
	}
	if got, want := again.Title, "[FIRING:warning] 2 alerts (1 fired, 1 resolved)"; !strings.HasPrefix(got, want) {
		t.Errorf("got title %q, want one that begins with %q", got, want)
	}
}

func TestMessagesThatTellNoStateAreNotMerged(t *testing.T) {
	t.Parallel()
	test := Unsent{Message: TestMessage("r", "k", "", noon)}
	if _, n := Merge([]Unsent{test, unsentOf(t, 1, "fired a1")}); n != 1 {
		t.Errorf("got %d, want 1: a test message tells no alert", n)
	}
	update := unsentOf(t, 2, "fired z1")
	update.Kind, update.Items = KindUpdate, nil
	for want, list := range map[string][]Unsent{
		"alert 3: fired a1, fired b1": {unsentOf(t, 1, "fired a1"), update, unsentOf(t, 3, "fired b1")},
		"alert 2: fired a1":           {unsentOf(t, 1, "fired a1"), update},
		"alert 1: fired a1":           {update, unsentOf(t, 1, "fired a1")},
		"update 2: ":                  {update, update},
	} {
		m, n := Merge(list)
		if got := string(m.Kind) + " " + m.Key + ": " + inWords(m); got != want || n != len(list) {
			t.Errorf("got %d as %q, want all %d as %q: an update is no news", n, got, len(list), want)
		}
	}
	system := unsentOf(t, 1, "fired a1")
	system.Kind = KindSystem
	if _, n := Merge([]Unsent{system, unsentOf(t, 2, "fired b1")}); n != 1 {
		t.Errorf("got %d, want 1: a message about the service says so", n)
	}
}

func TestAMessageCanGoWithoutSomeOfItsAlerts(t *testing.T) {
	t.Parallel()
	m := unsentOf(t, 1, "fired a1, reminder b1, resolved c1").Message
	less, some := m.Without([]evaluate.Fingerprint{"a"})
	if got, want := inWords(less), "reminder b1, resolved c1"; got != want || !some || less.Reason != evaluate.Reminder {
		t.Errorf("got %q for reason %s (%v), want %q for reminder", got, less.Reason, some, want)
	}
	if len(less.Group) != 2 || len(m.Items) != 3 {
		t.Errorf("got a group of %d, and %d items before, want 2 and 3", len(less.Group), len(m.Items))
	}
	if _, some := m.Without([]evaluate.Fingerprint{"a", "b", "c"}); some {
		t.Error("something is left without all of them")
	}
}
