-- The key under which people of a programme are recognised, once it was renewed: its number and a digest of it, the key itself is
-- in no database. What one person has proposed of the next one waits here for another to confirm.

CREATE TABLE people_keys (
    programme_no BIGINT NOT NULL PRIMARY KEY REFERENCES programmes (no),
    number BIGINT CHECK (number > 1),
    digest TEXT,
    proposed_number BIGINT CHECK (proposed_number > 1),
    proposed_digest TEXT,
    proposer_id TEXT REFERENCES users (id),
    pseudonym TEXT
);
