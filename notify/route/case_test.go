package route_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/tools/txtar"

	"alerter/evaluate"
	"alerter/notify/route"
)

var update = flag.Bool("update", false, "write what the cases lead to as what they want")

// TestCases plays every file in testdata. Each step is also repeated on its own
// result, with its notices turned around, and with no more groups than Keys
// promises to be enough, read back from JSON.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("got files %v and %v, want cases in testdata", files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sections := map[string]string{}
			for _, f := range archive.Files {
				sections[f.Name] = string(f.Data)
			}
			got := play(t, parseScript(t, sections))
			if *update {
				archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
				archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(sections["want"], got); diff != "" {
				t.Errorf("want, got differ:\n%s", diff)
			}
		})
	}
}

// world is what lies between steps.
type world struct {
	tree    route.Tree
	failing map[string]bool
	groups  map[route.GroupRef]route.Group
	alerts  map[string]*evaluate.Alert
	silence map[string]route.Silence
	acks    []route.Ack
	names   map[string]string // of messages, by key
	log     strings.Builder
}

func play(t *testing.T, s script) string {
	t.Helper()
	w := &world{
		tree: s.trees[""], failing: map[string]bool{}, names: map[string]string{},
		groups: map[route.GroupRef]route.Group{}, alerts: map[string]*evaluate.Alert{}, silence: map[string]route.Silence{},
	}
	for len(s.events) > 0 {
		n := slices.IndexFunc(s.events, func(e event) bool { return !e.at.Equal(s.events[0].at) })
		if n < 0 {
			n = len(s.events)
		}
		w.happen(t, s, s.events[:n])
		s.events = s.events[n:]
	}
	return w.log.String()
}

// happen does everything that happens at one time, and one step.
func (w *world) happen(t *testing.T, s script, events []event) {
	t.Helper()
	at := events[0].at
	var notices []evaluate.Notice
	for _, e := range events {
		switch e.verb {
		case "look":
		case "silence", "expire", "ack", "data":
			w.handle(t, e)
		case "tree":
			w.tree = s.trees[e.args[0]]
		case "failing":
			w.failing[e.args[0]] = true
		case "working":
			delete(w.failing, e.args[0])
		case "taken":
			for ref, g := range w.groups {
				g.Waiting = nil
				w.groups[ref] = g
			}
		default:
			notices = append(notices, notice(t, e, w.alerts))
		}
	}
	res := route.Step(at, w.tree, w.input(notices, w.prior()))
	w.checkEnough(t, at, notices, res)
	w.show(at, res)
	for _, g := range res.Groups {
		w.groups[g.Ref()] = g
		if len(g.Members) == 0 {
			delete(w.groups, g.Ref())
		}
	}
	w.checkStatuses(t, at)
	again := route.Step(at, w.tree, w.input(notices, w.prior()))
	// These are counted each time they are looked at: nothing is remembered of what
	// nobody hears, and of what is over as soon as it fires.
	again.Suppressed = slices.DeleteFunc(again.Suppressed, func(s route.Suppression) bool {
		a := w.alerts[string(s.Fingerprint)]
		return s.Reason == route.SuppressedInfo || a.State != evaluate.Firing && a.ResolvedAt.Equal(a.FiredAt)
	})
	if diff := cmp.Diff(route.Result{}, again, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: the same step again, want nothing, got:\n%s", showClock(at), diff)
	}
}

// handle does what a person, or a report, does to an alert.
func (w *world) handle(t *testing.T, e event) {
	t.Helper()
	name := e.args[0]
	switch e.verb {
	case "silence":
		s := route.Silence{ID: name, CreatedBy: "bert", StartsAt: e.at, EndsAt: e.at.Add(parseSpan(t, e.args[1]))}
		if old, there := w.silence[name]; there {
			s.StartsAt = old.StartsAt
		}
		for _, text := range e.args[2:] {
			s.Matchers = append(s.Matchers, parseMatcher(t, text))
		}
		w.silence[name] = s
	case "expire":
		s := w.silence[name]
		s.EndsAt = e.at
		w.silence[name] = s
	case "ack":
		a := w.alerts[name]
		w.acks = append(w.acks, route.Ack{Fingerprint: a.Fingerprint, FiredAt: a.FiredAt, Worst: a.Worst, At: e.at, By: e.args[1]})
	case "data":
		w.alerts[name].Reading.DataAsOf = parseClock(t, e.args[1])
		route.Refresh(w.prior(), []evaluate.Alert{*w.alerts[name]})
	}
}

// input is what a step decides from, in no order that means anything.
func (w *world) input(notices []evaluate.Notice, groups []route.Group) route.Input {
	in := route.Input{
		Notices: notices, Groups: groups, Failing: w.failing,
		Silences: slices.Collect(maps.Values(w.silence)), Acks: w.acks,
	}
	for _, a := range w.alerts {
		in.Alerts = append(in.Alerts, *a)
	}
	return in
}

