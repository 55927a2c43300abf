-- Where a person was told to go with their booklet, and what for: in the erasable zone, as the rest of what is known of them.
ALTER TABLE hand_outs ADD COLUMN oriented_place TEXT;
ALTER TABLE hand_outs ADD COLUMN oriented_venue TEXT;
ALTER TABLE hand_outs ADD COLUMN need TEXT;
