ALTER TABLE applications DROP COLUMN sex;
ALTER TABLE hand_outs DROP COLUMN sex;
