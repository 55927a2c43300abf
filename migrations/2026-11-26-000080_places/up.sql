-- The registry of places: what is published, every description that was ever proposed, every decision, the sessions of
-- places that travel, and one number for each change, so that whoever follows knows where they stand.

CREATE TABLE places (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    sheet TEXT NOT NULL,
    updated_on TEXT NOT NULL,
    in_force BIGINT NOT NULL CHECK (in_force >= 0),
    revisions BIGINT NOT NULL CHECK (revisions > 0),
    venue_id TEXT UNIQUE REFERENCES venues (id),
    version BIGINT NOT NULL
);
CREATE INDEX places_by_state ON places (state, id);

CREATE TABLE place_revisions (
    place_id TEXT NOT NULL REFERENCES places (id),
    number BIGINT NOT NULL CHECK (number > 0),
    base BIGINT NOT NULL CHECK (base >= 0),
    sheet TEXT NOT NULL,
    note TEXT,
    user_id TEXT NOT NULL REFERENCES users (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    role TEXT NOT NULL,
    at_millis BIGINT NOT NULL,
    PRIMARY KEY (place_id, number)
);

CREATE TABLE place_decisions (
    place_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    user_id TEXT NOT NULL REFERENCES users (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    role TEXT NOT NULL,
    at_millis BIGINT NOT NULL,
    PRIMARY KEY (place_id, number),
    FOREIGN KEY (place_id, number) REFERENCES place_revisions (place_id, number)
);

CREATE TABLE place_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    place_id TEXT NOT NULL REFERENCES places (id),
    day TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    commune TEXT NOT NULL,
    address TEXT NOT NULL,
    latitude TEXT,
    longitude TEXT,
    note TEXT,
    cancelled BOOLEAN NOT NULL
);
CREATE INDEX place_sessions_by_place ON place_sessions (place_id, day);
CREATE INDEX place_sessions_by_day ON place_sessions (day, id);

CREATE TABLE place_changes (
    no BIGINT NOT NULL PRIMARY KEY CHECK (no > 0),
    place_id TEXT NOT NULL REFERENCES places (id),
    kind TEXT NOT NULL,
    at_millis BIGINT NOT NULL
);

-- The last number given of each kind: taken first by whoever gives the next, so that numbers appear in their order.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);
