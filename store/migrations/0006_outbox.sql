-- +goose Up

-- Attempts whose end is not known: the receiver may have taken the message in
-- though it did not say so. Those of messages that it superseded count too.
ALTER TABLE outbox ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0 CHECK (unsure >= 0);
UPDATE outbox SET unsure = attempts;
-- When somebody last had it sent again after it was given up.
ALTER TABLE outbox ADD COLUMN replayed_ms INTEGER;

-- Receivers that asked to be left alone (Retry-After).
CREATE TABLE receiver_rests (
    receiver TEXT    NOT NULL PRIMARY KEY,
    until_ms INTEGER NOT NULL -- nothing is sent to it before
) STRICT, WITHOUT ROWID;
