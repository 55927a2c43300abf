-- One redemption, one transaction, on one chain, as an application would send it (pgbench -M prepared -f chain.sql).
-- The pass is the next one in order, so that nobody loses a race; everything else is what the other peers do.
BEGIN;
SELECT position + 1 AS next_position, head AS prev FROM journals WHERE no = 1 FOR UPDATE \gset
\set venue 1 + :next_position % 20
UPDATE passes SET holder = 'provider:' || :venue::text WHERE id = :next_position::bigint AND holder = 'circulation';
UPDATE booklets SET passes_left = passes_left - 1 WHERE id = (:next_position::bigint - 1) / 10 + 1;
INSERT INTO receipts (position, number, body, hash)
SELECT :next_position::bigint, 'LOAD1-' || :next_position::text, sealed, encode(sha256(sealed::bytea), 'hex')
FROM (SELECT '{"at":"' || now()::text || '","from":"circulation","kind":"redemption","number":"LOAD1-'
    || :next_position::text || '","pass":' || :next_position::text || ',"passes":1,"performed_on":"2026-01-01","position":'
    || :next_position::text || ',"prev":"' || :prev::text || '","service":"aide_aux_demarches_administratives","to":"provider:'
    || :venue::text || '","value_cents":1000,"venue":"a0000000-0000-4000-8000-000000000001"}' AS sealed) AS bytes
RETURNING hash AS next_head \gset
INSERT INTO entries (position, line, from_holder, to_holder, passes, value_cents)
VALUES (:next_position::bigint, 1, 'circulation', 'provider:' || :venue::text, 1, 1000);
UPDATE balances SET passes = passes - 1, value_cents = value_cents - 1000 WHERE holder = 'circulation';
UPDATE balances SET passes = passes + 1, value_cents = value_cents + 1000 WHERE holder = 'provider:' || :venue::text;
INSERT INTO replies (key_digest, fingerprint, body)
VALUES (encode(sha256(('key ' || :next_position::text)::bytea), 'hex'), '-', '-');
UPDATE journals SET position = :next_position::bigint, head = :next_head::text WHERE no = 1;
COMMIT;
