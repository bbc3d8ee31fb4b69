package notify

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
)

// ofGroup is a message of unsentOf's words for a group: "g: fired a1". An update says
// "g: update".
func ofGroup(t *testing.T, key int, words string) Unsent {
	t.Helper()
	group, words, _ := strings.Cut(words, ": ")
	if words == "update" {
		return Unsent{Message: Message{Key: fmt.Sprint(key), Kind: KindUpdate, GroupKey: group}}
	}
	u := unsentOf(t, key, words)
	u.GroupKey, u.Receiver, u.DueAt = group, "team", noon
	return u
}

func TestMessagesOfSeveralCardsAreToldAsOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		list []string
		want string
		told []int
	}{
		{"different groups", []string{"g: fired a1", "h: resolved b1", "i: escalated c1"}, "escalated c1, fired a1, resolved b1", []int{0, 1, 2}},
		{"what is newer of a group", []string{"g: fired a1", "h: fired b1", "g: resolved a1"}, "fired b1, resolved a1 late", []int{0, 1, 2}},
		{"an alert in two groups", []string{"g: fired a1", "h: fired a1"}, "fired a1", []int{0, 1}},
		{"came and went", []string{"g: fired a1", "h: fired b1", "g: resolved a1", "g: fired a2"}, "fired a2 missed 1, fired b1", []int{0, 1, 2, 3}},
		{"the end is told before the next begins", []string{"g: ?fired a1", "h: fired b1", "g: resolved a1", "g: fired a2", "h: resolved b1"}, "resolved a1, resolved b1 late", []int{0, 1, 2, 4}},
		{"what follows on its card waits too", []string{"g: fired a1", "h: fired b1", "g: acknowledged a1", "g: fired c1"}, "fired a1, fired b1", []int{0, 1}},
		{"updates are told with the news", []string{"g: update", "g: fired a1", "h: fired b1", "h: update"}, "fired a1, fired b1", []int{0, 1, 2, 3}},
		{"updates are not news", []string{"g: update", "h: fired b1", "i: fired c1"}, "fired b1, fired c1", []int{1, 2}},
		{"updates wait behind what waits", []string{"g: resolved a1", "h: fired b1", "g: fired a2", "g: update"}, "fired b1, resolved a1", []int{0, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var list []Unsent
			for i, words := range c.list {
				list = append(list, ofGroup(t, i, words))
			}
			m, told := Summarize(list, noon, nil)
			var got []int
			for i, is := range told {
				if is {
					got = append(got, i)
				}
			}
			if inWords(m) != c.want || !slices.Equal(got, c.told) {
				t.Errorf("got %v as %q, want %v as %q", got, inWords(m), c.told, c.want)
			}
			if m.Reason != m.Items[0].Reason || m.GroupKey != route.SummaryKey || m.Receiver != "team" || !m.At.Equal(noon) {
				t.Errorf("got reason %s, group %s, receiver %s, at %s", m.Reason, m.GroupKey, m.Receiver, m.At)
			}
		})
	}
}

func TestASummaryTakesInASummary(t *testing.T) {
	t.Parallel()
	first, _ := Summarize([]Unsent{ofGroup(t, 1, "g: fired a1"), ofGroup(t, 2, "h: fired b1"), ofGroup(t, 3, "h: resolved b1")}, noon, nil)
	later := ofGroup(t, 4, "i: fired c1")
	later.DueAt = noon.Add(time.Hour)
	m, told := Summarize([]Unsent{{Message: first, DueAt: noon.Add(2 * time.Hour)}, later, ofGroup(t, 5, "g: resolved a1")}, noon.Add(3*time.Hour), nil)
	if got, want := inWords(m), "fired c1, resolved a1 late, resolved b1 late"; got != want || slices.Contains(told, false) {
		t.Fatalf("got %v as %q, want all as %q", told, got, want)
	}
	if m.Key == first.Key || m.Title != "[FIRING:warning] 3 alerts (1 fired, 2 resolved) · 3 groups" {
		t.Errorf("got key %s and title %q, want a message of its own that counts the groups of both", m.Key, m.Title)
	}
	if diff := gocmp.Diff(&Summary{From: noon, To: noon.Add(time.Hour)}, m.Summary); diff != "" {
		t.Errorf("when they were due (-want +got):\n%s", diff)
	}
	for _, it := range m.Items[1:] {
		if !slices.Equal(it.Text.Lead, []string{"It could not be told while it fired."}) {
			t.Errorf("got %q of %s, want that it is late, once", it.Text.Lead, it.Alert.Fingerprint)
		}
	}
}

func TestASummaryEndsBeforeWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	var list []Unsent
	for i := range 6 {
		list = append(list, ofGroup(t, i, fmt.Sprintf("%d: fired %c1", i, 'a'+i)))
	}
	m, told := Summarize(list, noon, func(m Message) bool { return len(m.Items) <= 3 })
	if !slices.Equal(told, []bool{true, true, true, false, false, false}) || inWords(m) != "fired a1, fired b1, fired c1" {
		t.Errorf("got %v as %q, want the first three", told, inWords(m))
	}
	if _, told = Summarize(list, noon, func(Message) bool { return false }); !slices.Equal(told, []bool{true, false, false, false, false, false}) {
		t.Errorf("got %v, want the first one, which nothing can make shorter", told)
	}
}

