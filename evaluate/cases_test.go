package evaluate_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"alerter/evaluate"
	"alerter/usage"
)

var update = flag.Bool("update", false, "rewrite the want sections of testdata/*.txtar")

// TestCases plays each testdata/*.txtar. Its comment says why; testdata/README
// says what may stand in it.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d cases (%v), want some", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := runCase(t, archive)
			if *update {
				setSection(archive, "want", got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(section(archive, "want"), got); diff != "" {
				t.Errorf("%s(-want +got):\n%s", archive.Comment, diff)
			}
		})
	}
}

// runCase plays a case and writes down what happened, one transition a line.
func runCase(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	rules, err := parseRules(section(archive, "rule"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if text := section(archive, "days"); text != "" {
		d, err := parseDays(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, res := range d.play(rules) {
			for _, line := range happened(res, false) {
				fmt.Fprintln(&b, res.Transitions[0].At.Format("Mon 2 Jan"), line)
			}
		}
		return b.String()
	}
	w, err := parseWorld(section(archive, "series"))
	if err != nil {
		t.Fatal(err)
	}
	results, cases := w.playCases(rules)
	for i, res := range results {
		for _, line := range happened(res, len(rules) > 1 || len(w.tracks) > 1 || len(w.changes)+len(w.troubles) > 0) {
			fmt.Fprintln(&b, line)
		}
		for _, c := range cases[i] {
			if w.followed {
				fmt.Fprintln(&b, w.looks()[i].Format("15:04"), followed(c))
			}
		}
	}
	return b.String()
}

// followed is what is known of a warning.
func followed(c evaluate.Case) string {
	line := fmt.Sprintf("%s of %s (%s):", c.Severity, c.At.Format("15:04"), evaluate.Share(c.Level))
	switch {
	case c.Void:
		return line + " says nothing"
	case !c.ReachedAt.IsZero():
		line += " limit reached " + c.ReachedAt.Format("15:04")
	case !c.ClosedAt.IsZero():
		line += " limit not reached"
	default:
		line += " followed from here"
	}
	if !c.ClosedAt.IsZero() {
		line += ", counts"
	}
	return line
}

// happened is a line for each transition, with the reason if it is told.
func happened(res evaluate.Result, named bool) []string {
	alerts := map[evaluate.Fingerprint]evaluate.Alert{}
	for _, a := range res.Alerts {
		alerts[a.Fingerprint] = a
	}
	told := map[evaluate.Fingerprint]evaluate.Reason{}
	for _, n := range res.Notices {
		told[n.Alert.Fingerprint] = n.Reason
	}
	var lines []string
	for _, m := range res.Transitions {
		a := alerts[m.Fingerprint]
		line := fmt.Sprintf("%s %s → %s", m.At.Format("15:04"), m.FromState, m.ToState)
		switch {
		case m.To == evaluate.None:
		case m.From == evaluate.None || m.From == m.To:
			line += " " + string(m.To)
		default:
			line += fmt.Sprintf(" %s → %s", m.From, m.To)
		}
		if m.Value.Known() {
			line += fmt.Sprintf(" value=%.4g", float64(m.Value))
		}
		if reason, ok := told[m.Fingerprint]; ok {
			line += " told " + string(reason)
			delete(told, m.Fingerprint)
		}
		if a.Why != "" {
			line += " because " + a.Why
		}
		if r := a.LimitReached; !r.At.IsZero() {
			line += fmt.Sprintf(", limit reached %s shown=%.4g", r.At.Format("15:04"), float64(r.Shown))
		}
		if named {
			line += " " + name(a)
		}
		lines = append(lines, line)
	}
	return lines
}

// name tells the alerts of a case apart.
func name(a evaluate.Alert) string {
	out := "(" + a.Rule
	for _, label := range []string{a.Labels.Workspace, a.Labels.ModelGroup, a.Labels.Limiter, a.Subject.Part, a.Reading.Detail} {
		if label != "" {
			out += ", " + label
		}
	}
	if c := a.Reading.Change; c != nil {
		out += fmt.Sprintf(", %s from %d to %d", c.Kind, c.Old, c.New)
	}
	return out + ")"
}

func section(archive *txtar.Archive, name string) string {
	for _, f := range archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func setSection(archive *txtar.Archive, name, text string) {
	for i := range archive.Files {
		if archive.Files[i].Name == name {
			archive.Files[i].Data = []byte(text)
			return
		}
	}
	archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(text)})
}

// parseRules reads rules as JSON, one after the other; the word system stands for
// the rules about the service itself.
func parseRules(text string) ([]evaluate.Rule, error) {
	if strings.TrimSpace(text) == "system" {
		return evaluate.SystemRules(), nil
	}
	var rules []evaluate.Rule
	for d := json.NewDecoder(strings.NewReader(text)); ; {
		var r evaluate.Rule
		err := d.Decode(&r)
		if errors.Is(err, io.EOF) {
			return rules, nil
		}
		if err == nil {
			err = r.Check()
		}
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
}

// parseWorld reads the lines of a series section.
func parseWorld(text string) (*world, error) {
	w := &world{settle: 5 * time.Minute, lag: 5 * time.Minute, every: time.Minute}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		key, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if err := w.line(key, strings.TrimSpace(rest)); err != nil {
			return nil, fmt.Errorf("%s: %w", strings.TrimSpace(line), err)
		}
	}
	w.complete()
	return w, nil
}

func (w *world) line(key, rest string) (err error) {
	switch key {
	case "":
	case "lag", "settle", "every":
		var d time.Duration
		d, err = time.ParseDuration(rest)
		*map[string]*time.Duration{"lag": &w.lag, "settle": &w.settle, "every": &w.every}[key] = d
	case "followed":
		w.followed = true
	case "since":
		w.since, err = clock(rest)
	case "steps":
		var s spell
		s, err = parseSpell(rest)
		w.from, w.to = s.from, s.to
	case "down", "disabled", "problem":
		var s spell
		s, err = parseSpell(rest)
		to := map[string]*[]spell{"down": &w.down, "disabled": &w.disabled, "problem": &w.problems}[key]
		*to = append(*to, s)
	case "from":
		t := &track{
			id:     usage.ID{OrganizationID: "org-1", GroupID: "rlg_opus", Limiter: usage.OutputTokens},
			labels: usage.Labels{Organization: "acme", ModelGroup: "Claude Opus 5", Limiter: string(usage.OutputTokens)},
		}
		w.tracks = append(w.tracks, t)
		t.from, err = clock(rest)
	case "used", "early", "limit":
		t := w.tracks[len(w.tracks)-1]
		var values []float64
		values, err = parseValues(rest)
		to := map[string]*[]float64{"used": &t.used, "early": &t.early, "limit": &t.limit}[key]
		*to = append(*to, values...)
	case "workspace":
		t := w.tracks[len(w.tracks)-1]
		t.id.WorkspaceID, t.labels.Workspace = "wrkspc_1", rest
	case "limiter":
		t := w.tracks[len(w.tracks)-1]
		t.id.Limiter, t.labels.Limiter = usage.Limiter(rest), rest
	case "change":
		err = w.change(strings.Fields(rest))
	case "trouble":
		err = w.trouble(rest)
	default:
		err = fmt.Errorf("unknown word %q", key)
	}
	return err
}

// complete fills in when to look: from the first minute to the end of the last
// one's visibility.
func (w *world) complete() {
	for _, t := range w.tracks {
		if w.from.IsZero() {
			w.from, w.to = t.from, t.from
		}
		if end := t.from.Add(time.Duration(len(t.used))*time.Minute + w.lag); w.to.Before(end) && w.to.Equal(w.from) {
			w.to = end
		}
	}
	if w.since.IsZero() {
		w.since = w.from
	}
}

// change reads: 10:05 lowered 400000 200000 [workspace], or 10:05 model_moved claude-x.
func (w *world) change(words []string) (err error) {
	c := usage.Change{Kind: usage.ChangeKind(words[1]), GroupID: "rlg_opus", Limiter: usage.OutputTokens}
	if c.At, err = clock(words[0]); err != nil {
		return err
	}
	if c.Kind == usage.ModelMoved {
		c.Model, c.FromGroupID, c.Limiter = words[2], "rlg_web", ""
	} else if _, err = fmt.Sscan(words[2]+" "+words[3], &c.Old, &c.New); err == nil && len(words) > 4 {
		c.WorkspaceID = words[4]
	}
	w.changes = append(w.changes, c)
	return err
}

// trouble reads: 10:05 to 10:20 AlerterJobFailing usage critical its text.
func (w *world) trouble(text string) error {
	s, err := parseSpell(text)
	if err != nil {
		return err
	}
	words := strings.SplitN(s.what, " ", 4)
	w.troubles = append(w.troubles, usage.Trouble{
		Name: words[0], Subject: words[1], Severity: words[2], Detail: words[3], Since: s.from,
	})
	w.untils = append(w.untils, s.to)
	return nil
}

// parseSpell reads: 10:05 to 10:20 and what is so.
func parseSpell(text string) (s spell, err error) {
	words := strings.SplitN(text, " ", 4)
	if len(words) < 3 || words[1] != "to" {
		return s, errors.New("want: 10:05 to 10:20 …")
	}
	if s.from, err = clock(words[0]); err != nil {
		return s, err
	}
	if len(words) > 3 {
		s.what = words[3]
	}
	s.to, err = clock(words[2])
	return s, err
}

func clock(text string) (time.Time, error) {
	d, err := time.Parse("15:04", strings.TrimSpace(text))
	return day.Add(time.Duration(d.Hour())*time.Hour + time.Duration(d.Minute())*time.Minute), err
}
