package worker

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

// firing is the fingerprint of the one alert of a limit that fires.
func (d *desk) firing(t *testing.T) (print evaluate.Fingerprint) {
	t.Helper()
	d.update(func(tx *store.Tx) error {
		list, err := tx.FiringAlerts()
		if len(list) != 1 {
			t.Fatalf("got %d firing alerts, want one", len(list))
		}
		print = list[0].Fingerprint
		return err
	})
	return print
}

func TestWhatPeopleWroteIsActedOnWithinTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		stop := d.run(t)
		pass(9*time.Minute + 10*time.Second)
		print := d.firing(t)
		d.update(func(tx *store.Tx) error {
			_, err := tx.Acknowledge(print, "anna", d.worker.moment())
			return err
		})
		pass(10 * time.Second)
		got := d.box["team"].told()
		if len(got) != 2 || got[1] != "00:09 acknowledged warning" {
			t.Errorf("heard %q, want that it is acknowledged", got)
		}
		stop()
	})
}

func TestASilencedAlertIsToldWhenTheSilenceIsExpired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		m, err := route.ParseMatcher(`alertname="LimitPressure"`)
		if err != nil {
			t.Fatal(err)
		}
		var silence route.Silence
		d.update(func(tx *store.Tx) (err error) {
			silence, err = tx.PutSilence(route.Silence{
				Matchers: []route.Matcher{m}, CreatedBy: "anna", Comment: "load test", EndsAt: time.Now().Add(time.Hour),
			}, d.worker.moment())
			return err
		})
		stop := d.run(t)
		pass(9*time.Minute + 10*time.Second)
		d.firing(t)
		if got := d.box["team"].told(); len(got) != 0 {
			t.Errorf("heard %q while it is silenced, want nothing", got)
		}
		d.update(func(tx *store.Tx) error {
			_, err := tx.ExpireSilence(silence.ID, "anna", d.worker.moment())
			return err
		})
		pass(10 * time.Second)
		if got := d.box["team"].told(); !slices.Equal(got, []string{"00:09 fired warning"}) {
			t.Errorf("heard %q when the silence was expired, want that it fired", got)
		}
		stop()
	})
}
