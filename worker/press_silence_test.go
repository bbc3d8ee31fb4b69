package worker

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
)

func TestASecondPressLetsTheSilenceGoOnLonger(t *testing.T) {
	t.Parallel()
	w, e := withButtons(t)
	key := e.got[0].Key
	press := func(by string, span time.Duration) string {
		t.Helper()
		p := e.press(notify.Silence, key, w.now())
		p.User, p.For = by, span
		if err := w.worker.press(t.Context(), p, w.now()); err != nil {
			t.Fatal(err)
		}
		return strings.Join(e.said(), "\n")
	}
	until := func(at time.Time) string {
		return "Silenced until " + at.Format("2006-01-02 15:04 UTC") + ": exactly what this card shows."
	}
	began := w.now()
	press("ada", time.Hour)
	w.minutes(1)
	for _, c := range []struct {
		by    string
		span  time.Duration
		until time.Time
		owner string
	}{
		{"bert", time.Hour, began.Add(time.Minute + time.Hour), "bert"},
		{"carl", 24 * time.Hour, began.Add(time.Minute + 24*time.Hour), "carl"},
		{"ada", time.Hour, began.Add(time.Minute + 24*time.Hour), "carl"}, // it lasts longer than that
	} {
		if got := press(c.by, c.span); got != until(c.until) {
			t.Errorf("%s for %s: got reply %q, want %q", c.by, c.span, got, until(c.until))
		}
		_, silences, _ := w.quiet()
		if len(silences) != 1 || !silences[0].EndsAt.Equal(c.until) || !silences[0].StartsAt.Equal(began) || silences[0].CreatedBy != c.owner {
			t.Errorf("%s for %s: got silences %+v, want one from %s until %s by %s", c.by, c.span, silences, began, c.until, c.owner)
		}
	}
	_, _, deeds := w.quiet()
	var did []string
	for _, d := range deeds {
		did = append(did, d.Actor+" "+d.Deed)
	}
	if diff := cmp.Diff([]string{"ada silence_added", "bert silence_changed", "carl silence_changed"}, did); diff != "" {
		t.Errorf("deeds (-want +got):\n%s", diff)
	}
}

func TestAPressLeavesSilencesOfOtherPeopleAlone(t *testing.T) {
	t.Parallel()
	w, e := withButtons(t)
	own := route.Silence{CreatedBy: "anna", Comment: "load test", StartsAt: w.now(), EndsAt: w.now().Add(time.Minute)}
	err := w.store.Update(t.Context(), func(tx *store.Tx) error {
		firing, err := tx.FiringAlerts()
		if err != nil {
			return err
		}
		own.Matchers = only(firing[0])
		_, err = tx.PutSilence(own, w.now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.worker.press(t.Context(), e.press(notify.Silence, e.got[0].Key, w.now()), w.now()); err != nil {
		t.Fatal(err)
	}
	if _, silences, _ := w.quiet(); len(silences) != 2 || !silences[0].EndsAt.Equal(own.EndsAt) {
		t.Errorf("got silences %+v, want anna's as it was, and another one", silences)
	}
}
