DROP INDEX payees_by_key;
ALTER TABLE payees DROP COLUMN fingerprint;
ALTER TABLE payees DROP COLUMN key_digest;
