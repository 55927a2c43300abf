-- A journal that has lost receipts goes on in a new epoch; until then, what one person has declared of the loss waits
-- here for another to confirm.

ALTER TABLE journals ADD COLUMN epoch BIGINT NOT NULL DEFAULT 1;

CREATE TABLE restore_declarations (
    programme_no BIGINT NOT NULL PRIMARY KEY REFERENCES programmes (no),
    user_id TEXT NOT NULL REFERENCES users (id),
    pseudonym TEXT NOT NULL,
    reason TEXT NOT NULL,
    restored_epoch BIGINT NOT NULL,
    restored_position BIGINT NOT NULL CHECK (restored_position >= 0),
    restored_head TEXT NOT NULL,
    known_epoch BIGINT NOT NULL,
    known_position BIGINT NOT NULL CHECK (known_position > 0),
    known_head TEXT NOT NULL
);
