-- What somebody of the Region proposes to destroy, until the public accountant has signed for it. 'items' is a JSON list of
-- serials and runs of serials.

CREATE TABLE destructions (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number BIGINT NOT NULL CHECK (number > 0),
    reason TEXT NOT NULL,
    items TEXT NOT NULL,
    proposer_id TEXT NOT NULL REFERENCES users (id),
    proposer TEXT NOT NULL,
    proposed_on TEXT NOT NULL,
    receipt TEXT UNIQUE REFERENCES receipts (number),
    PRIMARY KEY (programme_no, number)
);
