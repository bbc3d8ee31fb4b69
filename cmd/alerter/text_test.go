package main

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/web"
)

// textDay is the moment at which the texts of these tests are read.
var textDay = time.Date(2026, 11, 23, 12, 4, 10, 0, time.UTC)

func moments(offsets ...time.Duration) []*time.Time {
	var out []*time.Time
	for _, d := range offsets {
		at := textDay.Add(d)
		out = append(out, &at)
	}
	return out
}

func TestMomentsSayTheirUnitAndHowFarTheyAre(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"12:04:10 UTC (now)": 0, "12:04:14 UTC (in 4 s)": 4 * time.Second, "11:52:10 UTC (12 min ago)": -12 * time.Minute,
		"2026-11-22 12:04:10 UTC (24 h ago)": -24 * time.Hour,
	} {
		at := moments(d)[0]
		if got := clockTime(at, textDay) + " (" + ago(at, textDay) + ")"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := clockTime(nil, textDay); got != "-" {
		t.Errorf("got %q for none, want a dash", got)
	}
}

func TestOrdinals(t *testing.T) {
	t.Parallel()
	var got []string
	for _, n := range []int{1, 2, 3, 4, 11, 12, 13, 21, 102, 113} {
		got = append(got, ordinal(n))
	}
	if want := "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 113th"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLimitsHaveShortNames(t *testing.T) {
	t.Parallel()
	for limiter, want := range map[string]string{
		"input_tokens_per_minute_cache_aware": "Opus input tokens/min (prod)",
		"input_tokens_per_minute":             "Opus input+cache tokens/min (prod)",
		"tokens_per_day":                      "Opus tokens/day (prod)",
		"tool_uses_per_second":                "Opus tool uses/s (prod)",
		"something_new":                       "Opus something new (prod)",
	} {
		if got := limitWords("Opus", limiter, "prod"); got != want {
			t.Errorf("%s: got %q, want %q", limiter, got, want)
		}
	}
	if got, want := limitWords("", "requests_per_minute", ""), "requests/min"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestASparklineMarksTheMostOfFiveMinutes(t *testing.T) {
	t.Parallel()
	nan := evaluate.Unknown()
	history := []evaluate.Number{0, 0.1, 0.5, 0.2, nan, nan, nan, nan, nan, nan, 2, 1, evaluate.Number(math.Inf(1))}
	if got, want := sparkline(history), "▅ █"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestADeliveryInWords(t *testing.T) {
	t.Parallel()
	at, other := moments(20 * time.Second)[0], int64(7)
	for want, m := range map[string]web.OutboxMessage{
		"1st attempt at 12:04:30 UTC":                                    {NextAt: at},
		"3rd attempt at 12:04:30 UTC; last: timed out after 10 s":        {NextAt: at, Attempts: 2, LastError: "timed out after 10 s"},
		"sent at 12:04:30 UTC":                                           {SentAt: at, Attempts: 1},
		"sent at 12:04:30 UTC by the 2nd attempt":                        {SentAt: at, Attempts: 2},
		"given up at 12:04:30 UTC after 1 attempt; last: answered 410":   {DeadAt: at, Attempts: 1, LastError: "answered 410"},
		"message 7 took its place":                                       {SupersededBy: &other},
		"given up at 12:04:30 UTC after 0 attempts; last: never reached": {DeadAt: at, LastError: "never reached"},
	} {
		if got := deliveryWords(m, textDay); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAMessageSaysWhatItIsAbout(t *testing.T) {
	t.Parallel()
	labels := map[string]string{"alertname": "LimitPressure", "organization": "acme", "model_group": "Opus", "workspace": ""}
	for want, m := range map[string]web.OutboxMessage{
		"":                               {},
		"LimitPressure, DataStale":       {Alertnames: []string{"LimitPressure", "DataStale"}},
		"LimitPressure (12 groups)":      {Alertnames: []string{"LimitPressure"}, GroupLabels: map[string]string{}, Groups: 12},
		"LimitPressure (Opus, acme)":     {Alertnames: []string{"LimitPressure"}, GroupLabels: labels},
		"AlerterKeyRefused (Opus, acme)": {Alertnames: []string{"AlerterKeyRefused"}, GroupLabels: labels},
	} {
		if got := aboutWords(m); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAnAlertSaysHowLongItLasts(t *testing.T) {
	t.Parallel()
	m := moments(-90*time.Minute, -30*time.Minute)
	for want, a := range map[string]web.Alert{
		"-":                                     {},
		"since 10:34:10 UTC (90 min ago)":       {PendingAt: m[0]},
		"since 11:34:10 UTC (30 min ago)":       {PendingAt: m[0], FiredAt: m[1]},
		"10:34:10 UTC to 11:34:10 UTC (60 min)": {FiredAt: m[0], ResolvedAt: m[1]},
		"since 10:34:10 UTC (90 min ago), critical since 11:34:10 UTC": {
			FiredAt: m[0], Severity: evaluate.Critical, Annotations: map[string]string{"severity_since": m[1].Format(time.RFC3339)},
		},
	} {
		if got := lasted(a, textDay); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// statusOfTests has a limit that fires, one that is fine, one that is unknown.
func statusOfTests() web.Status {
	asOf, fired := moments(-2 * time.Minute)[0], moments(-12 * time.Minute)[0]
	full := web.Series{
		Labels: web.Labels{Organization: "Acme", Workspace: "prod-agents", ModelGroup: "Claude Opus 5.5", Limiter: "input_tokens_per_minute"},
		Used:   4_620_000, Limit: 5_000_000, Utilization: 0.924, Pressure: 0.87, State: "warning",
		Top:     []web.Consumer{{Kind: "workspace", Name: "prod", Share: 1}, {Kind: "key", Name: "ci-bot", Share: 0.4}, {Kind: "key", Name: "b", Share: 0.3}},
		History: make(web.History, 60),
	}
	fine := full
	fine.Labels.Workspace, fine.Labels.Limiter, fine.State = "", "output_tokens_per_minute", "fine"
	unknown := fine
	unknown.Labels.Limiter, unknown.State, unknown.WhyUnknown = "requests_per_minute", "unknown", "usage_report, the report in use, does not count requests"
	unknown.Used, unknown.Utilization, unknown.Pressure, unknown.Top = evaluate.Unknown(), evaluate.Unknown(), evaluate.Unknown(), nil
	return web.Status{
		AsOf: textDay,
		Organizations: []web.Organization{{
			Name: "Acme", Source: "usage_report", DataAsOf: asOf, Problem: "it timed out",
			Why: "analytics/usage is refused (GET /v1/organizations/analytics/usage: 403 Forbidden: " + strings.Repeat("(beta) ", 40) + "), so requests are not counted",
		}},
		Series: []web.Series{full, fine, unknown},
		Alerts: []web.Alert{{
			Labels: map[string]string{"alertname": "LimitPressure"}, State: evaluate.Firing, Severity: evaluate.Warning, FiredAt: fired, Silenced: true,
			Annotations: map[string]string{"summary": "Claude Opus 5.5 · input tokens 92 % of 5.0 M per minute (workspace prod-agents)"},
		}, {
			Labels: map[string]string{"alertname": "DataStale"}, State: evaluate.Pending, Severity: evaluate.Info, PendingAt: fired,
			Annotations: map[string]string{"summary": "DataStale (Acme)"},
		}},
		Unmatched: web.Unmatched{
			Models:   []web.UnmatchedModel{{Model: "claude-x", Reason: "no model group lists it"}, {Reason: "usage outside workspaces"}},
			Limiters: []web.UnmatchedLimit{{ModelGroup: "batch", Limiter: "requests_per_minute", Value: 2000, Reason: "no report counts them"}},
		},
	}
}

const wantStatus = `Acme: data as of 12:02:10 UTC (2 min ago), from usage_report
  analytics/usage is refused, so requests are not counted
  the last read did not succeed: it timed out

LIMIT                                                   USED   OF  FULL  PRESSURE  LAST HOUR     STATE
Claude Opus 5.5 input+cache tokens/min (prod-agents)  4.62 M  5 M  92 %      87 %  ▁▁▁▁▁▁▁▁▁▁▁▁  warning
  workspace prod 100 %, key ci-bot 40 %
Claude Opus 5.5 output tokens/min                     4.62 M  5 M  92 %      87 %  ▁▁▁▁▁▁▁▁▁▁▁▁  fine
Claude Opus 5.5 requests/min                               ?  5 M     ?         ?  ▁▁▁▁▁▁▁▁▁▁▁▁  unknown
? Claude Opus 5.5 requests/min: usage_report, the report in use, does not count requests

Alerts:
  warning, silenced: LimitPressure since 11:52:10 UTC (12 min ago)
    Claude Opus 5.5 · input tokens 92 % of 5.0 M per minute (workspace prod-agents)
  info, pending: DataStale since 11:52:10 UTC (12 min ago)
    DataStale (Acme)

Not watched:
  claude-x: no model group lists it
  usage: usage outside workspaces
  batch requests/min, limit 2000: no report counts them
`

func TestAStatusIsReadable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	statusView{out: &out, status: statusOfTests()}.print()
	if diff := cmp.Diff(wantStatus, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAStatusFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for columns, has := range map[int]string{60: "…", 80: "STATE", 96: "LAST HOUR", 200: "(prod-agents)"} {
		var out bytes.Buffer
		statusView{out: &out, status: statusOfTests(), columns: columns}.print()
		if !strings.Contains(out.String(), has) {
			t.Errorf("%d columns: got no %q in\n%s", columns, has, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > columns {
				t.Errorf("got %d columns, want at most %d: %s", n, columns, line)
			}
		}
	}
}

// What stands at the end of a limit would be cut first.
func TestANarrowStatusNamesTheWorkspaceBelowTheLimit(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	statusView{out: &out, status: statusOfTests(), columns: 80}.series()
	for _, want := range []string{"workspace prod-agents"} {
		if !strings.Contains(out.String(), "\n  "+want) {
			t.Errorf("got no line that begins with %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "…") {
		t.Errorf("something is cut in\n%s", out.String())
	}
}

func TestAWideStatusHasEverything(t *testing.T) {
	t.Parallel()
	st := statusOfTests()
	st.Organizations = append(st.Organizations, web.Organization{Name: "Other"})
	var out bytes.Buffer
	statusView{out: &out, status: st, columns: 60, wide: true}.print()
	for _, want := range []string{
		"Acme: Claude Opus 5.5 input_tokens_per_minute prod-agents  4.62 M", "403 Forbidden", "Other: no data yet\n",
		"  workspace prod 100 %, key ci-bot 40 %, key b 30 %\nAcme: Claude Opus 5.5 output_tokens_per_minute",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got no %q in\n%s", want, out.String())
		}
	}
}

func TestAReasonStandsOnceForManyLimits(t *testing.T) {
	t.Parallel()
	st := statusOfTests()
	for i := range 3 {
		s := st.Series[2]
		s.Labels.ModelGroup = fmt.Sprint("Group ", i)
		st.Series = append(st.Series, s)
	}
	var out bytes.Buffer
	statusView{out: &out, status: st}.unknowns()
	want := "? Claude Opus 5.5 requests/min, 3 more: usage_report, the report in use, does not count requests\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
