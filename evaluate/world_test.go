package evaluate_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// day is when all cases happen.
var day = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// track is one series of a case: what is used and allowed from its start on.
type track struct {
	id     usage.ID
	labels usage.Labels
	from   time.Time
	used   []float64 // NaN: the minute is never known
	early  []float64 // what it looks like before it has settled; nil: as used
	limit  []float64 // NaN: unknown; negative: no limit is configured at that time
}

// spell is something that is so for a while.
type spell struct {
	from, to time.Time
	what     string
}

func (s spell) holds(at time.Time) bool { return !at.Before(s.from) && at.Before(s.to) }

// world is what a case describes: the outside, and how it is looked at.
type world struct {
	tracks      []*track
	changes     []usage.Change
	troubles    []usage.Trouble // Since to until
	untils      []time.Time     // of troubles
	problems    []spell
	disabled    []spell
	down        []spell // nobody looks
	lag, settle time.Duration
	since       time.Time
	from, to    time.Time // first and last step
	every       time.Duration
	followed    bool // what follows warnings is written down
}

// at returns value i of a row, which goes on with its last one.
func at(row []float64, i int) float64 {
	if len(row) == 0 {
		return math.NaN()
	}
	return row[min(i, len(row)-1)]
}

// series is what the track looks like at the moment: minutes that have become
// visible, the settled ones final. It reports false if no limit is configured.
func (w *world) series(t *track, now time.Time) (usage.Series, bool) {
	s := usage.Series{ID: t.id, Labels: t.labels, From: t.from}
	if at(t.limit, int(now.Sub(t.from)/time.Minute)) < 0 {
		return s, false
	}
	for i := range t.used {
		end := t.from.Add(time.Duration(i+1) * time.Minute)
		if end.Add(w.lag).After(now) {
			break
		}
		p := usage.Point{Used: t.used[i], Limit: at(t.limit, i)}
		if p.Limit < 0 {
			p.Limit = math.NaN()
		}
		if end.Add(w.settle).After(now) {
			if t.early != nil {
				p.Used = at(t.early, i)
			}
		} else if !math.IsNaN(p.Used) {
			s.Settled = i + 1 // up to the newest one that is final
		}
		s.Points = append(s.Points, p)
	}
	return s, true
}

// facts is what is known at the moment.
func (w *world) facts(now, stepped time.Time) *usage.Facts {
	f := &usage.Facts{
		Organization: usage.Organization{ID: "org-1", Name: "acme", Workspaces: []usage.Workspace{{ID: "wrkspc_1", Name: "payments"}}},
		Groups:       map[string]usage.Group{"rlg_opus": {ID: "rlg_opus", Type: usage.ModelGroup, Name: "Claude Opus 5"}, "rlg_web": {ID: "rlg_web", Type: usage.WebSearchGroup}},
		Settle:       w.settle, SteppedAt: stepped,
	}
	source := usage.Source{OrganizationID: "org-1", Organization: "acme", Kind: usage.SourceReport, Since: w.since}
	for _, t := range w.tracks {
		s, ok := w.series(t, now)
		if ok {
			f.Series = append(f.Series, s)
		}
		for i, p := range s.Points {
			if end := s.From.Add(time.Duration(i+1) * time.Minute); !math.IsNaN(p.Used) && end.After(source.DataAsOf) {
				source.DataAsOf = end
			}
		}
	}
	for _, p := range w.problems {
		if p.holds(now) {
			source.Problem = p.what
		}
	}
	f.Sources = []usage.Source{source}
	for _, c := range w.changes {
		if c.At.After(stepped) && !c.At.After(now) {
			f.Changes = append(f.Changes, c)
		}
	}
	for i, t := range w.troubles {
		if !now.Before(t.Since) && now.Before(w.untils[i]) {
			f.Troubles = append(f.Troubles, t)
		}
	}
	return f
}

// looks are the moments of the steps.
func (w *world) looks() []time.Time {
	var looks []time.Time
	for now := w.from; !now.After(w.to); now = now.Add(w.every) {
		looks = append(looks, now)
	}
	var up []time.Time
	for _, now := range looks {
		seen := true
		for _, d := range w.down {
			seen = seen && !d.holds(now)
		}
		if seen {
			up = append(up, now)
		}
	}
	return up
}

// inForce are the rules that are not disabled at the moment.
func (w *world) inForce(rules []evaluate.Rule, now time.Time) []evaluate.Rule {
	var out []evaluate.Rule
	for _, r := range rules {
		enabled := true
		for _, d := range w.disabled {
			enabled = enabled && (d.what != r.Alert || !d.holds(now))
		}
		if enabled {
			out = append(out, r)
		}
	}
	return out
}

// play steps through the world and returns each step's result.
func (w *world) play(rules []evaluate.Rule) []evaluate.Result {
	results, _ := w.playCases(rules)
	return results
}

// playCases returns the warnings too that each step began or followed.
func (w *world) playCases(rules []evaluate.Rule) (results []evaluate.Result, cases [][]evaluate.Case) {
	var prior []evaluate.Alert
	var stepped time.Time
	var records evaluate.Records
	for _, now := range w.looks() {
		facts := w.facts(now, stepped)
		res := evaluate.Step(now, w.inForce(rules, now), facts, prior)
		changed := records.Step(now, facts, &res)
		records.Keep(changed)
		results, cases = append(results, res), append(cases, changed)
		prior, stepped = res.Alerts, now
	}
	return results, cases
}

// parseValues reads promtool's notation: 1 2 _ 3x2 (3 3 3) 1+2x2 (1 3 5) _x2
// (_ _), and beside it - for a limit that is not configured.
func parseValues(text string) ([]float64, error) {
	var values []float64
	for _, word := range strings.Fields(text) {
		start, count, repeats := strings.Cut(word, "x")
		n := 0
		if repeats {
			var err error
			if n, err = strconv.Atoi(count); err != nil {
				return nil, fmt.Errorf("%q: %w", word, err)
			}
		}
		if start == "_" || start == "-" {
			value := map[string]float64{"_": math.NaN(), "-": -1}[start]
			for range max(n, 1) {
				values = append(values, value)
			}
			continue
		}
		value, step, err := parseStep(start)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", word, err)
		}
		for i := range n + 1 {
			values = append(values, value+float64(i)*step)
		}
	}
	return values, nil
}

// parseStep reads 10, 10+5 or 10-5.
func parseStep(text string) (value, step float64, err error) {
	if i := strings.LastIndexAny(text, "+-"); i > 0 {
		if step, err = strconv.ParseFloat(text[i:], 64); err != nil {
			return 0, 0, err
		}
		text = text[:i]
	}
	value, err = strconv.ParseFloat(text, 64)
	return value, step, err
}
