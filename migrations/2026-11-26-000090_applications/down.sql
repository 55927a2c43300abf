DROP TABLE distribution_rules;
DROP TABLE letters;
DROP TABLE applications;
