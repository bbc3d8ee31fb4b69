package worker

import (
	"context"
	"errors"
	"time"

	"alerter/usage"
)

// Source is one organization's Admin API, or a fixture of it.
type Source interface {
	Organization(ctx context.Context) (usage.Organization, error)
	Workspaces(ctx context.Context) ([]usage.Workspace, error)
	Keys(ctx context.Context) ([]usage.Key, error)
	OrganizationLimits(ctx context.Context) (usage.Reading, error)
	WorkspaceLimits(ctx context.Context, workspaceID string) (usage.Reading, error)
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
	Rest(at time.Time) time.Duration // how long to leave this endpoint alone
}

func asStatus(err error) (statusError, bool) {
	var s statusError
	ok := errors.As(err, &s)
	return s, ok
}

func isKeyRefused(err error) bool {
	s, ok := asStatus(err)
	return ok && s.KeyRefused()
}

func isRefused(err error) bool {
	s, ok := asStatus(err)
	return ok && s.Refused()
}
