-- A receipt is never changed nor deleted. Applied at every start; running it again changes nothing.
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
