-- Under which key an account to pay was proposed: the same request again proposes nothing more.

ALTER TABLE payees ADD COLUMN key_digest TEXT;
ALTER TABLE payees ADD COLUMN fingerprint TEXT;
CREATE UNIQUE INDEX payees_by_key ON payees (key_digest);
