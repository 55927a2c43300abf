-- A receipt is never changed nor deleted, nor what was looked at, and no receipt enters a day that is closed. Applied at
-- every start; running it again changes nothing.
CREATE OR REPLACE FUNCTION recepisse_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are append-only', TG_TABLE_NAME;
END
$$;
CREATE OR REPLACE TRIGGER receipts_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON receipts FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
CREATE OR REPLACE TRIGGER entries_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
CREATE OR REPLACE TRIGGER receipt_items_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt_items FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
CREATE OR REPLACE TRIGGER seals_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON seals FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
CREATE OR REPLACE TRIGGER refused_scans_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON refused_scans FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
CREATE OR REPLACE TRIGGER refused_hand_outs_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON refused_hand_outs FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
CREATE OR REPLACE TRIGGER closings_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON closings FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
CREATE OR REPLACE TRIGGER accesses_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON accesses FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
CREATE OR REPLACE FUNCTION recepisse_open_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added WHERE day <= (SELECT MAX(last_day) FROM closings WHERE closings.programme_no = added.programme_no AND period = 'day')) THEN
        RAISE EXCEPTION 'the day is closed';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER receipts_open_day AFTER INSERT ON receipts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recepisse_open_day();
CREATE OR REPLACE TRIGGER entries_open_day AFTER INSERT ON entries REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recepisse_open_day();
CREATE OR REPLACE TRIGGER refused_scans_open_day AFTER INSERT ON refused_scans REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recepisse_open_day();
CREATE OR REPLACE TRIGGER refused_hand_outs_open_day AFTER INSERT ON refused_hand_outs REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recepisse_open_day();
CREATE OR REPLACE TRIGGER tree_blocks_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON tree_blocks FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
CREATE OR REPLACE TRIGGER place_revisions_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON place_revisions FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
CREATE OR REPLACE TRIGGER place_decisions_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON place_decisions FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
CREATE OR REPLACE TRIGGER place_changes_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON place_changes FOR EACH STATEMENT EXECUTE FUNCTION recepisse_append_only();
