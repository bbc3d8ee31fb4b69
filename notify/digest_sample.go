package notify

import (
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// sampleOrganization is whose limits a sample digest is of, in each of its lines.
const sampleOrganization = "sample"

// SampleDigest is a digest of limits that are invented, for somebody who tries a
// receiver out: its title and every line say so. Its key must be new every time, as
// that of [TestMessage].
func SampleDigest(receiver, key, externalURL string, at time.Time) Message {
	m := ComposeDigest(sampleDigest(at.UTC().Truncate(time.Minute)), receiver, key, externalURL, at)
	m.Title = "[TEST] This is a sample digest of alerter, of limits that are invented"
	m.Subject = m.Title
	return m
}

// sampleDigest is of the week before to: one limit was reached, one came near, one is
// never near.
func sampleDigest(to time.Time) evaluate.Digest {
	busy := sampleFared("", "Claude Opus 5", 1_000_000, 1.04, to.Add(-30*time.Hour))
	busy.NearDays = 5
	busy.Reached = []evaluate.TimeAtLimit{
		{From: to.Add(-50 * time.Hour), To: to.Add(-49 * time.Hour), Shown: 0.58},
		{From: to.Add(-30 * time.Hour), To: to.Add(-30*time.Hour + 8*time.Minute), Shown: 0.9},
	}
	near := sampleFared("prod", "Claude Sonnet 5", 400_000, 0.91, to.Add(-70*time.Hour))
	near.NearDays = 3
	quiet := sampleFared("dev", "Claude Opus 5", 80_000, 0.03, to.Add(-20*time.Hour))
	warned := to.Add(-30*time.Hour - 23*time.Minute)
	d := evaluate.NewDigest(to.AddDate(0, 0, -7), to, []evaluate.Fared{busy, near, quiet},
		[]evaluate.Warned{{ID: busy.ID, From: warned, To: to.Add(-29 * time.Hour)}},
		[]evaluate.Case{
			{ID: busy.ID, Severity: evaluate.Warning, At: warned, ReachedAt: to.Add(-30 * time.Hour), ClosedAt: to.Add(-29 * time.Hour)},
			{ID: near.ID, Severity: evaluate.Warning, At: to.Add(-70 * time.Hour), ClosedAt: to.Add(-68 * time.Hour)},
		})
	day, growing := to.Truncate(24*time.Hour), evaluate.Growing{Labels: near.Labels}
	growing.Estimate.At, growing.Estimate.Earliest, growing.Estimate.Latest = day.AddDate(0, 0, 16), day.AddDate(0, 0, 9), day.AddDate(0, 0, 27)
	d.Growing = []evaluate.Growing{growing}
	return d
}

// sampleFared is how an invented output limit fared that was known throughout a week.
func sampleFared(workspace, group string, limit, peak float64, peakAt time.Time) evaluate.Fared {
	return evaluate.Fared{
		ID:     usage.ID{WorkspaceID: workspace, GroupID: group, Limiter: usage.OutputTokens},
		Labels: usage.Labels{Organization: sampleOrganization, Workspace: workspace, ModelGroup: group, Limiter: string(usage.OutputTokens)},
		Limit:  limit, Peak: evaluate.Number(peak), PeakLimit: limit, PeakAt: peakAt, Known: 7 * 24 * 60, Days: 8,
	}
}
