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
-- What a group adds refers to its receipts, and a redemption to its venue. As foreign keys these would be asked row by row,
-- a fifth of what a group costs; here they are asked once for all the rows of a statement. Receipts cannot go, and neither
-- can what the others refer to, so that nothing is left to watch but what is added.
DO $$
DECLARE
    key record;
BEGIN
    FOR key IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint
        WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
            AND conrelid IN ('receipts'::regclass, 'entries'::regclass, 'receipt_items'::regclass, 'redemptions'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', key.owner, key.conname);
    END LOOP;
END
$$;
CREATE OR REPLACE FUNCTION recepisse_of_programmes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT programme_no FROM added) AS named WHERE NOT EXISTS (SELECT 1 FROM programmes WHERE no = named.programme_no)) THEN
        RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ' of an unknown programme';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION recepisse_of_receipts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT programme_no, position FROM added) AS named WHERE NOT EXISTS (SELECT 1 FROM receipts WHERE receipts.programme_no = named.programme_no AND receipts.position = named.position)) THEN
        RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ' of no receipt';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION recepisse_of_venues() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT venue_id FROM added) AS named WHERE NOT EXISTS (SELECT 1 FROM venues WHERE id = named.venue_id))
        OR EXISTS (SELECT 1 FROM (SELECT DISTINCT provider_id FROM added) AS named WHERE NOT EXISTS (SELECT 1 FROM organisations WHERE id = named.provider_id)) THEN
        RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ' at an unknown venue or of an unknown provider';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER receipts_of_programmes AFTER INSERT ON receipts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recepisse_of_programmes();
CREATE OR REPLACE TRIGGER entries_of_receipts AFTER INSERT ON entries REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recepisse_of_receipts();
CREATE OR REPLACE TRIGGER receipt_items_of_receipts AFTER INSERT ON receipt_items REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recepisse_of_receipts();
CREATE OR REPLACE TRIGGER redemptions_of_programmes AFTER INSERT ON redemptions REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recepisse_of_programmes();
CREATE OR REPLACE TRIGGER redemptions_of_venues AFTER INSERT ON redemptions REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recepisse_of_venues();
CREATE OR REPLACE FUNCTION recepisse_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are never deleted nor renamed', TG_TABLE_NAME;
END
$$;
CREATE OR REPLACE TRIGGER programmes_stay BEFORE DELETE OR TRUNCATE OR UPDATE OF no ON programmes FOR EACH STATEMENT EXECUTE FUNCTION recepisse_never_deleted();
CREATE OR REPLACE TRIGGER organisations_stay BEFORE DELETE OR TRUNCATE OR UPDATE OF id ON organisations FOR EACH STATEMENT EXECUTE FUNCTION recepisse_never_deleted();
CREATE OR REPLACE TRIGGER venues_stay BEFORE DELETE OR TRUNCATE OR UPDATE OF id ON venues FOR EACH STATEMENT EXECUTE FUNCTION recepisse_never_deleted();
