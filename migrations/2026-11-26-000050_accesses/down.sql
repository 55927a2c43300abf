DROP TABLE accesses;
ALTER TABLE users DROP COLUMN valid_until;
