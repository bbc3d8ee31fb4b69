package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
)

// mirrorTo is a receiver that pushes to the places.
func mirrorTo(t *testing.T, places ...*place) Receivers {
	t.Helper()
	var urls []string
	for _, p := range places {
		urls = append(urls, p.URL)
	}
	c := open(t, "alertmanager", settingsOf(map[string]any{"urls": urls, "allow_private_networks": true}), nil)
	return Receivers{"am": {Kind: "alertmanager", Channel: c}, "other": {Kind: "console", Channel: &console{}}}
}

// pushes reads what a place got: of each alert its severity, and how long it
// fires from the time of the push on.
func pushes(t *testing.T, p *place) (said []string) {
	t.Helper()
	for _, r := range p.requests() {
		var alerts []pushedAlert
		read(t, r.body, &alerts)
		var line []string
		for _, a := range alerts {
			ends := a.EndsAt.Sub(fixedNow()).Round(time.Second)
			line = append(line, fmt.Sprintf("%s %s %s", a.Labels["model_group"], a.Labels["severity"], ends))
		}
		said = append(said, strings.Join(line, ", "))
	}
	return said
}

func TestAChangedSeverityEndsTheOldLabels(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 200})
	r := mirrorTo(t, p)
	over := resolvedAlert()
	for i, m := range []Message{
		Compose(routed(evaluate.Fired, easedAlert()), page), Compose(routed(evaluate.Escalated, criticalOf(easedAlert())), page),
		Compose(routed(evaluate.ReasonResolved, over), page),
	} {
		if _, err := r.Send(t.Context(), "am", m); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	want := []string{
		"Claude Opus 5 warning 4m0s",
		"Claude Opus 5 warning 0s, Claude Opus 5 critical 4m0s",
		"Claude Opus 5 critical -3s",
	}
	if diff := cmp.Diff(want, pushes(t, p)); diff != "" {
		t.Errorf("pushed (-want +got):\n%s", diff)
	}
}

// criticalOf is the alert, worse.
func criticalOf(a evaluate.Alert) evaluate.Alert {
	a.Severity = evaluate.Critical
	return a
}

func TestWhatFiresIsToldAgainAndWhatDoesNotIsEnded(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 200})
	r := mirrorTo(t, p)
	if diff := cmp.Diff([]string{"am"}, r.Mirrored()); diff != "" {
		t.Errorf("mirrored (-want +got):\n%s", diff)
	}
	both := []Alert{View(pressureAlert()), View(thresholdAlert())}
	for _, firing := range [][]Alert{nil, both, both, both[1:], nil, nil} {
		if err := r.Mirror(t.Context(), "am", firing, page); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"Claude Opus 5 warning 4m0s, Claude Sonnet 5 warning 4m0s",
		"Claude Opus 5 warning 4m0s, Claude Sonnet 5 warning 4m0s",
		"Claude Sonnet 5 warning 4m0s, Claude Opus 5 warning 0s",
		"Claude Sonnet 5 warning 0s",
	}
	if diff := cmp.Diff(want, pushes(t, p)); diff != "" {
		t.Errorf("pushed (-want +got):\n%s", diff)
	}
	if err := r.Mirror(t.Context(), "other", both, page); err != nil {
		t.Errorf("got %v for a receiver that is no mirror, want nothing", err)
	}
}

func TestAnEndThatWasNotTakenInIsToldAgain(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 200}, answer{code: 503}, answer{code: 200})
	r := mirrorTo(t, p)
	firing := []Alert{View(pressureAlert())}
	for i, step := range []struct {
		firing []Alert
		ok     bool
	}{{firing, true}, {nil, false}, {nil, true}} {
		if err := r.Mirror(t.Context(), "am", step.firing, page); (err == nil) != step.ok {
			t.Fatalf("push %d: got %v, want success %v", i, err, step.ok)
		}
	}
	if got := pushes(t, p)[2]; got != "Claude Opus 5 warning 0s" {
		t.Errorf("got %q, want the end again", got)
	}
}

func TestOneAlertmanagerOfAClusterIsEnoughForAMessageAndEachIsMissed(t *testing.T) {
	t.Parallel()
	well, ill := newPlace(t, answer{code: 200}), newPlace(t, answer{code: 500})
	r := mirrorTo(t, ill, well)
	if _, err := r.Send(t.Context(), "am", samples()[0].m); err != nil {
		t.Errorf("got %v, want success: one has it", err)
	}
	err := r.Mirror(t.Context(), "am", []Alert{View(pressureAlert())}, page)
	if err == nil || IsPermanent(err) || !strings.Contains(err.Error(), "500") {
		t.Errorf("got %v, want the one that did not answer well named", err)
	}
	if len(well.requests()) != 2 || len(ill.requests()) != 2 {
		t.Errorf("got %d and %d requests, want each told both times", len(well.requests()), len(ill.requests()))
	}
	broken := mirrorTo(t, newPlace(t, answer{code: 400}), ill)
	if _, err := broken.Send(t.Context(), "am", samples()[0].m); err == nil || IsPermanent(err) {
		t.Errorf("got %v, want an error to retry: one of the two may take it yet", err)
	}
}

func TestAnEndAfterARestartIsToldForEverySeverity(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 200})
	if _, err := mirrorTo(t, p).Send(t.Context(), "am", Compose(routed(evaluate.ReasonResolved, resolvedAlert()), page)); err != nil {
		t.Fatal(err)
	}
	want := []string{"Claude Opus 5 info -3s, Claude Opus 5 warning -3s, Claude Opus 5 critical -3s"}
	if diff := cmp.Diff(want, pushes(t, p)); diff != "" {
		t.Errorf("pushed (-want +got):\n%s", diff)
	}
}

func TestAChangedLimitFiresForItsLease(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 200})
	changed := loweredAlert()
	changed.State, changed.ResolvedAt = evaluate.Resolved, changed.FiredAt
	if _, err := mirrorTo(t, p).Send(t.Context(), "am", Compose(routed(evaluate.Fired, changed), page)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Claude Opus 5 warning 4m0s"}, pushes(t, p)); diff != "" {
		t.Errorf("pushed (-want +got):\n%s", diff)
	}
}
