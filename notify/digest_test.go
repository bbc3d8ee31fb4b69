package notify

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/usage"
	"alerter/usage/forecast"
)

// faredAs is how an output limit fared that was known throughout a week.
func faredAs(workspace, group string, limit, peak float64) evaluate.Fared {
	l := evaluate.Fared{
		ID:     usage.ID{WorkspaceID: workspace, GroupID: group, Limiter: usage.OutputTokens},
		Labels: usage.Labels{Organization: "acme", Workspace: workspace, ModelGroup: group, Limiter: string(usage.OutputTokens)},
		Limit:  limit, Peak: evaluate.Number(peak), PeakLimit: limit, PeakAt: noon.Add(-50 * time.Hour), Known: 10_000, Days: 8,
	}
	if peak == 0 {
		l.PeakAt = time.Time{}
	}
	return l
}

// fullDigest has something of everything.
func fullDigest() evaluate.Digest {
	to := noon.Add(-15 * time.Minute)
	opus := faredAs("", "Claude Opus 5", 1_000_000, 1.04)
	opus.NearDays = 5
	opus.Reached = []evaluate.TimeAtLimit{
		{From: to.Add(-50 * time.Hour), To: to.Add(-49 * time.Hour), Shown: 0.58},
		{From: to.Add(-30 * time.Hour), To: to.Add(-30*time.Hour + 8*time.Minute), Shown: 0.9},
		{From: to.Add(-2 * time.Hour), To: to.Add(-2*time.Hour + time.Minute), Shown: evaluate.Unknown()},
	}
	sonnet := faredAs("prod", "Claude Sonnet 5", 400_000, 0.91)
	sonnet.NearDays = 3
	limits := []evaluate.Fared{
		opus, sonnet, faredAs("", "Claude Haiku 5", 4_000_000, 0.61), faredAs("dev", "Claude Opus 5", 80_000, 0.03),
		faredAs("", "Claude Opus 4.1", 80_000, 0), faredAs("", "unseen", 1, math.NaN()),
	}
	warned := func(of evaluate.Fared, at, reached, closed time.Duration) evaluate.Case {
		c := evaluate.Case{ID: of.ID, Severity: evaluate.Warning, At: to.Add(-at)}
		if reached > 0 {
			c.ReachedAt = to.Add(-reached)
		}
		if closed > 0 {
			c.ClosedAt = to.Add(-closed)
		}
		return c
	}
	d := evaluate.NewDigest(to.AddDate(0, 0, -7), to, limits, []evaluate.Warned{{ID: opus.ID, From: to.Add(-30*time.Hour - 23*time.Minute), To: to.Add(-29 * time.Hour)}},
		[]evaluate.Case{
			warned(opus, 30*time.Hour+23*time.Minute, 30*time.Hour, 29*time.Hour),
			warned(sonnet, 70*time.Hour, 0, 68*time.Hour), warned(sonnet, 20*time.Minute, 0, 0),
		})
	d.Growing = []evaluate.Growing{{Labels: sonnet.Labels, Estimate: forecast.Estimate{
		At: noon.AddDate(0, 0, 16), Earliest: noon.AddDate(0, 0, 9), Latest: noon.AddDate(0, 0, 27), OnWeekdays: true,
	}}}
	d.Gaps = []evaluate.Gap{
		{Organization: "acme", Missing: 37 * time.Minute, From: to.Add(-40 * time.Hour), To: to.Add(-40*time.Hour + 30*time.Minute)},
		{Organization: "globex", Missing: 30 * time.Minute, From: to.Add(-4 * time.Hour), To: to.Add(-4*time.Hour + 30*time.Minute)},
	}
	d.Undelivered = []evaluate.Undelivered{{Receiver: "oncall", Messages: 2, Problem: "post webhook to hooks.example.com: answered 410 Gone"}}
	return d
}

// quietDigest is of a day in which nothing came near.
func quietDigest() evaluate.Digest {
	to := noon.Add(-15 * time.Minute)
	return evaluate.NewDigest(to.AddDate(0, 0, -1), to, []evaluate.Fared{faredAs("", "Claude Opus 5", 1_000_000, 0.43)}, nil, nil)
}

