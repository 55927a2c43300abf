-- What providers ask to be paid for, built from the ledger: a pass of a redemption stands in one claim at most, unless
-- that claim's line was rejected. Months are 'YYYY-MM'.

CREATE TABLE claim_rules (
    programme_no BIGINT NOT NULL PRIMARY KEY REFERENCES programmes (no),
    document TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE claims (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number BIGINT NOT NULL CHECK (number > 0),
    receipt TEXT NOT NULL UNIQUE REFERENCES receipts (number),
    provider_id TEXT NOT NULL REFERENCES organisations (id),
    month TEXT NOT NULL,
    claimant_id TEXT NOT NULL REFERENCES users (id),
    claimed_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    passes BIGINT NOT NULL CHECK (passes >= 0),
    value_cents BIGINT NOT NULL CHECK (value_cents >= 0),
    rejected_passes BIGINT NOT NULL CHECK (rejected_passes >= 0),
    approvals TEXT NOT NULL,
    suspended_on TEXT,
    suspended_days BIGINT NOT NULL CHECK (suspended_days >= 0),
    state TEXT NOT NULL,
    PRIMARY KEY (programme_no, number)
);
CREATE INDEX claims_by_provider ON claims (programme_no, provider_id, number);

CREATE TABLE claim_passes (
    programme_no BIGINT NOT NULL,
    claim BIGINT NOT NULL,
    pass_id BIGINT NOT NULL REFERENCES passes (id),
    redemption TEXT NOT NULL REFERENCES redemptions (number),
    reason TEXT,
    PRIMARY KEY (programme_no, claim, pass_id),
    FOREIGN KEY (programme_no, claim) REFERENCES claims (programme_no, number)
);
CREATE UNIQUE INDEX claim_passes_once ON claim_passes (redemption, pass_id) WHERE reason IS NULL;
CREATE INDEX claim_passes_by_redemption ON claim_passes (redemption);
CREATE INDEX claim_passes_by_pass ON claim_passes (pass_id);