func TestASummarySaysWhyItIsOne(t *testing.T) {
	t.Parallel()
	m, _ := Summarize([]Unsent{ofGroup(t, 1, "g: fired a1"), ofGroup(t, 2, "h: fired b1")}, noon, nil)
	waited, failing := m, m
	waited.Summary = &Summary{From: noon.Add(-time.Hour), To: noon}
	failing.FailingSince = noon.Add(-time.Hour)
	alone, _ := m.Without([]evaluate.Fingerprint{"a"})
	for want, m := range map[string]Message{
		"2 alerts of 2 groups, told together because they were due at the same time, at 09:58 UTC.":         m,
		"2 alerts of 2 groups, told together because they had to wait, the first of them since 08:58 UTC.":  waited,
		"2 alerts of 2 groups, told together because nothing could be delivered to team from 08:58 UTC on.": failing,
		"": alone,
	} {
		if got := strings.Join(messageLead(m), " "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWhoKeepsAnIncidentForEachAlertGetsNoSummaries(t *testing.T) {
	t.Parallel()
	var got []string
	for _, kind := range Kinds() {
		if !Summarizes(kind) {
			got = append(got, kind)
		}
	}
	if diff := gocmp.Diff([]string{"alertmanager", "jsm", "pagerduty"}, got); diff != "" {
		t.Errorf("kinds without summaries (-want +got):\n%s", diff)
	}
}

// summaryOf is a summary of n alerts, each in a group of its own.
func summaryOf(n int) Message {
	var list []Unsent
	for i, it := range many(n).Items {
		m := many(1)
		m.Key, m.GroupKey, m.Items = fmt.Sprint(i), fmt.Sprint(i), []Item{it}
		list = append(list, Unsent{Message: m, DueAt: noon})
	}
	m, _ := Summarize(list, noon, nil)
	return m
}

func TestASummaryOf500AlertsSaysHowManyThereWasNoRoomForAndWhereTheyAre(t *testing.T) {
	t.Parallel()
	m := summaryOf(500)
	for _, r := range rigs() {
		if !Summarizes(r.kind) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			site := r.begin(t, answer{code: http.StatusOK})
			if _, err := site.channel.Send(t.Context(), m); err != nil {
				t.Fatalf("send: %v", err)
			}
			wantWithinLimits(t, r, site)
			text := string(site.payload())
			if !strings.Contains(text, "500 alerts · 500 groups") && r.name != "webhook-alertmanager" {
				t.Error("got no number of alerts and groups in the title")
			}
			if r.kind != "webhook" && !strings.Contains(text, " more alerts; the status page lists all that fire") {
				t.Errorf("got no word of what is left out:\n%s", clip(text, 6000))
			}
		})
	}
}

func TestOnlyWebhooksBoundWhatASummaryHolds(t *testing.T) {
	t.Parallel()
	receivers := Receivers{}
	for _, r := range rigs() {
		receivers[r.name] = Receiver{Kind: r.kind, Channel: r.begin(t, answer{code: http.StatusOK}).channel}
	}
	receivers["bounded"] = Receiver{Kind: "webhook", Channel: open(t, "webhook", settingsOf(map[string]any{"url": "http://127.0.0.1:1", "format": "alertmanager", "max_alerts": 5}), nil)}
	got := map[string][2]bool{}
	for name := range receivers {
		if holds := receivers.Holds(name); holds != nil {
			got[name] = [2]bool{holds(summaryOf(5)), holds(summaryOf(50))}
		}
	}
	want := map[string][2]bool{"webhook": {true, false}, "webhook-alertmanager": {true, true}, "bounded": {true, false}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("whether five and fifty alerts are told in full (-want +got):\n%s", diff)
	}
}

func TestSlackSummaryIsNobodysCard(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c, _ := f.app(t, "*")
	m := summaryOf(12)
	following(t, c, m)
	if blocks := string(f.messages[0].Blocks); strings.Contains(blocks, "alerter_acknowledge") {
		t.Error("got buttons, want none: they would act on what fires by then")
	}
	m.Again = true // an attempt before this one may have posted it
	following(t, c, m)
	wantSeen(t, f, "[FIRING:warning] 12 alerts · 12 groups (edited 0 times)")
}

// A card may have been posted though Slack's answer got lost. A summary then tells its
// news, and it is brought up to date.
func TestSlackUpdateFindsTheCardThatMayHaveBeenPosted(t *testing.T) {
	t.Parallel()
	f := newSlack(t)
	c := f.bot(t, fakeChannel)
	posted := carded(routed(evaluate.Fired, pressureAlert()))
	following(t, c, posted)
	update, ok := carded(routed(evaluate.Escalated, criticalAlert())).Update()
	if !ok || update.Kind != KindUpdate || len(update.Items) != 0 {
		t.Fatalf("got %+v, want an update", update)
	}
	update.Again, update.Merged, update.Episode = true, []string{posted.Key}, posted.Episode
	card := following(t, c, update)
	wantSeen(t, f, criticalLine+" (edited 1 times)")
	if card.ID != f.messages[0].TS {
		t.Errorf("got receipt %+v, want the card's", card)
	}
	update.Merged = []string{"another"}
	if card, err := c.Send(context.Background(), update); err != nil || card != (Receipt{}) {
		t.Errorf("got receipt %+v, error %v, want nothing of a card that never arrived", card, err)
	}
	if _, ok := (Message{}).Update(); ok {
		t.Error("got an update of a message without a card")
	}
}
