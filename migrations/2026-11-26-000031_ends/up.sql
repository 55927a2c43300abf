-- The end of an order: what is suspended for the time being, and the day on which its unused passes began to expire.

ALTER TABLE orders ADD COLUMN hand_outs_suspended BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE orders ADD COLUMN redemptions_suspended BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE orders ADD COLUMN expired_on TEXT;
