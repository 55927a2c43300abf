DROP TABLE publication_rules;
