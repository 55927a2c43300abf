DROP TABLE restore_declarations;
ALTER TABLE journals DROP COLUMN epoch;
