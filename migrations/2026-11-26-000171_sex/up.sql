-- What people say of their sex, if they do: 'female', 'male' or 'other', for the figures, and erased with the rest of the row.
ALTER TABLE hand_outs ADD COLUMN sex TEXT;
ALTER TABLE applications ADD COLUMN sex TEXT;
