-- The priority neighbourhood of a beneficiary, where the rules asked for one; and who was sent away from a counter, without
-- the person: when, where, and what was lacking.

ALTER TABLE hand_outs ADD COLUMN neighbourhood TEXT;

CREATE TABLE refused_hand_outs (
    id TEXT NOT NULL PRIMARY KEY,
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    at_millis BIGINT NOT NULL,
    day TEXT NOT NULL,
    office TEXT NOT NULL,
    code TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    lacking TEXT NOT NULL
);
CREATE INDEX refused_hand_outs_by_day ON refused_hand_outs (programme_no, day);
