-- +goose Up

-- Decisions not to send: what a receiver might expect to be told of an alert and was
-- not, and why. That its route does not send info is noted once an episode.

CREATE TABLE withheld (
    at_ms       INTEGER NOT NULL, -- the step that decided it
    receiver    TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL, -- of the alert
    fired_ms    INTEGER NOT NULL, -- its episode
    reason      TEXT    NOT NULL CHECK (reason = 'notify_info' OR reason = 'notify_eased' OR reason = 'send_resolved'
        OR reason = 'ended_unsent' OR reason = 'outdated' OR reason = 'receiver_gone'
        OR reason = 'silence' OR reason = 'inhibition' OR reason = 'mute_time_interval' OR reason = 'flap'),
    group_key   TEXT    NOT NULL, -- the card it would have been on
    cause       TEXT    NOT NULL, -- the id of the silence, the fingerprint of the alert that inhibits it, the names of the time intervals; else empty
    PRIMARY KEY (at_ms, receiver, fingerprint, fired_ms, reason, group_key)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX withheld_info ON withheld (fingerprint, fired_ms, receiver) WHERE reason = 'notify_info';