func TestADigestsTitleSaysTheMost(t *testing.T) {
	t.Parallel()
	for want, limits := range map[string][]evaluate.Fared{
		"[DIGEST] No limits are known":                                               nil,
		"[DIGEST] Nothing is known of the use of limits":                             {faredAs("", "a", 1, math.NaN())},
		"[DIGEST] No limit was used":                                                 {faredAs("", "a", 1, 0), faredAs("", "b", 1, math.NaN())},
		"[DIGEST] No limit was reached; the closest came to 43 %: a · output tokens": {faredAs("", "a", 1, 0.43)},
	} {
		m := ComposeDigest(evaluate.NewDigest(noon.Add(-time.Hour), noon, limits, nil, nil), "team", "k", "", noon)
		if m.Title != want || m.Subject != want {
			t.Errorf("got %q, want %q", m.Title, want)
		}
	}
	for _, c := range []struct {
		times, foreseen int
		want            string
	}{
		{1, 0, "A limit was reached once, without a warning"},
		{1, 1, "A limit was reached once, after a warning"},
		{3, 1, "Limits were reached 3 times, 1 of them after a warning"},
	} {
		if got := digestTitle(evaluate.Digest{Limits: 1, TimesReached: c.times, Foreseen: c.foreseen}); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestADigestSaysHowManyItDoesNotName(t *testing.T) {
	t.Parallel()
	var limits []evaluate.Fared
	for range 7 {
		near := faredAs("", "a", 1000, 1)
		for i := range 2 {
			from := noon.Add(-time.Duration(i+1) * time.Hour)
			near.Reached = append(near.Reached, evaluate.TimeAtLimit{From: from, To: from.Add(time.Minute)})
		}
		limits = append(limits, near, faredAs("", "b", 1000, 0.1))
	}
	m := ComposeDigest(evaluate.NewDigest(noon.AddDate(0, 0, -7), noon, limits, nil, nil), "team", "k", "", noon)
	got := map[string]string{}
	for _, s := range m.Sections {
		got[s.Heading] = s.Lines[len(s.Lines)-1]
	}
	for heading, want := range map[string]string{"At the limit": "and 9 times before these", "Worth asking for more": "and 2 other limits", "Never near": "and 2 other limits"} {
		if got[heading] != want {
			t.Errorf("%s: got %q at its end, want %q", heading, got[heading], want)
		}
	}
}

// awkwardDigest is a full one in which everything that has a name bears this one.
func awkwardDigest(called string) evaluate.Digest {
	labels := usage.Labels{Organization: called, Workspace: called, ModelGroup: called, Limiter: called}
	var limits []evaluate.Fared
	for i := range 20 {
		l := faredAs("w", string(rune('a'+i)), 1000, float64(i%2))
		l.Labels, l.NearDays = labels, i%2*8
		if i%2 == 1 {
			l.Reached = []evaluate.TimeAtLimit{{From: noon.Add(-time.Hour), To: noon}}
		}
		limits = append(limits, l)
	}
	d := evaluate.NewDigest(noon.AddDate(0, 0, -7), noon, limits, nil, nil)
	for range 5 {
		d.Growing = append(d.Growing, evaluate.Growing{Labels: labels, Estimate: forecast.Estimate{At: noon, Earliest: noon, Latest: noon}})
		d.Gaps = append(d.Gaps, evaluate.Gap{Organization: called, Missing: time.Hour, From: noon, To: noon})
		d.Undelivered = append(d.Undelivered, evaluate.Undelivered{Receiver: "team", Messages: 1, Problem: called})
	}
	return d
}

func TestADigestOfAwkwardNamesGoesThrough(t *testing.T) {
	t.Parallel()
	for _, r := range rigs() {
		for what, called := range awkward {
			if r.onlyAlerts {
				continue
			}
			t.Run(r.name+"/"+what, func(t *testing.T) {
				t.Parallel()
				site := r.begin(t, answer{code: 200})
				if _, err := site.channel.Send(t.Context(), ComposeDigest(awkwardDigest(called), "team", "k", page, noon)); err != nil {
					t.Fatalf("send: %v", err)
				}
				wantWithinLimits(t, r, site)
			})
		}
	}
}

func TestOnlyReceiversWithAPlaceForThemTakeDigests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind     string
		settings map[string]any
		want     bool
	}{
		{"console", map[string]any{}, true},
		{"webhook", map[string]any{"url": "https://example.com"}, true},
		{"webhook", map[string]any{"url": "https://example.com", "format": "alertmanager"}, false},
		{"alertmanager", map[string]any{"urls": []string{"http://alertmanager:9093"}}, false},
		{"pagerduty", map[string]any{"routing_key": strings.Repeat("a", 32)}, false},
		{"jsm", map[string]any{"api_key": "k"}, false},
		{"webhook", map[string]any{}, false}, // not even a receiver
	} {
		if got := TakesDigest(c.kind, settingsOf(c.settings)); got != c.want {
			t.Errorf("%s %v: got %v, want %v", c.kind, c.settings, got, c.want)
		}
	}
}

func TestTheDigestInTheDocumentsIsOneOfThese(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	m := ComposeDigest(fullDigest(), "team", "digest team", "", noon)
	if want := "```text\n" + m.Title + "\n" + strings.TrimSpace(consolePlain.body(m)) + "\n```"; !strings.Contains(string(page), want) {
		t.Errorf("docs/operating.md does not show this digest:\n%s", want)
	}
}
