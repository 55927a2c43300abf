-- What devices took without a network, booklet by booklet: the position is that of the redemption's receipt, the day that of the
-- device's clock. And how much a programme lets them take.
CREATE TABLE offline_uses (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    position BIGINT NOT NULL,
    booklet_id BIGINT NOT NULL REFERENCES booklets (id),
    device_id TEXT NOT NULL,
    scanned_on TEXT NOT NULL,
    passes BIGINT NOT NULL CHECK (passes > 0),
    value_cents BIGINT NOT NULL CHECK (value_cents >= 0),
    PRIMARY KEY (programme_no, position, booklet_id)
);
CREATE INDEX offline_uses_by_device ON offline_uses (programme_no, device_id, scanned_on);
CREATE INDEX offline_uses_by_booklet ON offline_uses (programme_no, booklet_id, scanned_on);

CREATE TABLE offline_rules (
    programme_no BIGINT NOT NULL PRIMARY KEY REFERENCES programmes (no),
    document TEXT NOT NULL,
    version BIGINT NOT NULL
);