// prior are all groups, in no order that means anything.
func (w *world) prior() []route.Group { return slices.Collect(maps.Values(w.groups)) }

// checkEnough takes the step with turned notices and only the groups it needs.
func (w *world) checkEnough(t *testing.T, at time.Time, notices []evaluate.Notice, want route.Result) {
	t.Helper()
	need := map[route.GroupRef]bool{}
	for _, ref := range route.Keys(w.tree, notices, w.failing) {
		need[ref] = true
	}
	touchedPrints := route.Touched(at, w.tree, w.input(notices, nil))
	prior := w.prior()
	refs, passed := route.Escalations(at, w.tree, prior)
	for _, ref := range refs {
		need[ref] = true
	}
	touchedPrints = append(touchedPrints, passed...)
	var some []route.Group
	for _, g := range prior {
		due := !g.Next.IsZero() && !at.Before(g.Next)
		touched := slices.ContainsFunc(g.Members, func(m route.Member) bool {
			return slices.Contains(touchedPrints, m.Alert.Fingerprint) ||
				slices.ContainsFunc(notices, func(n evaluate.Notice) bool { return n.Alert.Fingerprint == m.Alert.Fingerprint })
		})
		if need[g.Ref()] || due || touched {
			some = append(some, g)
		}
	}
	some = stored(t, some)
	slices.Reverse(notices)
	got := route.Step(at, w.tree, w.input(notices, some))
	slices.Reverse(notices)
	// A group that is not needed may still be tidied where it is given.
	want.Groups = slices.DeleteFunc(slices.Clone(want.Groups), func(g route.Group) bool {
		return !slices.ContainsFunc(got.Groups, func(o route.Group) bool { return o.Ref() == g.Ref() })
	})
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: other order and only needed groups, want, got differ:\n%s", showClock(at), diff)
	}
}

// stored is groups as they come back from a database.
func stored(t *testing.T, groups []route.Group) []route.Group {
	t.Helper()
	text, err := json.Marshal(groups)
	if err != nil {
		t.Fatal(err)
	}
	var back []route.Group
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func showStanding(s route.Standing) (text string) {
	if s.AcknowledgedBy != "" {
		text += " acknowledged by " + s.AcknowledgedBy
	}
	if !s.SilencedUntil.IsZero() {
		text += " silenced by " + s.SilencedBy + " until " + showClock(s.SilencedUntil)
	}
	return text
}

// show writes down what a step led to.
func (w *world) show(at time.Time, res route.Result) {
	fmt.Fprintf(&w.log, "%s\n", showClock(at))
	for _, m := range res.Messages {
		verb := "again"
		if w.names[m.Key] == "" {
			w.names[m.Key], verb = fmt.Sprintf("m%d", len(w.names)+1), "new"
		}
		fmt.Fprintf(&w.log, "  %s %s to %s %s: %s, send %s, until %s%s\n", verb, w.names[m.Key], m.Receiver, m.GroupKey,
			m.Reason, showClock(m.SendAt), showClock(m.NotAfter), map[bool]string{true: ", system"}[m.System])
		for _, it := range m.Items {
			a, ok := m.Alert(it)
			if !ok {
				fmt.Fprintf(&w.log, "    %s HAS NO ALERT\n", it.Fingerprint)
			}
			fmt.Fprintf(&w.log, "    %s %s %s", it.Reason, it.Fingerprint, it.Severity)
			if it.From != evaluate.None {
				fmt.Fprintf(&w.log, " from %s", it.From)
			}
			if it.By != "" {
				fmt.Fprintf(&w.log, " by %s", it.By)
			}
			if !it.Until.IsZero() {
				fmt.Fprintf(&w.log, " at %s", showClock(it.Until))
			}
			if it.Flapping {
				fmt.Fprintf(&w.log, ", flapping")
			}
			fmt.Fprintf(&w.log, " (%s)\n", a.State)
		}
		var all []string
		for _, a := range m.Alerts {
			all = append(all, fmt.Sprintf("%s %s", a.Fingerprint, a.Severity)+showStanding(m.Standing(a)))
		}
		fmt.Fprintf(&w.log, "    group since %s: %s\n", showClock(m.Episode), strings.Join(all, ", "))
	}
	for _, key := range res.Cancelled {
		fmt.Fprintf(&w.log, "  cancelled %s\n", w.names[key])
	}
	for _, s := range res.Suppressed {
		fmt.Fprintf(&w.log, "  %s not told of %s: %s\n", s.Receiver, s.Fingerprint, strings.TrimSpace(s.Reason+" "+s.Cause))
	}
	for _, g := range res.Groups {
		if len(g.Members) == 0 {
			fmt.Fprintf(&w.log, "  over %s %s\n", g.Receiver, g.Key)
		} else if !g.Next.IsZero() {
			fmt.Fprintf(&w.log, "  look at %s %s at %s\n", g.Receiver, g.Key, showClock(g.Next))
		}
	}
}
