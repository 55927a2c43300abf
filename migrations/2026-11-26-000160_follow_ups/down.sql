DROP TABLE follow_up_rules;
DROP TABLE follow_ups;
