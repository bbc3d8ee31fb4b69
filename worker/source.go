package worker

import (
	"context"
	"time"

	"alerter/usage"
)

// Source is one organization's Admin API, or a fixture of it. It is safe for
// use by several goroutines.
type Source interface {
	Organization(ctx context.Context) (usage.Organization, error)
	Workspaces(ctx context.Context) ([]usage.Workspace, error)
	Keys(ctx context.Context) ([]usage.Key, error)
	OrganizationLimits(ctx context.Context) (usage.Reading, error)
	WorkspaceLimits(ctx context.Context, workspaceID string) (usage.Reading, error)
	// Usage answers the whole question, or with an error and nothing.
	Usage(ctx context.Context, q usage.Query) (usage.Answer, error)
	// Probe asks a report for its newest minute with a row; zero if it has none.
	Probe(ctx context.Context, kind usage.SourceKind, at time.Time) (time.Time, error)
}

// statusError is what a source's error may say beside its text.
type statusError interface {
	error
	KeyRefused() bool                // the credential is not accepted: a person must act
	Refused() bool                   // this report is not open to the organization
	RateLimited() bool               // asked too often: see Rest
	Temporary() bool                 // a fault of the API's own
	Rest(at time.Time) time.Duration // how long to leave this endpoint alone
}

// statuses are all answers of the API that err holds, joined ones included.
func statuses(err error) []statusError {
	switch e := err.(type) { //nolint:errorlint // each error of the chain is looked at
	case nil:
		return nil
	case statusError:
		return []statusError{e}
	case interface{ Unwrap() []error }:
		var all []statusError
		for _, part := range e.Unwrap() {
			all = append(all, statuses(part)...)
		}
		return all
	case interface{ Unwrap() error }:
		return statuses(e.Unwrap())
	}
	return nil
}

// isRefused reports whether the report is not open to the organization.
func isRefused(err error) bool {
	for _, s := range statuses(err) {
		if s.Refused() {
			return true
		}
	}
	return false
}

// stopsTheRest reports whether the same endpoint would refuse the next question too.
func stopsTheRest(err error) bool {
	for _, s := range statuses(err) {
		if s.RateLimited() || s.KeyRefused() {
			return true
		}
	}
	return false
}
