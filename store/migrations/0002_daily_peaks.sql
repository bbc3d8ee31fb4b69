-- +goose Up

-- How high each limit's use came, day by day: what weeks are read from. They outlive
-- the minutes that they were read from.

-- One row per series that ever had a peak: a short name for its ids.
CREATE TABLE peak_series (
    id              INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    workspace_id    TEXT NOT NULL, -- empty: the whole organization
    group_id        TEXT NOT NULL,
    limiter         TEXT NOT NULL,
    UNIQUE (organization_id, workspace_id, group_id, limiter)
) STRICT;

-- A day is read once it is over, and once more where the past was filled in
-- afterwards. What was read before stays: it is what was known then.
CREATE TABLE peak_days (
    organization_id TEXT    NOT NULL,
    day_ms          INTEGER NOT NULL CHECK (day_ms % 86400000 = 0), -- its midnight
    read_ms         INTEGER NOT NULL,                               -- the step that read it
    minutes         INTEGER NOT NULL CHECK (minutes BETWEEN 0 AND 1440), -- how many of its minutes were final then
    PRIMARY KEY (organization_id, day_ms, read_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE daily_peaks (
    series  INTEGER NOT NULL REFERENCES peak_series (id),
    day_ms  INTEGER NOT NULL CHECK (day_ms % 86400000 = 0),
    read_ms INTEGER NOT NULL,
    p99     REAL    NOT NULL CHECK (p99 >= 0),   -- bucket-equivalent rates, in the limiter's unit: one minute in a hundred is above this
    max     REAL    NOT NULL CHECK (max >= p99),
    minutes INTEGER NOT NULL CHECK (minutes BETWEEN 1 AND 1440), -- how many were known
    PRIMARY KEY (series, day_ms, read_ms)
) STRICT, WITHOUT ROWID;
