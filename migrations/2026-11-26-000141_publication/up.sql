-- What a programme publishes of its figures: nothing until it says so.
CREATE TABLE publication_rules (
    programme_no BIGINT NOT NULL PRIMARY KEY REFERENCES programmes (no),
    document TEXT NOT NULL,
    version BIGINT NOT NULL
);
