DROP TABLE offline_rules;
DROP TABLE offline_uses;
