-- What was paid and ought not to have been, and how it comes back: taken off later transfers, asked for by a titre de
-- recette, or returned by the bank (then without a number).

ALTER TABLE payment_lines ADD COLUMN netted_cents BIGINT NOT NULL DEFAULT 0;

CREATE TABLE overpayments (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number BIGINT NOT NULL CHECK (number > 0),
    receipt TEXT NOT NULL UNIQUE REFERENCES receipts (number),
    claim BIGINT NOT NULL,
    provider_id TEXT NOT NULL REFERENCES organisations (id),
    passes BIGINT NOT NULL CHECK (passes > 0),
    value_cents BIGINT NOT NULL CHECK (value_cents > 0),
    PRIMARY KEY (programme_no, number),
    FOREIGN KEY (programme_no, claim) REFERENCES claims (programme_no, number)
);

CREATE TABLE recoveries (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    receipt TEXT NOT NULL REFERENCES receipts (number),
    provider_id TEXT NOT NULL REFERENCES organisations (id),
    amount_cents BIGINT NOT NULL CHECK (amount_cents > 0),
    revenue_order TEXT,
    PRIMARY KEY (programme_no, receipt, provider_id),
    UNIQUE (programme_no, revenue_order)
);
