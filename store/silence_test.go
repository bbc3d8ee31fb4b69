package store

import (
	"errors"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
)

// silence is one of warnings, from t0 on for an hour.
func silence(t *testing.T) route.Silence {
	t.Helper()
	m, err := route.ParseMatcher(`severity="warning"`)
	if err != nil {
		t.Fatal(err)
	}
	return route.Silence{Matchers: []route.Matcher{m}, CreatedBy: "anna", Comment: "load test", StartsAt: t0, EndsAt: t0.Add(time.Hour)}
}

// putSilence writes a silence at a moment and returns it.
func putSilence(t *testing.T, s *Store, sil route.Silence, at time.Time) (out route.Silence) {
	t.Helper()
	update(t, s, func(tx *Tx) (err error) {
		out, err = tx.PutSilence(sil, at)
		return err
	})
	return out
}

func silences(t *testing.T, s *Store, read func(*Tx) ([]route.Silence, error)) (ids []string) {
	t.Helper()
	view(t, s, func(tx *Tx) error {
		list, err := read(tx)
		for _, sil := range list {
			ids = append(ids, sil.ID)
		}
		return err
	})
	return ids
}

func TestASilenceIsWrittenChangedAndExpired(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	first := putSilence(t, s, silence(t), t0)
	longer := first
	longer.EndsAt, longer.Comment = t0.Add(3*time.Hour), "still testing"
	changed := putSilence(t, s, longer, t0.Add(10*time.Minute))
	check(t, "id of a changed one", changed.ID, first.ID)
	check(t, "beginning of a changed one", changed.StartsAt, t0)
	view(t, s, func(tx *Tx) error {
		got, err := tx.Silence(first.ID)
		check(t, "what comes back", got, changed)
		return err
	})
	update(t, s, func(tx *Tx) error {
		_, err := tx.ExpireSilence(first.ID, "bert", t0.Add(time.Hour))
		return err
	})
	open := func(at time.Time) []string {
		return silences(t, s, func(tx *Tx) ([]route.Silence, error) { return tx.Silences(at) })
	}
	check(t, "open before it was expired", len(open(t0.Add(59*time.Minute))), 1)
	check(t, "open after it was expired", len(open(t0.Add(time.Hour))), 0)
	check(t, "remembered", open(time.Time{}), []string{first.ID})
	err := s.Update(t.Context(), func(tx *Tx) error {
		_, err := tx.ExpireSilence(first.ID, "bert", t0.Add(2*time.Hour))
		return err
	})
	if !errors.Is(err, ErrSilenceOver) {
		t.Errorf("expire again: got %v, want ErrSilenceOver", err)
	}
	view(t, s, func(tx *Tx) error {
		deeds, err := tx.Deeds(t0, t0.Add(24*time.Hour))
		var got []string
		for _, d := range deeds {
			got = append(got, d.Actor+" "+d.Deed)
		}
		check(t, "deeds", got, []string{"anna silence_added", "anna silence_changed", "bert silence_expired"})
		return err
	})
}

func TestASilenceOfSomethingElseIsAnotherOne(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	first := putSilence(t, s, silence(t), t0)
	other := first
	other.Matchers = []route.Matcher{{Name: "workspace", Op: "=", Value: "prod"}}
	second := putSilence(t, s, other, t0.Add(time.Minute))
	if second.ID == first.ID {
		t.Error("got the same id, want another one")
	}
	got := silences(t, s, func(tx *Tx) ([]route.Silence, error) { return tx.Silences(t0.Add(time.Minute)) })
	check(t, "open", got, []string{second.ID})
	err := s.View(t.Context(), func(tx *Tx) error {
		_, err := tx.Silence("none")
		return err
	})
	if !errors.Is(err, ErrNoSilence) {
		t.Errorf("silence none: got %v, want ErrNoSilence", err)
	}
}

func TestSilencesOfThePastAreAsTheyWere(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	first := putSilence(t, s, silence(t), t0)
	longer := first
	longer.EndsAt = t0.Add(3 * time.Hour)
	putSilence(t, s, longer, t0.Add(50*time.Minute))
	update(t, s, func(tx *Tx) error {
		_, err := tx.ExpireSilence(first.ID, "anna", t0.Add(90*time.Minute))
		return err
	})
	coming := silence(t)
	coming.StartsAt, coming.EndsAt = t0.Add(150*time.Minute), t0.Add(160*time.Minute)
	coming = putSilence(t, s, coming, t0.Add(100*time.Minute))
	for _, c := range []struct {
		after time.Duration
		want  []string
	}{
		{-time.Second, nil}, {0, []string{first.ID}}, {70 * time.Minute, []string{first.ID}}, {90 * time.Minute, nil},
		{2 * time.Hour, []string{coming.ID}}, {160 * time.Minute, nil},
	} {
		got := silences(t, s, func(tx *Tx) ([]route.Silence, error) { return tx.SilencesAsOf(t0.Add(c.after)) })
		check(t, "open after "+c.after.String(), got, c.want)
	}
}

func TestAnEpisodeIsAcknowledgedOnceByEachUntilItGetsWorse(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	a := fullAlert("f")
	a.State, a.Severity, a.Worst = evaluate.Firing, evaluate.Warning, evaluate.Warning
	acknowledge := func(by string, at time.Time) error {
		return s.Update(t.Context(), func(tx *Tx) error {
			_, err := tx.Acknowledge("f", by, at)
			return err
		})
	}
	if err := acknowledge("anna", t0); !errors.Is(err, ErrNotFiring) {
		t.Errorf("before it fires: got %v, want ErrNotFiring", err)
	}
	update(t, s, func(tx *Tx) error { return tx.PutAlerts([]evaluate.Alert{a}) })
	for _, by := range []string{"anna", "anna", "bert"} {
		if err := acknowledge(by, t0.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	a.Severity, a.Worst = evaluate.Critical, evaluate.Critical
	update(t, s, func(tx *Tx) error { return tx.PutAlerts([]evaluate.Alert{a}) })
	if err := acknowledge("anna", t0.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	acks := func() (n int) {
		view(t, s, func(tx *Tx) error {
			list, err := tx.Acks()
			n = len(list)
			return err
		})
		return n
	}
	check(t, "acknowledgements", acks(), 2)
	a.State = evaluate.Resolved
	update(t, s, func(tx *Tx) error { return tx.PutAlerts([]evaluate.Alert{a}) })
	check(t, "acknowledgements of what is over", acks(), 0)
	for after, want := range map[time.Duration]int{0: 0, time.Minute: 1, time.Hour: 2} {
		view(t, s, func(tx *Tx) error {
			list, err := tx.AcksAsOf(t0.Add(after))
			check(t, "acknowledgements after "+after.String(), len(list), want)
			return err
		})
	}
}

func TestASilenceOfTheFutureStaysOneThoughItIsAboutSomethingElse(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	later := silence(t)
	later.StartsAt, later.EndsAt = t0.Add(24*time.Hour), t0.Add(26*time.Hour)
	later = putSilence(t, s, later, t0)
	other := later
	m, err := route.ParseMatcher(`severity="critical"`)
	if err != nil {
		t.Fatal(err)
	}
	other.Matchers = []route.Matcher{m}
	changed := putSilence(t, s, other, t0.Add(time.Minute))
	check(t, "beginning", changed.StartsAt, t0.Add(24*time.Hour))
	check(t, "state", changed.State(t0.Add(time.Hour)), route.SilencePending)
	if changed.ID == later.ID {
		t.Error("got the old id, want another silence")
	}
}
