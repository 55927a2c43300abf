-- What the salt of a commitment was derived from, drawn at random for each receipt. It is erased with the person, and no
-- backup carries it: afterwards nobody can try names against the receipt, whatever keys they have. See docs/adr/0012.
CREATE TABLE commitment_nonces (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number TEXT NOT NULL PRIMARY KEY,
    fingerprint BYTEA NOT NULL,
    nonce BYTEA NOT NULL
);
CREATE INDEX commitment_nonces_by_person ON commitment_nonces (programme_no, fingerprint);
