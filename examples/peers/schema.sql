-- What every peer keeps, one text for SQLite and PostgreSQL: the same books as ours, less what README.md names.

CREATE TABLE venues (
    id TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    services TEXT NOT NULL,
    approved BOOLEAN NOT NULL
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    venue_id TEXT NOT NULL REFERENCES venues (id),
    active BOOLEAN NOT NULL
);

CREATE TABLE booklets (
    id BIGINT NOT NULL PRIMARY KEY,
    passes_left BIGINT NOT NULL CHECK (passes_left >= 0)
);

CREATE TABLE passes (
    id BIGINT NOT NULL PRIMARY KEY,
    booklet_id BIGINT NOT NULL REFERENCES booklets (id),
    code_mac TEXT NOT NULL UNIQUE,
    holder TEXT NOT NULL
);

CREATE TABLE journals (
    no BIGINT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    head TEXT NOT NULL
);

CREATE TABLE receipts (
    position BIGINT NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE entries (
    position BIGINT NOT NULL REFERENCES receipts (position),
    line BIGINT NOT NULL,
    from_holder TEXT NOT NULL,
    to_holder TEXT NOT NULL,
    passes BIGINT NOT NULL CHECK (passes > 0),
    value_cents BIGINT NOT NULL CHECK (value_cents > 0),
    PRIMARY KEY (position, line)
);

CREATE TABLE balances (
    holder TEXT NOT NULL PRIMARY KEY,
    passes BIGINT NOT NULL CHECK (passes >= 0),
    value_cents BIGINT NOT NULL
);

CREATE TABLE replies (
    key_digest TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    body TEXT NOT NULL
);
