package main

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/config"
	"alerter/evaluate"
	"alerter/fetch"
	"alerter/fetch/simulate"
	"alerter/notify"
	"alerter/usage"
)

// opus are the labels of a limit in these tests.
func opus(limiter usage.Limiter) usage.Labels {
	return usage.Labels{Organization: "acme", ModelGroup: "Opus", Limiter: string(limiter)}
}

// firing is an alert of a check.
func firing(rule, kind string, severity evaluate.Severity, value, level float64) evaluate.Alert {
	return evaluate.Alert{
		Rule: rule, Kind: kind, Severity: severity, State: evaluate.Firing, Labels: opus(usage.OutputTokens),
		Reading: evaluate.Reading{
			Value: evaluate.Number(value), Pressure: evaluate.Number(value), Threshold: evaluate.Number(level), Mean: 0.9, Utilization: 0.9, Used: 90, Limit: 100,
		},
	}
}

// known is a gauge that can be read, unread one that cannot.
func known(value float64) gauge {
	return gauge{labels: opus(usage.OutputTokens), value: evaluate.Number(value), levels: [3]float64{0.7, 0.85, 0.93}, judged: true, counted: true}
}

func unread(counted bool) gauge {
	return gauge{labels: opus(usage.RequestsPerMinute), value: evaluate.Unknown(), judged: true, counted: counted, unknown: "nobody looked"}
}

func TestTheFirstLineIsTheWorstThing(t *testing.T) {
	t.Parallel()
	summary := func(a evaluate.Alert) string { return notify.View(a).Annotations["summary"] }
	warned, worse := firing("LimitPressure", "pressure", evaluate.Warning, 0.87, 0.85), firing("HighUtilization", "threshold", evaluate.Warning, 0.99, 0.9)
	critical, stale := firing("LimitPressure", "pressure", evaluate.Critical, 0.95, 0.93), firing("DataStale", "stale", evaluate.Warning, 1000, 900)
	never := stale
	stale.Reading.DataAsOf = time.Date(2026, 11, 23, 11, 44, 0, 0, time.UTC)
	info := firing("LimitPressure", "pressure", evaluate.Info, 0.8, 0.7)
	for _, c := range []struct {
		name  string
		looks []look
		code  int
		line  string
	}{
		{"all is fine", []look{{gauges: []gauge{known(0.2)}}}, 0, "OK - 1 limit watched, none near"},
		{"info is fine", []look{{gauges: []gauge{known(0.8)}, alerts: []evaluate.Alert{info}}}, 0,
			"OK - 1 limit watched; at info: " + summary(info) + ", pressure 80 %"},
		{"the higher above its level", []look{{gauges: []gauge{known(0.87)}, alerts: []evaluate.Alert{warned, info, worse}}}, 1,
			"WARNING - " + summary(worse) + "; 2 more: 1 warning, 1 info"},
		{"stale data before other warnings, with their age", []look{{gauges: []gauge{known(0.87)}, alerts: []evaluate.Alert{worse, stale}}}, 1,
			"WARNING - acme · usage data is stale, the newest is 16 min old (11:44 UTC); 1 more: 1 warning"},
		{"data that never came", []look{{gauges: []gauge{known(0.87)}, alerts: []evaluate.Alert{never}}}, 1,
			"WARNING - acme · usage data is stale, none has come in 16 min"},
		{"critical before all", []look{{organization: "b", problem: "401"}, {gauges: []gauge{known(0.95)}, alerts: []evaluate.Alert{stale, critical}}}, 2,
			"CRITICAL - " + summary(critical) + ", pressure 95 %; 2 more: 1 warning, 1 unknown"},
		{"a limit that is not known before all is fine", []look{{gauges: []gauge{known(0.2), unread(true)}}}, 3,
			"UNKNOWN - Opus requests/min: nobody looked"},
		{"but not what the report never counts", []look{{gauges: []gauge{known(0.2), unread(false)}}}, 0,
			"OK - 1 limit watched (1 more is not counted by the report in use), none near"},
		{"nothing is known", []look{{organization: "acme", gauges: []gauge{unread(true), unread(true)}}}, 3,
			"UNKNOWN - acme: no limit can be judged: nobody looked"},
		{"there is no limit", []look{{organization: "acme"}}, 3, "UNKNOWN - acme: it has no limit that can be watched"},
		{"one organization of two cannot be read", []look{{organization: "a", problem: "no answer"}, {gauges: []gauge{known(0.2)}}}, 3, "UNKNOWN - a: no answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, line := headline(worstFindings(c.looks), c.looks)
			if code != c.code || line != c.line {
				t.Errorf("got %d %s\nwant %d %s", code, line, c.code, c.line)
			}
		})
	}
}

