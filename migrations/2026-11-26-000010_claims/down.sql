DROP TABLE claim_passes;
DROP TABLE claims;
DROP TABLE claim_rules;
