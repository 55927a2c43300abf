-- Who agreed to be reminded of a booklet that they never started: how often they were, and how to reach them, closed under the
-- nonce of their hand-out (see commitment_nonces), which no backup carries. A row goes when they take their word back, once it
-- has served, and with the person.
CREATE TABLE follow_ups (
    hand_out TEXT NOT NULL PRIMARY KEY,
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    fingerprint BYTEA NOT NULL,
    office TEXT NOT NULL,
    channel TEXT NOT NULL,
    consented_on TEXT NOT NULL,
    booklets TEXT NOT NULL,
    reminders BIGINT NOT NULL CHECK (reminders >= 0),
    reminded_on TEXT,
    contact BYTEA NOT NULL
);
CREATE INDEX follow_ups_by_person ON follow_ups (programme_no, fingerprint);

-- How often and how long a programme reminds.
CREATE TABLE follow_up_rules (
    programme_no BIGINT NOT NULL PRIMARY KEY REFERENCES programmes (no),
    document TEXT NOT NULL,
    version BIGINT NOT NULL
);