func TestTheLinesBelowNameTheRules(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &program{out: &out}
	gauges := []gauge{known(0.871), unread(true)}
	for range perfdataMost {
		gauges = append(gauges, known(0.1))
	}
	alert := firing("a|b", "threshold", evaluate.Warning, 0.9, 0.9)
	err := p.judge([]look{{organization: "acme", gauges: gauges, alerts: []evaluate.Alert{alert}}})
	if code, ok := errors.AsType[coded](err); !ok || code.code != nagiosWarning {
		t.Errorf("got %v, want a warning", err)
	}
	first, below, _ := strings.Cut(out.String(), "\n")
	line, data, _ := strings.Cut(first, " | ")
	if want := "; 1 more: 1 unknown"; !strings.HasSuffix(line, want) {
		t.Errorf("got %q, want %q at its end", line, want)
	}
	if want := "'Opus_output_tokens_per_minute'=87.1%;85;93;0; 'Opus_requests_per_minute'=U;;;0; "; !strings.HasPrefix(data, want) {
		t.Errorf("got %q, want %q", data, want)
	}
	want := "warning: a/b: " + notify.View(alert).Annotations["summary"] + "\nunknown: Opus requests/min: nobody looked\nThe perfdata leave out 2 limits.\n"
	if diff := cmp.Diff(want, below); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPerfdataTellsOrganizationsApart(t *testing.T) {
	t.Parallel()
	g := known(0.5)
	g.labels.Workspace, g.labels.ModelGroup = "it's = a|b", "Claude Opus 5"
	got, _ := perfdata([]look{{gauges: []gauge{g}}, {}})
	if want := "'acme_Claude_Opus_5_it_s___a_b_output_tokens_per_minute'=50%;85;93;0;"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A limit per day needs a day of minutes, in more than one question.
func TestALookReadsTheDayThatALimitPerDayNeeds(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC)
	sim := scriptOrganization(at, 200)
	sim.Now = func() time.Time { return at }
	group := &sim.Organization.Groups[0]
	group.Limits = append(group.Limits, simulate.Limit{Type: "tokens_per_day", Value: 24000})
	handler, err := simulate.New(sim)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	c := &fetch.Client{BaseURL: server.URL, Key: func() (string, error) { return scriptKey, nil }, Now: sim.Now}
	rules := []evaluate.Rule{{Alert: "LimitPressure", Condition: evaluate.Pressure{Window: evaluate.Duration(15 * time.Minute), Depth: evaluate.Duration(time.Minute)}}}
	o := config.Organization{UsageSource: "auto", Settle: 5 * time.Minute}
	l, err := lookAt(context.Background(), c, o, rules, at)
	if err != nil {
		t.Fatal(err)
	}
	got, left := perfdata([]look{l})
	// Two hours of 200 tokens a minute.
	want := "'Claude_Opus_5.5_output_tokens_per_minute'=18.8%;85;93;0; 'Claude_Opus_5.5_tokens_per_day'=100%;85;93;0;"
	if got != want || left != 0 {
		t.Errorf("got %s and %d left out, want %s", got, left, want)
	}
	if len(l.alerts) != 1 || l.alerts[0].Severity != evaluate.Critical || l.organization != "Acme" {
		t.Errorf("got %d alerts of %s, want one that is critical, of Acme", len(l.alerts), l.organization)
	}
}
