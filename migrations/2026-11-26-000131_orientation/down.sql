ALTER TABLE hand_outs DROP COLUMN need;
ALTER TABLE hand_outs DROP COLUMN oriented_venue;
ALTER TABLE hand_outs DROP COLUMN oriented_place;
