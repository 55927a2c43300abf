-- Who applied for a booklet and what came of it. The person is a fingerprint; name and address are in 'dossier' only,
-- encrypted under a key that is not in the database, and are empty once they have served. What is sealed does not depend on it.

CREATE TABLE applications (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number BIGINT NOT NULL CHECK (number > 0),
    office TEXT NOT NULL,
    reference TEXT NOT NULL,
    content TEXT NOT NULL,
    channel TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    age_band TEXT NOT NULL,
    commune TEXT NOT NULL,
    received_on TEXT NOT NULL,
    passes BIGINT NOT NULL CHECK (passes > 0),
    assessed_on TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    ground TEXT,
    proof_kind TEXT,
    proof_issued_on TEXT,
    missing TEXT NOT NULL,
    state TEXT NOT NULL,
    state_on TEXT NOT NULL,
    reason TEXT,
    filed_by TEXT NOT NULL,
    last_receipt TEXT NOT NULL,
    dossier BYTEA NOT NULL,
    PRIMARY KEY (programme_no, number),
    UNIQUE (programme_no, office, reference)
);
CREATE INDEX applications_by_person ON applications (programme_no, fingerprint);
CREATE INDEX applications_by_state ON applications (programme_no, state, number);

-- Which booklet went to which applicant, by which sending. The carrier's number leads to a name and goes with it.
CREATE TABLE letters (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    dispatch BIGINT NOT NULL,
    application BIGINT NOT NULL,
    booklet_id BIGINT NOT NULL REFERENCES booklets (id),
    tracking TEXT,
    PRIMARY KEY (programme_no, application, dispatch)
);
CREATE INDEX letters_by_dispatch ON letters (programme_no, dispatch, application);
CREATE INDEX letters_by_booklet ON letters (booklet_id);
CREATE UNIQUE INDEX letters_by_tracking ON letters (programme_no, tracking);

CREATE TABLE distribution_rules (
    programme_no BIGINT NOT NULL PRIMARY KEY REFERENCES programmes (no),
    document TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0)
);
