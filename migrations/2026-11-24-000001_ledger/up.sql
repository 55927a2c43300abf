-- One text for SQLite and PostgreSQL. Days are 'YYYY-MM-DD', moments are milliseconds since 1970 (UTC), money is
-- cents. Lists and documents that no query looks into are JSON text. BYTEA on SQLite is an ordinary blob.

-- Reference data ------------------------------------------------------------------------------------------------

CREATE TABLE organisations (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    kinds TEXT NOT NULL,
    name TEXT NOT NULL,
    registration TEXT NOT NULL UNIQUE,
    commune TEXT NOT NULL,
    address TEXT,
    email TEXT,
    phone TEXT,
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    failures BIGINT NOT NULL,
    last_failure_millis BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE refresh_tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    expires_millis BIGINT NOT NULL,
    used BOOLEAN NOT NULL,
    revoked BOOLEAN NOT NULL
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);

CREATE TABLE programmes (
    no BIGINT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    sponsor_id TEXT NOT NULL REFERENCES organisations (id),
    face_value_cents BIGINT NOT NULL CHECK (face_value_cents > 0),
    entitlement_passes BIGINT NOT NULL CHECK (entitlement_passes > 0),
    distribution_from TEXT NOT NULL,
    distribution_until TEXT NOT NULL,
    grace_days BIGINT NOT NULL CHECK (grace_days >= 0),
    payer TEXT NOT NULL,
    territory TEXT NOT NULL,
    services TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE rule_sets (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    version TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (programme_no, version)
);

CREATE TABLE venues (
    id TEXT NOT NULL PRIMARY KEY,
    provider_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    commune TEXT NOT NULL,
    address TEXT,
    mobile BOOLEAN NOT NULL,
    services TEXT NOT NULL,
    approved BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE mandates (
    id TEXT NOT NULL PRIMARY KEY,
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    prescriber_id TEXT NOT NULL REFERENCES organisations (id),
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    signed_on TEXT NOT NULL,
    signatory TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    accountant_opinion_on TEXT,
    opinion_is_tacit BOOLEAN NOT NULL,
    ceiling_booklets BIGINT NOT NULL CHECK (ceiling_booklets >= 0),
    ceiling_cents BIGINT NOT NULL CHECK (ceiling_cents >= 0),
    revoked_on TEXT,
    version BIGINT NOT NULL,
    UNIQUE (programme_no, number)
);
CREATE INDEX mandates_by_prescriber ON mandates (programme_no, prescriber_id);

-- The journal: one row per programme, advanced first and stored last by every write ----------------------------

CREATE TABLE journals (
    programme_no BIGINT NOT NULL PRIMARY KEY REFERENCES programmes (no),
    door BIGINT NOT NULL,
    position BIGINT NOT NULL,
    head TEXT NOT NULL,
    at_millis BIGINT NOT NULL,
    last_booklet BIGINT NOT NULL,
    last_order BIGINT NOT NULL,
    last_dispatch BIGINT NOT NULL,
    last_exception BIGINT NOT NULL
);

CREATE TABLE receipts (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    position BIGINT NOT NULL CHECK (position > 0),
    number TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    at_millis BIGINT NOT NULL,
    day TEXT NOT NULL,
    office TEXT NOT NULL,
    booklets BIGINT NOT NULL,
    passes BIGINT NOT NULL,
    value_cents BIGINT NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (programme_no, position)
);

CREATE TABLE entries (
    programme_no BIGINT NOT NULL,
    position BIGINT NOT NULL,
    line BIGINT NOT NULL,
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    batch_id BIGINT NOT NULL,
    from_holder TEXT NOT NULL,
    to_holder TEXT NOT NULL,
    booklets BIGINT NOT NULL CHECK (booklets >= 0),
    passes BIGINT NOT NULL CHECK (passes > 0),
    value_cents BIGINT NOT NULL CHECK (value_cents > 0),
    PRIMARY KEY (programme_no, position, line),
    FOREIGN KEY (programme_no, position) REFERENCES receipts (programme_no, position)
);

CREATE TABLE receipt_items (
    item BIGINT NOT NULL,
    programme_no BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (item, position),
    FOREIGN KEY (programme_no, position) REFERENCES receipts (programme_no, position)
);

CREATE TABLE seals (
    programme_no BIGINT NOT NULL,
    position BIGINT NOT NULL,
    hash TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (programme_no, position),
    FOREIGN KEY (programme_no, position) REFERENCES receipts (programme_no, position)
);

CREATE TABLE replies (
    key_digest TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    programme_no BIGINT NOT NULL,
    at_millis BIGINT NOT NULL,
    outcome TEXT NOT NULL
);

CREATE TABLE refused_scans (
    id TEXT NOT NULL PRIMARY KEY,
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    at_millis BIGINT NOT NULL,
    day TEXT NOT NULL,
    office TEXT NOT NULL,
    venue_id TEXT NOT NULL,
    service TEXT NOT NULL,
    code TEXT NOT NULL,
    serials TEXT NOT NULL,
    unknown_codes BIGINT NOT NULL
);
CREATE INDEX refused_scans_by_day ON refused_scans (programme_no, day);

-- Projections: rebuilt from the receipts -------------------------------------------------------------------------

CREATE TABLE series (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    office TEXT NOT NULL,
    year BIGINT NOT NULL,
    last_number BIGINT NOT NULL CHECK (last_number > 0),
    PRIMARY KEY (programme_no, office, year)
);

CREATE TABLE balances (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    holder TEXT NOT NULL,
    batch_id BIGINT NOT NULL,
    booklets BIGINT NOT NULL,
    passes BIGINT NOT NULL,
    value_cents BIGINT NOT NULL,
    PRIMARY KEY (programme_no, holder, batch_id),
    CHECK (passes >= 0 OR substr(holder, 1, 6) = 'issue:')
);

CREATE TABLE orders (
    id BIGINT NOT NULL PRIMARY KEY,
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number TEXT NOT NULL,
    ordered_on TEXT NOT NULL,
    issuer_id TEXT NOT NULL REFERENCES organisations (id),
    first_booklet BIGINT NOT NULL,
    last_booklet BIGINT NOT NULL,
    passes_per_booklet BIGINT NOT NULL CHECK (passes_per_booklet BETWEEN 1 AND 99),
    face_value_cents BIGINT NOT NULL CHECK (face_value_cents > 0),
    fees_cents BIGINT NOT NULL CHECK (fees_cents >= 0),
    funding TEXT NOT NULL,
    validity_end TEXT NOT NULL,
    grace_end TEXT NOT NULL,
    deliveries BIGINT NOT NULL,
    delivered_booklets BIGINT NOT NULL,
    payment_order TEXT,
    activated_millis BIGINT,
    UNIQUE (programme_no, number),
    CHECK (delivered_booklets <= last_booklet - first_booklet + 1)
);

CREATE TABLE batches (
    id BIGINT NOT NULL PRIMARY KEY,
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    delivered_on TEXT NOT NULL,
    note TEXT NOT NULL,
    print_nonce BYTEA,
    generated BOOLEAN NOT NULL
);

CREATE TABLE booklets (
    id BIGINT NOT NULL PRIMARY KEY,
    batch_id BIGINT NOT NULL REFERENCES batches (id),
    size BIGINT NOT NULL,
    holder TEXT NOT NULL,
    passes_left BIGINT NOT NULL,
    handed_out_on TEXT,
    CHECK (passes_left BETWEEN 0 AND size)
);
CREATE INDEX booklets_by_holder ON booklets (holder, id);

CREATE TABLE passes (
    id BIGINT NOT NULL PRIMARY KEY,
    code_mac BYTEA NOT NULL UNIQUE,
    holder TEXT
);

CREATE TABLE dispatches (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number BIGINT NOT NULL,
    from_holder TEXT NOT NULL,
    to_holder TEXT NOT NULL,
    booklets BIGINT NOT NULL,
    PRIMARY KEY (programme_no, number)
);
CREATE INDEX dispatches_by_receiver ON dispatches (programme_no, to_holder);

CREATE TABLE redemptions (
    number TEXT NOT NULL PRIMARY KEY,
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    venue_id TEXT NOT NULL REFERENCES venues (id),
    provider_id TEXT NOT NULL REFERENCES organisations (id),
    service TEXT NOT NULL,
    performed_on TEXT NOT NULL,
    day TEXT NOT NULL,
    items TEXT NOT NULL,
    reversed BOOLEAN NOT NULL
);

-- People: fingerprints and what statistics need; erasable, never sealed ------------------------------------------

CREATE TABLE people (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    fingerprint BYTEA NOT NULL,
    passes BIGINT NOT NULL CHECK (passes >= 0),
    PRIMARY KEY (programme_no, fingerprint)
);

CREATE TABLE exceptions (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    number BIGINT NOT NULL,
    fingerprint BYTEA NOT NULL,
    passes BIGINT NOT NULL,
    reason TEXT NOT NULL,
    granted_by TEXT NOT NULL REFERENCES users (id),
    used BOOLEAN NOT NULL,
    PRIMARY KEY (programme_no, number)
);

CREATE TABLE hand_outs (
    number TEXT NOT NULL PRIMARY KEY,
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    position BIGINT NOT NULL,
    day TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    ground TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    proof_kind TEXT,
    proof_issued_on TEXT,
    age_band TEXT NOT NULL,
    commune TEXT NOT NULL,
    booklets BIGINT NOT NULL,
    passes BIGINT NOT NULL
);
