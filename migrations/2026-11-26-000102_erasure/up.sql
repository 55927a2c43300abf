-- How long what is known of people is kept after their last contact, and what finds those whose time is over: hand-outs by
-- person, and the day on which an exception was granted, which only its receipt said.

CREATE TABLE retention_rules (
    programme_no BIGINT NOT NULL PRIMARY KEY REFERENCES programmes (no),
    document TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX hand_outs_by_person ON hand_outs (programme_no, fingerprint, day);

ALTER TABLE exceptions ADD COLUMN granted_on TEXT;
UPDATE exceptions SET granted_on = (
    SELECT MIN(granted.day) FROM receipts AS granted
    WHERE granted.programme_no = exceptions.programme_no AND granted.kind = 'exception'
        AND exceptions.number = (
            SELECT COUNT(*) FROM receipts AS earlier
            WHERE earlier.programme_no = granted.programme_no AND earlier.kind = 'exception'
                AND earlier.position <= granted.position
        )
);
