-- +goose Up

-- What followed the warnings of limits, from which the odds of the next one are
-- counted: one row for each time that an episode first came to a severity.

CREATE TABLE cases (
    fingerprint     TEXT    NOT NULL, -- of the alert
    severity        TEXT    NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    at_ms           INTEGER NOT NULL, -- the step at which it came to it
    organization_id TEXT    NOT NULL, -- these four: the limit
    workspace_id    TEXT    NOT NULL, -- empty: the whole organization
    group_id        TEXT    NOT NULL,
    limiter         TEXT    NOT NULL,
    level           REAL    NOT NULL, -- the rule's level for the severity then
    reached_ms      INTEGER CHECK (reached_ms > at_ms), -- start of the first minute within the hour after in which the limit was reached; NULL: none, so far
    closed_ms       INTEGER, -- the step at which that hour was final; NULL: not yet
    PRIMARY KEY (fingerprint, severity, at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_at ON cases (at_ms);
