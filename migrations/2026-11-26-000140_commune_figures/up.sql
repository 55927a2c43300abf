-- How many people live in each commune, and how many of them are 60 or over, by edition: the day from which its figures count.
-- A position may come with them, in decimal degrees.
CREATE TABLE commune_figures (
    edition TEXT NOT NULL,
    commune TEXT NOT NULL,
    population BIGINT NOT NULL CHECK (population >= 0),
    seniors BIGINT NOT NULL CHECK (seniors >= 0 AND seniors <= population),
    latitude TEXT,
    longitude TEXT,
    PRIMARY KEY (edition, commune)
);
