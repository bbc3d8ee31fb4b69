package notify

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file in testdata/golden, or rewrites it.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", file)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read golden file (make it with -update): %v", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func TestPlainTextReadsAsWritten(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			golden(t, filepath.Join("plain", s.name+".txt"), []byte(emailText(s.m)))
		})
	}
}

func TestNumbersReadLikeNumbers(t *testing.T) {
	t.Parallel()
	for n, want := range map[float64]string{
		0: "0", 3.5: "3.5", 50: "50", 4000: "4,000", 9_999: "9,999", 10_000: "10.0 k", 480_000: "480 k",
		1_740_000: "1.74 M", 26_000_000: "26.0 M", 480_000_000: "480 M", 5_200_000_000: "5.20 G", -21_000: "-21.0 k",
	} {
		if got := amount(n); got != want {
			t.Errorf("amount(%v): got %q, want %q", n, got, want)
		}
	}
	for limit, want := range map[float64]string{
		1_000_000: "1.0 M", 2_000_000: "2.0 M", 1_250_000: "1.25 M", 400_000: "400 k", 30_000: "30 k", 4_000: "4,000", 50: "50", 12_500_000: "12.5 M",
	} {
		if got := limitInTitle(limit); got != want {
			t.Errorf("limitInTitle(%v): got %q, want %q", limit, got, want)
		}
	}
	for r, want := range map[float64]string{0: "0 %", 0.001: "under 1 %", 0.87: "87 %", 0.996: "99 %", 1: "100 %", 1.021: "102 %"} {
		if got := percent(r); got != want {
			t.Errorf("percent(%v): got %q, want %q", r, got, want)
		}
	}
	if got := beside(965_000, 1_000_000) + " of " + amount(1_000_000); got != "0.96 M of 1.00 M" {
		t.Errorf("got %q", got)
	}
	if got := beside(300, 1_000_000); got != "300" {
		t.Errorf("got %q for a little of a lot, want it in its own scale", got)
	}
}

func TestSpansReadLikeSpans(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "under 1 min", 20 * time.Second: "under 1 min", 47 * time.Minute: "47 min", time.Hour: "1 h",
		124 * time.Minute: "2 h 4 min", 24 * time.Hour: "1 d", 73 * time.Hour: "3 d 1 h", -time.Hour: "under 1 min",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v): got %q, want %q", d, got, want)
		}
	}
}

func TestTimesCarryTheirDateWhereItIsAnother(t *testing.T) {
	t.Parallel()
	yesterday := noon.Add(-12 * time.Hour)
	for got, want := range map[string]string{
		clock(noon, noon):                                  "09:58 UTC",
		clock(yesterday, noon):                             "2026-11-22 21:58 UTC",
		stretch(noon.Add(-time.Hour), noon, noon):          "from 08:58 to 09:58 UTC",
		stretch(yesterday, yesterday.Add(time.Hour), noon): "from 2026-11-22 21:58 to 22:58 UTC",
		stretch(yesterday, noon, noon):                     "from 2026-11-22 21:58 to 2026-11-23 09:58 UTC",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEveryLimiterIsCalledByWordsAndHasAdvice(t *testing.T) {
	t.Parallel()
	for _, l := range []usage.Limiter{
		usage.RequestsPerMinute, usage.InputTokensCacheAware, usage.InputTokens, usage.OutputTokens, usage.TokensPerMinute,
		usage.TokensPerDay, usage.FastInputTokensCacheAware, usage.FastOutputTokens, usage.ToolUsesPerSecond, usage.EnqueuedBatchRequests,
	} {
		w := wordsOf(l)
		if w.what == "" || w.limit == "" || w.unit == "" || len(w.advice) == 0 || strings.Contains(w.full(), "_") {
			t.Errorf("%s: got %+v, want words for all of it", l, w)
		}
	}
	if w := wordsOf("moon_phases"); w.what != "moon_phases" || len(w.advice) == 0 {
		t.Errorf("got %+v for an unknown limiter, want its own name", w)
	}
}

func TestWhatIsNotKnownIsLeftOutAndNeverZero(t *testing.T) {
	t.Parallel()
	a := pressureAlert()
	a.Reading = evaluate.Reading{
		Value: evaluate.Unknown(), Threshold: evaluate.Unknown(), Used: evaluate.Unknown(), Limit: evaluate.Unknown(),
		Utilization: evaluate.Unknown(), Pressure: evaluate.Unknown(), Mean: evaluate.Unknown(),
	}
	v := View(a)
	for _, key := range []string{"used", "limit", "utilization", "pressure", "headroom", "value", "odds", "data_as_of", "top_consumers"} {
		if got, ok := v.Annotations[key]; ok {
			t.Errorf("got annotation %s %q, want none", key, got)
		}
	}
	if got, want := v.Annotations["summary"], "Claude Opus 5 · output tokens per minute (whole organization)"; got != want {
		t.Errorf("got summary %q, want %q", got, want)
	}
	text := emailText(Compose(routed(evaluate.Fired, a), ""))
	for _, bad := range []string{"NaN", " 0 %", "0.00", "Inf"} {
		if strings.Contains(text, bad) {
			t.Errorf("got %q in a text about nothing known:\n%s", bad, text)
		}
	}
}

func TestNoTextPredictsAMinute(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		text := strings.ToLower(emailText(s.m))
		for _, bad := range []string{"will be reached", "will reach", "expected at", "predicted", "in about"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: got %q, nothing here supports a prediction", s.name, bad)
			}
		}
	}
}

