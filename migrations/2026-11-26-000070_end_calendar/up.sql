-- The calendar of an order's end: how many days before it what is asked of whom, and the day on which the Region took
-- upon itself what is still handed out.

CREATE TABLE end_rules (
    programme_no BIGINT NOT NULL PRIMARY KEY REFERENCES programmes (no),
    document TEXT NOT NULL,
    version BIGINT NOT NULL
);

ALTER TABLE orders ADD COLUMN acknowledged_on TEXT;
