-- Who is paid on which account, and the payments ordered, executed, rejected and returned. Account holders and numbers
-- are in 'account' only, encrypted under a key that is not in the database.

CREATE TABLE payees (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number BIGINT NOT NULL CHECK (number > 0),
    provider_id TEXT NOT NULL REFERENCES organisations (id),
    legal_form TEXT NOT NULL,
    account BYTEA NOT NULL,
    masked TEXT NOT NULL,
    commitment TEXT NOT NULL,
    proposer_id TEXT NOT NULL REFERENCES users (id),
    proposer TEXT NOT NULL,
    proposed_on TEXT NOT NULL,
    confirmer_id TEXT REFERENCES users (id),
    confirmed_on TEXT,
    effective_on TEXT,
    PRIMARY KEY (programme_no, number)
);
CREATE INDEX payees_by_provider ON payees (programme_no, provider_id, number);

CREATE TABLE payments (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number BIGINT NOT NULL CHECK (number > 0),
    receipt TEXT NOT NULL UNIQUE REFERENCES receipts (number),
    made_millis BIGINT NOT NULL,
    execute_on TEXT NOT NULL,
    payment_order TEXT NOT NULL,
    bordereau TEXT,
    engagement TEXT,
    debtor TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    total_cents BIGINT NOT NULL CHECK (total_cents > 0),
    PRIMARY KEY (programme_no, number),
    UNIQUE (programme_no, payment_order)
);

CREATE TABLE payment_lines (
    programme_no BIGINT NOT NULL,
    payment BIGINT NOT NULL,
    line BIGINT NOT NULL CHECK (line > 0),
    claim BIGINT NOT NULL,
    payee BIGINT NOT NULL,
    amount_cents BIGINT NOT NULL CHECK (amount_cents > 0),
    state TEXT NOT NULL,
    state_on TEXT,
    reason TEXT,
    PRIMARY KEY (programme_no, payment, line),
    FOREIGN KEY (programme_no, payment) REFERENCES payments (programme_no, number),
    FOREIGN KEY (programme_no, claim) REFERENCES claims (programme_no, number),
    FOREIGN KEY (programme_no, payee) REFERENCES payees (programme_no, number)
);
CREATE UNIQUE INDEX payment_lines_once ON payment_lines (programme_no, claim) WHERE reason IS NULL;
CREATE INDEX payment_lines_by_claim ON payment_lines (programme_no, claim);

CREATE TABLE bank_files (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    file_hash TEXT NOT NULL,
    receipt TEXT NOT NULL UNIQUE REFERENCES receipts (number),
    PRIMARY KEY (programme_no, file_hash)
);
