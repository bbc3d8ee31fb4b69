package usage_test

import (
	"testing"
	"time"

	"alerter/usage"
)

func TestChooseTakesTheReportThatCountsRequestsUnlessItCannot(t *testing.T) {
	t.Parallel()
	const analytics, report = usage.SourceAnalytics, usage.SourceReport
	probe := func(kind usage.SourceKind, newest string) usage.Probe {
		return usage.Probe{Kind: kind, Newest: at(newest)}
	}
	nothing := func(kind usage.SourceKind) usage.Probe { return usage.Probe{Kind: kind} }
	refused := func(kind usage.SourceKind) usage.Probe { return usage.Probe{Kind: kind, Refused: "403"} }
	trouble := func(kind usage.SourceKind) usage.Probe { return usage.Probe{Kind: kind, Err: "503"} }
	for name, tt := range map[string]struct {
		mode    string
		probes  []usage.Probe
		present usage.SourceKind
		want    usage.SourceKind
		why     string
	}{
		"both answer": {
			"auto", []usage.Probe{probe(analytics, "10:00"), probe(report, "10:03")}, "", analytics, "it counts requests too",
		},
		"the order of probes does not matter": {
			"", []usage.Probe{probe(report, "10:03"), probe(analytics, "10:00")}, report, analytics, "it counts requests too",
		},
		"refused": {
			"auto", []usage.Probe{refused(analytics), probe(report, "10:03")}, analytics,
			report, "analytics/usage is refused (403), so requests are not counted",
		},
		"the older report refused": {
			"auto", []usage.Probe{trouble(analytics), refused(report)}, report, analytics, "usage_report/messages is refused (403)",
		},
		"both refused": {
			"auto", []usage.Probe{refused(analytics), refused(report)}, report, report, "both reports are refused: 403; 403",
		},
		"14 minutes behind": {
			"auto", []usage.Probe{probe(analytics, "09:49"), probe(report, "10:03")}, analytics, analytics, "it counts requests too",
		},
		"15 minutes behind": {
			"auto", []usage.Probe{probe(analytics, "09:48"), probe(report, "10:03")}, analytics,
			report, "analytics/usage is 15 minutes behind usage_report/messages",
		},
		"still 10 minutes behind": {
			"auto", []usage.Probe{probe(analytics, "09:53"), probe(report, "10:03")}, report,
			report, "analytics/usage is 10 minutes behind usage_report/messages",
		},
		"9 minutes behind again": {
			"auto", []usage.Probe{probe(analytics, "09:54"), probe(report, "10:03")}, report, analytics, "it counts requests too",
		},
		"analytics shows nothing": {
			"auto", []usage.Probe{nothing(analytics), probe(report, "10:03")}, analytics,
			report, "analytics/usage shows no usage and usage_report/messages does",
		},
		"the older report shows nothing": {
			"auto", []usage.Probe{probe(analytics, "10:00"), nothing(report)}, report, analytics, "it counts requests too",
		},
		"an idle organization at first": {
			"auto", []usage.Probe{nothing(analytics), nothing(report)}, "", analytics, "it counts requests too",
		},
		"an idle organization": {
			"auto", []usage.Probe{nothing(analytics), nothing(report)}, report, report, "kept, as neither report shows any usage",
		},
		"analytics does not answer at first": {
			"auto", []usage.Probe{trouble(analytics), probe(report, "10:03")}, "", report, "analytics/usage did not answer (503)",
		},
		"analytics does not answer": {
			"auto", []usage.Probe{trouble(analytics), probe(report, "10:03")}, analytics,
			analytics, "kept, as analytics/usage did not answer (503)",
		},
		"the older report does not answer": {
			"auto", []usage.Probe{probe(analytics, "10:00"), trouble(report)}, report,
			report, "kept, as usage_report/messages did not answer (503)",
		},
		"the older report does not answer at first": {
			"auto", []usage.Probe{probe(analytics, "10:00"), trouble(report)}, "", analytics, "it counts requests too",
		},
		"neither answers at first": {
			"auto", []usage.Probe{trouble(analytics), trouble(report)}, "", "", "neither report has answered (503)",
		},
		"not asked yet":          {"auto", nil, "", "", "neither report has answered"},
		"configured":             {"usage_report", nil, analytics, report, "it is configured"},
		"configured and refused": {"analytics", []usage.Probe{refused(analytics)}, "", analytics, "it is configured, although it is refused (403)"},
		"configured and silent":  {"analytics", []usage.Probe{trouble(analytics)}, "", analytics, "it is configured, although it did not answer (503)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := usage.Choose(tt.mode, tt.probes, usage.Source{OrganizationID: "org-1", Kind: tt.present})
			if got.Kind != tt.want || got.Why != tt.why {
				t.Errorf("got %q because %q, want %q because %q", got.Kind, got.Why, tt.want, tt.why)
			}
			if got.OrganizationID != "org-1" {
				t.Error("got another source than the present one, want only its kind changed")
			}
		})
	}
}

func TestAChoiceDoesNotFlipFlopAroundTheBorder(t *testing.T) {
	t.Parallel()
	source, changes := usage.Source{Kind: usage.SourceAnalytics}, 0
	for _, behind := range []time.Duration{14, 15, 14, 15, 12, 15, 11, 10, 15, 13} {
		next := usage.Choose("auto", []usage.Probe{
			{Kind: usage.SourceAnalytics, Newest: at("10:00").Add(-behind * time.Minute)},
			{Kind: usage.SourceReport, Newest: at("10:00")},
		}, source)
		if next.Kind != source.Kind {
			changes++
		}
		source = next
	}
	if changes != 1 {
		t.Errorf("got %d changes, want 1", changes)
	}
}
