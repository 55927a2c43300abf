ALTER TABLE orders DROP COLUMN acknowledged_on;
DROP TABLE end_rules;
