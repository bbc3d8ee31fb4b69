package store

import (
	"database/sql"
	"fmt"
	"time"
)

// Run is the last run of one job.
type Run struct {
	Job            string
	OrganizationID string // empty: not of one organization
	StartedAt      time.Time
	Took           time.Duration
	Problem        string    // why it did not succeed; empty: it did
	LastSuccess    time.Time // when the last successful run began; zero: none yet
	Failures       int       // in a row, up to this run
}

type runRow struct {
	Job            string        `db:"job"`
	OrganizationID string        `db:"organization_id"`
	StartedMS      int64         `db:"started_ms"`
	TookMS         int64         `db:"took_ms"`
	Problem        string        `db:"error"`
	SuccessMS      sql.NullInt64 `db:"success_ms"`
	Failures       int           `db:"failures"`
}

// PutRun records a run of a job: of one organization, or of none (""). problem
// says why it did not succeed, and is empty where it did.
func (tx *Tx) PutRun(job, orgID string, startedAt time.Time, took time.Duration, problem string) error {
	started, failures := toMS(startedAt), 0
	success := sql.NullInt64{Int64: started, Valid: problem == ""}
	if problem != "" {
		failures = 1
	}
	_, err := tx.exec(`
		INSERT INTO jobs (job, organization_id, started_ms, took_ms, error, success_ms, failures) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (job, organization_id) DO UPDATE SET started_ms = excluded.started_ms, took_ms = excluded.took_ms,
			error = excluded.error, success_ms = COALESCE(excluded.success_ms, jobs.success_ms),
			failures = CASE WHEN excluded.failures = 0 THEN 0 ELSE jobs.failures + 1 END`,
		job, orgID, started, took.Milliseconds(), problem, success, failures)
	if err != nil {
		return fmt.Errorf("record the run of job %s: %w", job, err)
	}
	return nil
}

// Runs lists the last run of every job, by job and organization.
func (tx *Tx) Runs() ([]Run, error) {
	var rows []runRow
	err := tx.list(&rows, `
		SELECT job, organization_id, started_ms, took_ms, error, success_ms, failures FROM jobs ORDER BY job, organization_id`)
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	out := make([]Run, len(rows))
	for i, r := range rows {
		out[i] = Run{
			Job: r.Job, OrganizationID: r.OrganizationID, StartedAt: fromMS(r.StartedMS),
			Took: time.Duration(r.TookMS) * time.Millisecond, Problem: r.Problem,
			LastSuccess: fromNullMS(r.SuccessMS), Failures: r.Failures,
		}
	}
	return out, nil
}
