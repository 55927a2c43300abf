-- A receipt is never changed nor deleted, nor replaced (REPLACE fires no delete trigger), nor what was looked at, and no
-- receipt enters a day that is closed. Applied at every start; running it again changes nothing.
CREATE TRIGGER IF NOT EXISTS receipts_keep_update BEFORE UPDATE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts are append-only'); END;
CREATE TRIGGER IF NOT EXISTS receipts_keep_delete BEFORE DELETE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts are append-only'); END;
CREATE TRIGGER IF NOT EXISTS entries_keep_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER IF NOT EXISTS entries_keep_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER IF NOT EXISTS receipt_items_keep_update BEFORE UPDATE ON receipt_items BEGIN SELECT RAISE(ABORT, 'receipt_items are append-only'); END;
CREATE TRIGGER IF NOT EXISTS receipt_items_keep_delete BEFORE DELETE ON receipt_items BEGIN SELECT RAISE(ABORT, 'receipt_items are append-only'); END;
CREATE TRIGGER IF NOT EXISTS seals_keep_update BEFORE UPDATE ON seals BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END;
CREATE TRIGGER IF NOT EXISTS seals_keep_delete BEFORE DELETE ON seals BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END;
CREATE TRIGGER IF NOT EXISTS refused_scans_keep_update BEFORE UPDATE ON refused_scans BEGIN SELECT RAISE(ABORT, 'refused_scans are append-only'); END;
CREATE TRIGGER IF NOT EXISTS refused_scans_keep_delete BEFORE DELETE ON refused_scans BEGIN SELECT RAISE(ABORT, 'refused_scans are append-only'); END;
CREATE TRIGGER IF NOT EXISTS receipts_keep_replace BEFORE INSERT ON receipts WHEN EXISTS (SELECT 1 FROM receipts WHERE (programme_no = NEW.programme_no AND position = NEW.position) OR number = NEW.number) BEGIN SELECT RAISE(ABORT, 'receipts are append-only'); END;
CREATE TRIGGER IF NOT EXISTS entries_keep_replace BEFORE INSERT ON entries WHEN EXISTS (SELECT 1 FROM entries WHERE programme_no = NEW.programme_no AND position = NEW.position AND line = NEW.line) BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER IF NOT EXISTS receipt_items_keep_replace BEFORE INSERT ON receipt_items WHEN EXISTS (SELECT 1 FROM receipt_items WHERE item = NEW.item AND position = NEW.position) BEGIN SELECT RAISE(ABORT, 'receipt_items are append-only'); END;
CREATE TRIGGER IF NOT EXISTS seals_keep_replace BEFORE INSERT ON seals WHEN EXISTS (SELECT 1 FROM seals WHERE programme_no = NEW.programme_no AND position = NEW.position) BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END;
CREATE TRIGGER IF NOT EXISTS refused_scans_keep_replace BEFORE INSERT ON refused_scans WHEN EXISTS (SELECT 1 FROM refused_scans WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'refused_scans are append-only'); END;
CREATE TRIGGER IF NOT EXISTS closings_keep_update BEFORE UPDATE ON closings BEGIN SELECT RAISE(ABORT, 'closings are append-only'); END;
CREATE TRIGGER IF NOT EXISTS closings_keep_delete BEFORE DELETE ON closings BEGIN SELECT RAISE(ABORT, 'closings are append-only'); END;
CREATE TRIGGER IF NOT EXISTS closings_keep_replace BEFORE INSERT ON closings WHEN EXISTS (SELECT 1 FROM closings WHERE programme_no = NEW.programme_no AND period = NEW.period AND last_day = NEW.last_day) BEGIN SELECT RAISE(ABORT, 'closings are append-only'); END;
CREATE TRIGGER IF NOT EXISTS accesses_keep_update BEFORE UPDATE ON accesses BEGIN SELECT RAISE(ABORT, 'accesses are append-only'); END;
CREATE TRIGGER IF NOT EXISTS accesses_keep_delete BEFORE DELETE ON accesses BEGIN SELECT RAISE(ABORT, 'accesses are append-only'); END;
CREATE TRIGGER IF NOT EXISTS accesses_keep_replace BEFORE INSERT ON accesses WHEN EXISTS (SELECT 1 FROM accesses WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'accesses are append-only'); END;
CREATE TRIGGER IF NOT EXISTS receipts_open_day BEFORE INSERT ON receipts WHEN NEW.day <= (SELECT MAX(last_day) FROM closings WHERE programme_no = NEW.programme_no AND period = 'day') BEGIN SELECT RAISE(ABORT, 'the day is closed'); END;
CREATE TRIGGER IF NOT EXISTS entries_open_day BEFORE INSERT ON entries WHEN NEW.day <= (SELECT MAX(last_day) FROM closings WHERE programme_no = NEW.programme_no AND period = 'day') BEGIN SELECT RAISE(ABORT, 'the day is closed'); END;
CREATE TRIGGER IF NOT EXISTS refused_scans_open_day BEFORE INSERT ON refused_scans WHEN NEW.day <= (SELECT MAX(last_day) FROM closings WHERE programme_no = NEW.programme_no AND period = 'day') BEGIN SELECT RAISE(ABORT, 'the day is closed'); END;
CREATE TRIGGER IF NOT EXISTS tree_blocks_keep_update BEFORE UPDATE ON tree_blocks BEGIN SELECT RAISE(ABORT, 'tree_blocks are append-only'); END;
CREATE TRIGGER IF NOT EXISTS tree_blocks_keep_delete BEFORE DELETE ON tree_blocks BEGIN SELECT RAISE(ABORT, 'tree_blocks are append-only'); END;
