-- Days, months and years that are over: what each covers, and the receipt that says so. A row is never changed; once the
-- last day of a row is closed, the guards let no receipt of that day in.

CREATE TABLE closings (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    period TEXT NOT NULL,
    last_day TEXT NOT NULL,
    first_day TEXT NOT NULL,
    first_position BIGINT NOT NULL CHECK (first_position > 0),
    last_position BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (programme_no, period, last_day),
    FOREIGN KEY (programme_no, position) REFERENCES receipts (programme_no, position),
    CHECK (last_position >= first_position - 1)
);
