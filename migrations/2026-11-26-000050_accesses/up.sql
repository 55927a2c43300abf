-- The last day on which an account may be used, and what was looked at: every request of an auditor, every receipt
-- printed and every file taken by anybody. No query string, no body: nothing that names a person but the user.

ALTER TABLE users ADD COLUMN valid_until TEXT;

CREATE TABLE accesses (
    id TEXT NOT NULL PRIMARY KEY,
    at_millis BIGINT NOT NULL,
    day TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    path TEXT NOT NULL,
    status BIGINT NOT NULL,
    programme TEXT,
    number TEXT,
    form TEXT
);
CREATE INDEX accesses_by_user ON accesses (user_id, id);
CREATE INDEX accesses_by_number ON accesses (number);
