-- What a venue says of a visit, and the devices that note visits without a network. A device is enrolled with a one-time code,
-- of which only a keyed digest is kept, and signs with a key of its own.

-- 'yes', 'no', or nothing where it was not said; 0 minutes where they were not said; one participant is somebody received alone.
ALTER TABLE redemptions ADD COLUMN first_visit TEXT;
ALTER TABLE redemptions ADD COLUMN minutes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE redemptions ADD COLUMN participants BIGINT NOT NULL DEFAULT 1;

CREATE TABLE devices (
    id TEXT NOT NULL PRIMARY KEY,
    venue_id TEXT NOT NULL REFERENCES venues (id),
    label TEXT NOT NULL,
    floor_passes BIGINT NOT NULL CHECK (floor_passes BETWEEN 1 AND 20),
    added_by TEXT NOT NULL REFERENCES users (id),
    added_millis BIGINT NOT NULL,
    code_mac BYTEA NOT NULL UNIQUE,
    code_until_millis BIGINT NOT NULL,
    public_key TEXT,
    enrolled_millis BIGINT,
    revoked_millis BIGINT,
    used_millis BIGINT,
    counter BIGINT NOT NULL CHECK (counter >= 0)
);
CREATE INDEX devices_by_venue ON devices (venue_id, id);
