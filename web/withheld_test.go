package web

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/notify/route"
	"alerter/store"
)

// withheldWorld is a world with one decision not to send for each reason, all of the
// alert 0000000000000001.
func withheldWorld(t *testing.T) *world {
	t.Helper()
	w := filled(t)
	var list []route.Suppression
	for _, reason := range [][2]string{
		{route.SuppressedInfo}, {route.SuppressedEased}, {route.SuppressedResolved}, {route.SuppressedUnsent},
		{route.SuppressedReceiver}, {route.SuppressedOutdated}, {route.SuppressedFlapping},
		{route.SuppressedSilence, "0b1c"}, {route.SuppressedMuted, "nights, weekends"},
		{route.SuppressedInhibition, "0000000000000002"},
	} {
		list = append(list, route.Suppression{
			Receiver: "team", GroupKey: "{}:{}", Fingerprint: "0000000000000001", FiredAt: inside.Add(-8 * time.Minute), Reason: reason[0], Cause: reason[1],
		})
	}
	w.update(t, func(tx *store.Tx) error {
		_, err := tx.PutWithheld(inside.Add(-time.Minute), list)
		return err
	})
	return w
}

func TestEachReasonNotToSendIsSaidInWords(t *testing.T) {
	t.Parallel()
	w := withheldWorld(t)
	got := map[string]string{}
	for _, n := range decoded[struct{ Withheld []Withheld }](t, w, "/api/v1/outbox?withheld=true").Withheld {
		got[n.Reason] = n.Detail
	}
	want := map[string]string{
		"notify_info":        "info, which its route does not send (notify_info)",
		"notify_eased":       "it eased, which its route does not send (notify_eased)",
		"send_resolved":      "it ended, which the receiver is not told (send_resolved)",
		"ended_unsent":       "it ended before it was told",
		"receiver_gone":      "it ended, and the receiver is not in the configuration any more",
		"outdated":           "it waited to be told, and was not so any more",
		"flap":               "it changes often, which was told: it is told when it is stable or worse",
		"silence":            "silenced by 0b1c",
		"mute_time_interval": "its route tells nothing at that time (nights, weekends)",
		"inhibition":         "LimitPressure (Claude Opus 5, output tokens per minute) fires, which inhibits it",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestWhatWasNotSentNamesItsAlertAndWhatKeptItQuiet(t *testing.T) {
	t.Parallel()
	w := withheldWorld(t)
	for _, got := range decoded[struct{ Withheld []Withheld }](t, w, "/api/v1/outbox?withheld=true").Withheld {
		if got.Reason != route.SuppressedInhibition {
			continue
		}
		want := Withheld{
			At: inside.Add(-time.Minute), Receiver: "team", Fingerprint: "0000000000000001", Alertname: "LimitPressure",
			Labels:  Labels{Organization: "acme", Workspace: hostile, ModelGroup: "Claude Opus 5", Limiter: "output_tokens_per_minute"},
			FiredAt: inside.Add(-8 * time.Minute), GroupKey: "{}:{}", Reason: "inhibition", Cause: "0000000000000002", Detail: got.Detail,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("inhibited (-want +got):\n%s", diff)
		}
		return
	}
	t.Error("got nothing that was inhibited")
}

func TestAnInhibitorIsNamedByWhatIsKnownOfIt(t *testing.T) {
	t.Parallel()
	for want, of := range map[string]store.Withheld{
		"another alert fires, which inhibits it": {},
		"DataStale fires, which inhibits it":     {ByRule: "DataStale"},
	} {
		of.Reason = route.SuppressedInhibition
		if got := withheldWords(of); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := withheldWords(store.Withheld{Suppression: route.Suppression{Reason: "moon"}}); got != "moon" {
		t.Errorf("got %q of a reason without words, want it as it is", got)
	}
}

func TestEventsSayWhatWasNotSentButForInfo(t *testing.T) {
	t.Parallel()
	w := withheldWorld(t)
	n := 0
	for _, e := range decoded[struct{ Events []Event }](t, w, "/api/v1/events").Events {
		if e.Withheld == "" {
			continue
		}
		n++
		if e.Withheld == route.SuppressedInfo || e.Receiver != "team" || e.Alertname != "LimitPressure" || e.Detail == "" || e.Value.Known() {
			t.Errorf("got %+v, want to whom, of which alert, and why", e)
		}
	}
	if n != 9 {
		t.Errorf("got %d events of what was not sent, want all but info", n)
	}
}

func TestListsOfWhatWasNotSentAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.ask(request("/api/v1/outbox?withheld=true")).Body.String(); got != "{\"withheld\":[]}\n" {
		t.Errorf("got %q of an empty database", got)
	}
	w.update(t, func(tx *store.Tx) error {
		list := make([]route.Suppression, newest+1)
		for i := range list {
			list[i] = route.Suppression{Receiver: "team", Fingerprint: "a", FiredAt: inside.Add(time.Duration(i) * time.Second), Reason: route.SuppressedInfo}
		}
		_, err := tx.PutWithheld(inside, list)
		return err
	})
	if got := len(decoded[struct{ Withheld []Withheld }](t, w, "/api/v1/outbox?withheld=true").Withheld); got != newest {
		t.Errorf("got %d, want the newest %d", got, newest)
	}
}
