-- Which booklet took the place of which in whose hands: the next one to be replaced may be the second. The fingerprint
-- is personal data and can be erased; the receipt keeps the rest.

CREATE TABLE replacements (
    replacement_id BIGINT NOT NULL PRIMARY KEY REFERENCES booklets (id),
    original_id BIGINT NOT NULL UNIQUE REFERENCES booklets (id),
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number TEXT NOT NULL,
    office TEXT NOT NULL,
    fingerprint BYTEA NOT NULL
);
