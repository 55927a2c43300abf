-- What two spellings of one person have in common, each under a key that is not in the database; and the pairs that were
-- noticed, for the Region to review. Both are erased with the person: a pair keeps its number and is nobody's.

CREATE TABLE likenesses (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    likeness BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    PRIMARY KEY (programme_no, likeness, fingerprint)
);
CREATE INDEX likenesses_by_person ON likenesses (programme_no, fingerprint);

CREATE TABLE possible_duplicates (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number BIGINT NOT NULL CHECK (number > 0),
    known BYTEA NOT NULL,
    newcomer BYTEA NOT NULL,
    found_on TEXT NOT NULL,
    receipt TEXT NOT NULL,
    verdict TEXT,
    reason TEXT,
    reviewer_id TEXT,
    reviewed_on TEXT,
    PRIMARY KEY (programme_no, number)
);
CREATE INDEX possible_duplicates_by_known ON possible_duplicates (programme_no, known);
CREATE INDEX possible_duplicates_by_newcomer ON possible_duplicates (programme_no, newcomer);
