DROP TABLE recoveries;
DROP TABLE overpayments;
ALTER TABLE payment_lines DROP COLUMN netted_cents;
