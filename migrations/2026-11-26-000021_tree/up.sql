-- The Merkle tree over a journal: the hash of every complete block of 256 receipts, so that a root or a proof reads two
-- blocks and not the whole journal. Recomputed from the receipts; a row is never changed.

CREATE TABLE tree_blocks (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number BIGINT NOT NULL CHECK (number >= 0),
    hash BYTEA NOT NULL,
    PRIMARY KEY (programme_no, number)
);

-- What witnesses have signed of a tree: the newest of each.

CREATE TABLE cosignatures (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    witness TEXT NOT NULL,
    origin TEXT NOT NULL,
    size BIGINT NOT NULL CHECK (size > 0),
    signed_at_seconds BIGINT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (programme_no, witness)
);
