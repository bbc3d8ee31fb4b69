package store

import (
	"testing"
	"time"

	"alerter/usage"
)

func TestTroubleIsOneUntilItIsCleared(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	refused := usage.Trouble{
		Name: "AlerterKeyRefused", Organization: "acme", Severity: "critical", Detail: "401: check the key", Since: t0,
	}
	job := usage.Trouble{Name: "AlerterJobFailing", Subject: "prune", Severity: "warning", Detail: "disk", Since: t0}
	worse := job
	worse.Severity, worse.Detail, worse.Since = "critical", "disk full", t0.Add(time.Hour)
	for _, trouble := range []usage.Trouble{refused, job, worse} {
		update(t, s, func(tx *Tx) error { return tx.PutTrouble(trouble) })
	}
	worse.Since = t0
	troubles := func() (out []usage.Trouble) {
		view(t, s, func(tx *Tx) (err error) {
			out, err = tx.Troubles()
			return err
		})
		return out
	}
	check(t, "troubles", troubles(), []usage.Trouble{worse, refused})
	update(t, s, func(tx *Tx) error { return tx.ClearTrouble("AlerterJobFailing", "", "prune", t0.Add(2*time.Hour)) })
	update(t, s, func(tx *Tx) error { return tx.ClearTrouble("AlerterJobFailing", "", "none", t0) })
	check(t, "after it is cleared", troubles(), []usage.Trouble{refused})
	again := job
	again.Since = t0.Add(3 * time.Hour)
	update(t, s, func(tx *Tx) error { return tx.PutTrouble(again) })
	check(t, "when it is back", troubles(), []usage.Trouble{again, refused})
}

func TestRunsAreTheLastOfEachJob(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	for i, problem := range []string{"", "500", "503"} {
		update(t, s, func(tx *Tx) error {
			return tx.PutRun("usage", "org", t0.Add(time.Duration(i)*time.Minute), 1500*time.Millisecond, problem)
		})
	}
	update(t, s, func(tx *Tx) error { return tx.PutRun("prune", "", t0, time.Second, "disk") })
	update(t, s, func(tx *Tx) error { return tx.PutRun("prune", "", t0.Add(time.Hour), time.Second, "") })
	view(t, s, func(tx *Tx) error {
		got, err := tx.Runs()
		check(t, "runs", got, []Run{
			{Job: "prune", StartedAt: t0.Add(time.Hour), Took: time.Second, LastSuccess: t0.Add(time.Hour)},
			{
				Job: "usage", OrganizationID: "org", StartedAt: t0.Add(2 * time.Minute), Took: 1500 * time.Millisecond,
				Problem: "503", LastSuccess: t0, Failures: 2,
			},
		})
		return err
	})
}