func TestAMessageReadBackFromJSONIsTheSame(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		b, err := json.Marshal(s.m)
		if err != nil {
			t.Fatal(err)
		}
		var back Message
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		back.Receipt, back.FailingSince = s.m.Receipt, s.m.FailingSince // the outbox keeps them elsewhere
		sameNumbers := cmp.Comparer(func(a, b evaluate.Number) bool { return a == b || !a.Known() && !b.Known() })
		if diff := cmp.Diff(s.m, back, sameNumbers); diff != "" {
			t.Errorf("%s differs after JSON (-want +got):\n%s", s.name, diff)
		}
	}
}

func TestAnItemWithoutItsAlertIsStillTold(t *testing.T) {
	t.Parallel()
	m := routed(evaluate.Fired, pressureAlert())
	m.Items = append(m.Items, route.Item{Fingerprint: "feedfacefeedface", Reason: evaluate.ReasonWithdrawn, Severity: evaluate.Warning, FiredAt: noon})
	text := emailText(Compose(m, page))
	if !strings.Contains(text, "[WITHDRAWN] alert feedfacefeedface") {
		t.Errorf("got no word of the second item:\n%s", text)
	}
}

func TestItemsAreToldGravestFirst(t *testing.T) {
	t.Parallel()
	worse := criticalAlert()
	worse.Fingerprint, worse.Labels.ModelGroup = "ff", "Worse"
	m := routed(evaluate.Fired, resolvedAlert(), pressureAlert(), worse)
	m.Alerts[0].Fingerprint, m.Items[0] = "00", route.Item{Fingerprint: "00", Reason: evaluate.ReasonResolved}
	var got []string
	for _, i := range Compose(m, page).Items {
		got = append(got, string(i.Reason)+" "+string(i.Alert.Severity))
	}
	if diff := cmp.Diff([]string{"fired critical", "fired warning", "resolved info"}, got); diff != "" {
		t.Errorf("order differs (-want +got):\n%s", diff)
	}
}

func TestConsoleColoursOnlyWhenTold(t *testing.T) {
	t.Parallel()
	for _, colour := range []bool{false, true} {
		var b strings.Builder
		c, err := New("console", jsonSettings("{}"), Env{Now: fixedNow, Out: &b, Colour: colour})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range samples() {
			if _, err := c.Send(t.Context(), s.m); err != nil {
				t.Fatal(err)
			}
		}
		if got := strings.Contains(b.String(), "\x1b["); got != colour {
			t.Errorf("got colour %v, want %v", got, colour)
		}
	}
}

func TestTheBandOfADayIsAsShortAsItCanBe(t *testing.T) {
	t.Parallel()
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	for _, c := range []struct {
		earliest, latest time.Time
		want             string
	}{
		{day(2026, 12, 9), day(2026, 12, 9), ""},
		{day(2026, 12, 1), day(2026, 12, 20), " (between 1 and 20 December)"},
		{day(2026, 11, 28), day(2026, 12, 20), " (between 28 November and 20 December)"},
		{day(2026, 12, 20), day(2027, 1, 4), " (between 20 December and 4 January 2027)"},
		{day(2027, 1, 2), day(2027, 1, 14), " (between 2 and 14 January 2027)"},
		{day(2026, 12, 20), day(2028, 1, 4), " (not before 20 December)"},
	} {
		if got := band(c.earliest, c.latest, noon); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestQuietIsCalledPossiblyFineOnlyWhereReadingSucceeds(t *testing.T) {
	t.Parallel()
	for detail, want := range map[string]bool{
		"the last read was answered, and shows no usage after 09:11 UTC": true,
		evaluate.LastReadFailed + "answered 429":                         false,
	} {
		advice := telling{alert: evaluate.Alert{Kind: kindStale, State: evaluate.Firing, Reading: evaluate.Reading{Detail: detail}}}.advice()
		if got := strings.Contains(strings.Join(advice, " "), "nothing is wrong"); got != want {
			t.Errorf("%s: got advice %q, want nothing wrong in it: %t", detail, advice, want)
		}
	}
}
