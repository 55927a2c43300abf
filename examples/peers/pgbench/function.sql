-- The same in one call, so that the head of the chain is held for one round trip only: the least that one transaction
-- per redemption can cost. Loaded once; pgbench runs `SELECT redeem();`.
CREATE OR REPLACE FUNCTION redeem() RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    next_position BIGINT;
    prev TEXT;
    place TEXT;
    sealed TEXT;
    digest TEXT;
BEGIN
    SELECT position + 1, head INTO next_position, prev FROM journals WHERE no = 1 FOR UPDATE;
    place := 'provider:' || 1 + next_position % 20;
    UPDATE passes SET holder = place WHERE id = next_position AND holder = 'circulation';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'pass % is not in circulation', next_position;
    END IF;
    UPDATE booklets SET passes_left = passes_left - 1 WHERE id = (next_position - 1) / 10 + 1;
    sealed := '{"at":"' || now() || '","from":"circulation","kind":"redemption","number":"LOAD1-' || next_position
        || '","pass":' || next_position || ',"passes":1,"performed_on":"2026-01-01","position":' || next_position
        || ',"prev":"' || prev || '","service":"aide_aux_demarches_administratives","to":"' || place
        || '","value_cents":1000,"venue":"a0000000-0000-4000-8000-000000000001"}';
    digest := encode(sha256(sealed::bytea), 'hex');
    INSERT INTO receipts (position, number, body, hash)
    VALUES (next_position, 'LOAD1-' || next_position, sealed, digest);
    INSERT INTO entries (position, line, from_holder, to_holder, passes, value_cents)
    VALUES (next_position, 1, 'circulation', place, 1, 1000);
    UPDATE balances SET passes = passes - 1, value_cents = value_cents - 1000 WHERE holder = 'circulation';
    UPDATE balances SET passes = passes + 1, value_cents = value_cents + 1000 WHERE holder = place;
    INSERT INTO replies (key_digest, fingerprint, body)
    VALUES (encode(sha256(('key ' || next_position)::bytea), 'hex'), '-', '-');
    UPDATE journals SET position = next_position, head = digest WHERE no = 1;
    RETURN next_position;
END
$$;
