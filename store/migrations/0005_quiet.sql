-- +goose Up

-- What people wrote to keep alerts quiet, and who takes them on.

CREATE TABLE silences (
    id         TEXT    NOT NULL PRIMARY KEY,
    matchers   TEXT    NOT NULL CHECK (json_valid(matchers)), -- JSON array of texts such as severity="warning"; all must match
    created_by TEXT    NOT NULL,
    comment    TEXT    NOT NULL,
    starts_ms  INTEGER NOT NULL,
    ends_ms    INTEGER NOT NULL CHECK (ends_ms >= starts_ms), -- exclusive; of one expired by hand, that moment
    updated_ms INTEGER NOT NULL -- when a person last wrote it
) STRICT, WITHOUT ROWID;
CREATE INDEX silences_end ON silences (ends_ms);

-- Which version of a silence held when, for replays: a row for each time it was written.
CREATE TABLE silence_versions (
    id         TEXT    NOT NULL,
    updated_ms INTEGER NOT NULL, -- it holds from here until the next version
    matchers   TEXT    NOT NULL CHECK (json_valid(matchers)),
    starts_ms  INTEGER NOT NULL,
    ends_ms    INTEGER NOT NULL CHECK (ends_ms >= starts_ms),
    PRIMARY KEY (id, updated_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE acknowledgements (
    fingerprint TEXT    NOT NULL,
    fired_ms    INTEGER NOT NULL, -- the episode
    at_ms       INTEGER NOT NULL,
    by_whom     TEXT    NOT NULL,
    worst       TEXT    NOT NULL CHECK (worst IN ('info', 'warning', 'critical')), -- the episode's until then: it ends when the alert gets worse
    PRIMARY KEY (fingerprint, fired_ms, at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX acknowledgements_at ON acknowledgements (at_ms);

-- Who did what when.
CREATE TABLE deeds (
    id      INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    deed    TEXT    NOT NULL CHECK (deed IN ('silence_added', 'silence_changed', 'silence_expired', 'acknowledged')),
    subject TEXT    NOT NULL, -- a silence's id, an alert's fingerprint
    detail  TEXT    NOT NULL  -- for people
) STRICT;
CREATE INDEX deeds_at ON deeds (at_ms);
