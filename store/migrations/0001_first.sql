-- Every *_ms is a moment in unix milliseconds, UTC; NULL is "not yet" or "never".
-- Ids and names are the Admin API's; an empty text is the API's null.

-- +goose Up

CREATE TABLE organizations (
    id         TEXT NOT NULL PRIMARY KEY, -- the API's UUID
    configured TEXT UNIQUE,               -- what its entry in rules.yaml is called, before the API has answered
    name       TEXT NOT NULL,             -- what people call it
    watched    INTEGER NOT NULL DEFAULT 1 CHECK (watched IN (0, 1)), -- 0: not in rules.yaml any more
    put_ms     INTEGER NOT NULL           -- when this was last written
) STRICT;

CREATE TABLE workspaces (
    organization_id TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    is_default      INTEGER NOT NULL CHECK (is_default IN (0, 1)),
    archived        INTEGER NOT NULL CHECK (archived IN (0, 1)), -- kept: older usage carries its id
    PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    organization_id TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT NOT NULL, -- never the secret
    workspace_id    TEXT NOT NULL, -- empty: the whole organization
    PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

-- Limits with their history.

CREATE TABLE limit_groups (
    organization_id TEXT NOT NULL,
    id              TEXT NOT NULL, -- rlg_…
    type            TEXT NOT NULL, -- model_group, batch, …
    name            TEXT NOT NULL, -- display name, or empty
    models          TEXT CHECK (json_valid(models)), -- JSON array, as last read; NULL for groups without models
    PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE limits (
    organization_id TEXT    NOT NULL,
    workspace_id    TEXT    NOT NULL, -- empty: the organization's own
    group_id        TEXT    NOT NULL,
    limiter         TEXT    NOT NULL,
    value           INTEGER NOT NULL, -- in the limiter's own unit: tokens or requests per minute, uses per second, …
    from_ms         INTEGER,          -- in force from here; NULL: taken to have always been
    until_ms        INTEGER,          -- and until here, exclusive; NULL: still
    assumed         INTEGER NOT NULL CHECK (assumed IN (0, 1)), -- 1: taken to have held before read_ms
    read_ms         INTEGER           -- when this value was first read
) STRICT;
CREATE UNIQUE INDEX limits_period ON limits (organization_id, workspace_id, group_id, limiter, COALESCE(from_ms, -1));

-- When each scope's limits were first read: a workspace that never was may have
-- limits nobody knows of.
CREATE TABLE limit_reads (
    organization_id TEXT    NOT NULL,
    workspace_id    TEXT    NOT NULL, -- empty: the organization
    first_ms        INTEGER NOT NULL,
    PRIMARY KEY (organization_id, workspace_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE limit_members (
    organization_id TEXT NOT NULL,
    group_id        TEXT NOT NULL,
    model           TEXT NOT NULL,
    from_ms         INTEGER, -- NULL: taken to have always been
    until_ms        INTEGER  -- exclusive; NULL: still
) STRICT;
CREATE UNIQUE INDEX limit_members_period ON limit_members (organization_id, group_id, model, COALESCE(from_ms, -1));

CREATE TABLE limit_changes (
    organization_id TEXT    NOT NULL,
    at_ms           INTEGER NOT NULL, -- when it was seen
    kind            TEXT    NOT NULL, -- raised, lowered, added, removed, model_moved, override_added, override_removed
    workspace_id    TEXT    NOT NULL,
    group_id        TEXT    NOT NULL,
    limiter         TEXT    NOT NULL, -- empty for a moved model
    model           TEXT    NOT NULL, -- only for a moved model
    from_group_id   TEXT    NOT NULL, -- only for a moved model
    old_value       INTEGER NOT NULL, -- 0: there was none
    new_value       INTEGER NOT NULL, -- 0: there is none
    PRIMARY KEY (organization_id, at_ms, kind, workspace_id, group_id, limiter, model, from_group_id)
) STRICT, WITHOUT ROWID;

-- Minutes. One packed row per minute and report: `alerter series dump` prints them,
-- store/pack.go describes the format. Which minutes were read, and when, is in reads:
-- a minute that was read and has no row here had no usage.

CREATE TABLE combinations (
    id           INTEGER PRIMARY KEY,
    model        TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    service_tier TEXT NOT NULL,
    speed        TEXT NOT NULL,
    product      TEXT NOT NULL,
    api_key_id   TEXT NOT NULL,
    UNIQUE (model, workspace_id, service_tier, speed, product, api_key_id)
) STRICT;

CREATE TABLE reports (
    id              INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    source          TEXT NOT NULL,              -- analytics, usage_report, keys
    pruned_ms       INTEGER NOT NULL DEFAULT 0, -- minutes that start before this have been pruned
    UNIQUE (organization_id, source)
) STRICT;

CREATE TABLE reads (
    report  INTEGER NOT NULL REFERENCES reports (id),
    read_ms INTEGER NOT NULL,                   -- when the answer was asked for
    from_ms INTEGER NOT NULL,                   -- it covered the minutes from here
    to_ms   INTEGER NOT NULL CHECK (to_ms > from_ms), -- to here, exclusive
    PRIMARY KEY (report, read_ms, from_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE minutes (
    id       INTEGER PRIMARY KEY,
    report   INTEGER NOT NULL REFERENCES reports (id),
    start_ms INTEGER NOT NULL CHECK (start_ms % 60000 = 0),
    seen_ms  INTEGER NOT NULL, -- when this value was first seen
    buckets  INTEGER NOT NULL, -- how many combinations it has
    packed   BLOB    NOT NULL,
    UNIQUE (report, start_ms)
) STRICT;

CREATE TABLE minutes_earlier (
    id       INTEGER PRIMARY KEY,
    report   INTEGER NOT NULL REFERENCES reports (id),
    start_ms INTEGER NOT NULL,
    seen_ms  INTEGER NOT NULL, -- when this earlier value was first seen
    buckets  INTEGER NOT NULL, -- how many combinations it had
    packed   BLOB    NOT NULL, -- what to change in the next later value to get this one; empty: lost
    UNIQUE (report, start_ms, seen_ms)
) STRICT;

CREATE TABLE sources (
    organization_id TEXT NOT NULL PRIMARY KEY,
    organization    TEXT NOT NULL, -- its name
    source          TEXT NOT NULL, -- the report tokens are taken from; empty before the first choice
    why             TEXT NOT NULL,
    data_as_of_ms   INTEGER,       -- end of the newest minute with any row
    since_ms        INTEGER,       -- when the service began to look
    problem         TEXT NOT NULL  -- why the last attempt did not succeed, or empty
) STRICT;

CREATE TABLE ticks (
    at_ms           INTEGER NOT NULL,
    organization_id TEXT    NOT NULL,
    problem         TEXT    NOT NULL, -- what did not succeed, or empty
    source          TEXT    NOT NULL, -- the report tokens were taken from; empty: none yet, or not of an organization
    why             TEXT    NOT NULL, -- why from that one
    PRIMARY KEY (at_ms, organization_id)
) STRICT, WITHOUT ROWID;

-- Rules. rules.yaml is applied to rules; every change is a row in rule_revisions.

CREATE TABLE rules (
    name       TEXT    NOT NULL PRIMARY KEY,
    revision   INTEGER NOT NULL CHECK (revision > 0),
    kind       TEXT    NOT NULL,
    spec       TEXT    NOT NULL CHECK (json_valid(spec)),
    enabled    INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)), -- applying a file leaves it alone
    position   INTEGER NOT NULL, -- its place in the file
    file       TEXT    NOT NULL, -- the file it was last applied from
    applied_ms INTEGER NOT NULL,
    enabled_ms INTEGER           -- when enabled was last set by a person
) STRICT;

CREATE TABLE rule_revisions (
    name       TEXT    NOT NULL,
    revision   INTEGER NOT NULL CHECK (revision > 0),
    kind       TEXT    NOT NULL,
    spec       TEXT    NOT NULL CHECK (json_valid(spec)), -- the last one, where removed
    removed    INTEGER NOT NULL CHECK (removed IN (0, 1)),
    file       TEXT    NOT NULL,
    applied_ms INTEGER NOT NULL,
    PRIMARY KEY (name, revision)
) STRICT;

-- Alerts: the present or last episode of each. The checks are spelled out, because
-- for a longer IN list SQLite builds a table with every row that is written.

CREATE TABLE alerts (
    fingerprint        TEXT NOT NULL PRIMARY KEY,
    rule               TEXT NOT NULL,
    kind               TEXT NOT NULL,
    organization_id    TEXT NOT NULL, -- empty: about the service itself
    workspace_id       TEXT NOT NULL,
    group_id           TEXT NOT NULL,
    limiter            TEXT NOT NULL,
    part               TEXT NOT NULL, -- a model that moved, a job, a receiver
    organization       TEXT NOT NULL, -- labels: the names
    workspace          TEXT NOT NULL,
    model_group        TEXT NOT NULL,
    limiter_label      TEXT NOT NULL,
    state              TEXT NOT NULL CHECK (state = 'firing' OR state = 'pending' OR state = 'resolved' OR state = 'withdrawn'),
    severity           TEXT NOT NULL CHECK (severity = 'info' OR severity = 'warning' OR severity = 'critical' OR severity = ''),
    worst              TEXT NOT NULL CHECK (worst = 'info' OR worst = 'warning' OR worst = 'critical' OR worst = ''),
    pending_ms         INTEGER,
    fired_ms           INTEGER CHECK (fired_ms IS NOT NULL OR state <> 'firing'), -- identifies the episode
    resolved_ms        INTEGER, -- when it ended, however it ended
    stepped_ms         INTEGER, -- the last step that changed more than its reading
    repeat_interval_ms INTEGER NOT NULL, -- 0: the route's
    peak               REAL,    -- highest value of the episode; NULL: not known
    why                TEXT NOT NULL,
    detail             TEXT NOT NULL CHECK (json_valid(detail)) -- the timers of its levels, and the newest reading
) STRICT;
CREATE INDEX alerts_current ON alerts (organization_id) WHERE state IN ('pending', 'firing');
CREATE INDEX alerts_ended ON alerts (resolved_ms) WHERE state IN ('resolved', 'withdrawn');

CREATE TABLE transitions (
    id              INTEGER PRIMARY KEY,
    organization_id TEXT    NOT NULL,
    at_ms           INTEGER NOT NULL,
    fingerprint     TEXT    NOT NULL,
    from_state      TEXT    NOT NULL,
    to_state        TEXT    NOT NULL,
    from_severity   TEXT    NOT NULL,
    to_severity     TEXT    NOT NULL,
    value           REAL, -- what was compared with the levels; NULL: not known
    UNIQUE (at_ms, fingerprint, from_state, to_state, from_severity, to_severity)
) STRICT;

-- Messages.

CREATE TABLE message_groups (
    receiver    TEXT NOT NULL,
    group_key   TEXT NOT NULL,
    next_ms     INTEGER, -- when a step must look at it though nothing happened; NULL: never
    waiting_key TEXT,    -- the message_key of its waiting message
    episode_ms  INTEGER,
    state       TEXT NOT NULL CHECK (json_valid(state)), -- members, timers, the waiting message
    PRIMARY KEY (receiver, group_key)
) STRICT;
-- Which groups remember an alert, for its end.
CREATE TABLE message_group_members (
    fingerprint TEXT NOT NULL,
    receiver    TEXT NOT NULL,
    group_key   TEXT NOT NULL,
    PRIMARY KEY (fingerprint, receiver, group_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_group_members_group ON message_group_members (receiver, group_key);
CREATE INDEX message_groups_next ON message_groups (next_ms) WHERE next_ms IS NOT NULL;

CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY,
    message_key   TEXT    NOT NULL,   -- made from receiver, group, reason and time: the same message has the same key
    receiver      TEXT    NOT NULL,
    group_key     TEXT    NOT NULL,   -- the card it belongs to
    episode_ms    INTEGER,            -- and its thread: receipts live in cards
    reason        TEXT    NOT NULL,   -- the gravest of its alerts' reasons
    system        INTEGER NOT NULL CHECK (system IN (0, 1)), -- 1: about the service itself
    body          TEXT    NOT NULL CHECK (json_valid(body)),
    attempts      INTEGER NOT NULL DEFAULT 0,
    send_ms       INTEGER NOT NULL,   -- not to be sent before
    next_ms       INTEGER NOT NULL,   -- the next attempt; send_ms at first
    not_after_ms  INTEGER NOT NULL,   -- useless after this: dead
    started_ms    INTEGER,            -- the newest attempt began; from the first one on the row does not change any more
    sent_ms       INTEGER,
    dead_ms       INTEGER CHECK (sent_ms IS NULL OR dead_ms IS NULL),
    superseded_by INTEGER REFERENCES outbox (id) ON DELETE CASCADE,
    last_error    TEXT,
    UNIQUE (message_key, receiver),
    CHECK (attempts = 0 OR started_ms IS NOT NULL)
) STRICT;
CREATE INDEX outbox_due ON outbox (next_ms) WHERE sent_ms IS NULL AND dead_ms IS NULL AND superseded_by IS NULL;
CREATE INDEX outbox_order ON outbox (receiver, group_key, id) WHERE sent_ms IS NULL AND dead_ms IS NULL AND superseded_by IS NULL;
CREATE INDEX outbox_sent ON outbox (sent_ms) WHERE sent_ms IS NOT NULL;
CREATE INDEX outbox_dead ON outbox (dead_ms) WHERE dead_ms IS NOT NULL;
CREATE INDEX outbox_superseded ON outbox (superseded_by) WHERE superseded_by IS NOT NULL;

CREATE TABLE outbox_alerts (
    outbox_id   INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    fingerprint TEXT    NOT NULL,
    fired_ms    INTEGER NOT NULL, -- its episode
    reason      TEXT    NOT NULL,
    PRIMARY KEY (outbox_id, fingerprint, fired_ms)
) STRICT, WITHOUT ROWID;

-- Every attempt, for people: the program only reads the outbox.
CREATE TABLE deliveries (
    outbox_id  INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    attempt    INTEGER NOT NULL CHECK (attempt > 0),
    started_ms INTEGER NOT NULL,
    ended_ms   INTEGER,        -- NULL: under way, or the service ended meanwhile
    outcome    TEXT CHECK (outcome IN ('sent', 'failed', 'dead', 'interrupted')),
    error      TEXT,
    PRIMARY KEY (outbox_id, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE cards (
    receiver   TEXT    NOT NULL,
    group_key  TEXT    NOT NULL,
    episode_ms INTEGER NOT NULL,
    receipt    TEXT    NOT NULL CHECK (json_valid(receipt)), -- what the thread's first message was answered
    put_ms     INTEGER NOT NULL,
    PRIMARY KEY (receiver, group_key, episode_ms)
) STRICT, WITHOUT ROWID;

-- The service itself.

CREATE TABLE troubles (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL, -- the alertname
    organization TEXT NOT NULL, -- its name, or empty
    subject      TEXT NOT NULL, -- a job, a receiver
    severity     TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    detail       TEXT NOT NULL,
    since_ms     INTEGER NOT NULL,
    until_ms     INTEGER        -- NULL: still
) STRICT;
CREATE UNIQUE INDEX troubles_open ON troubles (name, organization, subject) WHERE until_ms IS NULL;

CREATE TABLE jobs (
    job             TEXT    NOT NULL,
    organization_id TEXT    NOT NULL, -- empty: not of one organization
    started_ms      INTEGER NOT NULL, -- the last run
    took_ms         INTEGER NOT NULL,
    error           TEXT    NOT NULL, -- empty: it succeeded
    success_ms      INTEGER,          -- when the last successful run began
    failures        INTEGER NOT NULL, -- how many in a row
    PRIMARY KEY (job, organization_id)
) STRICT, WITHOUT ROWID;
