-- What an issuer that pays the venues itself says it has paid, line by line, and the differences from the ledger. A line of
-- the file has its number there; a difference without a line (absent, disputed) is numbered after the last one, and has neither
-- venue nor days. 'corrects' is 0 for a statement that corrects none.

CREATE TABLE issuer_statements (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number BIGINT NOT NULL CHECK (number > 0),
    receipt TEXT NOT NULL UNIQUE REFERENCES receipts (number),
    issuer TEXT NOT NULL REFERENCES organisations (code),
    month TEXT NOT NULL,
    corrects BIGINT NOT NULL CHECK (corrects >= 0),
    file_hash TEXT NOT NULL,
    lines_hash TEXT NOT NULL,
    file_lines BIGINT NOT NULL CHECK (file_lines > 0),
    matched BIGINT NOT NULL CHECK (matched >= 0),
    unchanged BIGINT NOT NULL CHECK (unchanged >= 0),
    stated_cents BIGINT NOT NULL CHECK (stated_cents >= 0),
    last_line BIGINT NOT NULL CHECK (last_line > 0),
    open_differences BIGINT NOT NULL CHECK (open_differences >= 0),
    PRIMARY KEY (programme_no, number),
    UNIQUE (programme_no, file_hash)
);

CREATE TABLE issuer_lines (
    programme_no BIGINT NOT NULL,
    statement BIGINT NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    pass_id BIGINT NOT NULL,
    provider TEXT,
    venue TEXT,
    redeemed_on TEXT,
    paid_on TEXT,
    amount_cents BIGINT NOT NULL CHECK (amount_cents >= 0),
    class TEXT NOT NULL,
    status TEXT NOT NULL,
    resolution TEXT,
    closed_by TEXT REFERENCES receipts (number),
    PRIMARY KEY (programme_no, statement, number),
    FOREIGN KEY (programme_no, statement) REFERENCES issuer_statements (programme_no, number)
);
CREATE INDEX issuer_lines_by_pass ON issuer_lines (pass_id);
