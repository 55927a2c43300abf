DROP TABLE devices;
ALTER TABLE redemptions DROP COLUMN participants;
ALTER TABLE redemptions DROP COLUMN minutes;
ALTER TABLE redemptions DROP COLUMN first_visit;
