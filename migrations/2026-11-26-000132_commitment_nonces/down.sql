DROP TABLE commitment_nonces;
