DROP TABLE refused_hand_outs;
ALTER TABLE hand_outs DROP COLUMN neighbourhood;
