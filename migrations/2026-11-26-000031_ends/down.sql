ALTER TABLE orders DROP COLUMN expired_on;
ALTER TABLE orders DROP COLUMN redemptions_suspended;
ALTER TABLE orders DROP COLUMN hand_outs_suspended;
