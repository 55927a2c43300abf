ALTER TABLE exceptions DROP COLUMN granted_on;
DROP INDEX hand_outs_by_person;
DROP TABLE retention_rules;
