-- To whom what happened is told, and how far. The events are the receipts and the changes of the registry of places
-- themselves; secrets are derived from a key outside the database.

CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    topic TEXT NOT NULL,
    programme_no BIGINT REFERENCES programmes (no),
    kinds TEXT NOT NULL,
    url TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    generation BIGINT NOT NULL CHECK (generation > 0),
    overlap_until_millis BIGINT,
    cursor_position BIGINT NOT NULL CHECK (cursor_position >= 0),
    attempts BIGINT NOT NULL,
    not_before_millis BIGINT NOT NULL,
    dead_in_a_row BIGINT NOT NULL,
    leased_until_millis BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX webhooks_by_organisation ON webhooks (organisation_id, id);

CREATE TABLE dead_letters (
    webhook_id TEXT NOT NULL REFERENCES webhooks (id),
    position BIGINT NOT NULL,
    event TEXT NOT NULL,
    why TEXT NOT NULL,
    at_millis BIGINT NOT NULL,
    PRIMARY KEY (webhook_id, position)
);
