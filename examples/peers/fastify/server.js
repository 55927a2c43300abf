'use strict';
// A redemption desk on Fastify and PostgreSQL, as a small team would build it: a pool of ten connections, one
// transaction for each redemption, the head of the chain locked. Arguments: connection string, port.

const crypto = require('node:crypto');
const fastify = require('fastify');
const jwt = require('jsonwebtoken');
const { Pool } = require('pg');

const SECRET = 'the load client and its peers share this secret';
const CODE_KEY = 'peers store codes under this key';
const FACE_CENTS = 1000;
const [connectionString, port] = process.argv.slice(2);
const pool = new Pool({ connectionString, max: 10 });

const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');
const codeMac = (code) => crypto.createHmac('sha256', CODE_KEY).update(code).digest('hex');

// Named, so that each connection prepares it once.
const SQL = {
  reply: 'SELECT fingerprint, body FROM replies WHERE key_digest = $1',
  venue:
    'SELECT v.holder, v.services FROM venues v JOIN users u ON u.venue_id = v.id WHERE v.id = $1 AND u.id = $2 AND v.approved AND u.active',
  lock: 'SELECT position, head FROM journals WHERE no = 1 FOR UPDATE',
  takePass: "UPDATE passes SET holder = $1 WHERE code_mac = $2 AND holder = 'circulation' RETURNING id, booklet_id",
  passKnown: 'SELECT 1 FROM passes WHERE code_mac = $1',
  takeFromBooklet: 'UPDATE booklets SET passes_left = passes_left - 1 WHERE id = $1',
  receipt: 'INSERT INTO receipts (position, number, body, hash) VALUES ($1, $2, $3, $4)',
  entry:
    'INSERT INTO entries (position, line, from_holder, to_holder, passes, value_cents) VALUES ($1, 1, $2, $3, 1, $4)',
  balance: 'UPDATE balances SET passes = passes + $1, value_cents = value_cents + $2 WHERE holder = $3',
  keep: 'INSERT INTO replies (key_digest, fingerprint, body) VALUES ($1, $2, $3)',
  advance: 'UPDATE journals SET position = $1, head = $2 WHERE no = 1 AND position = $3',
};

class Refusal extends Error {
  constructor(status, code) {
    super(code);
    this.status = status;
  }
}

async function redeem(client, user, key, fingerprint, ask) {
  const run = async (name, ...values) => (await client.query({ name, text: SQL[name], values })).rows[0];
  const known = await run('reply', key);
  if (known) {
    if (known.fingerprint !== fingerprint) throw new Refusal(422, 'idempotency_key_reused');
    return { body: known.body, replayed: true };
  }
  const venue = await run('venue', ask.venue_id, user);
  if (!venue) throw new Refusal(403, 'venue_not_yours');
  if (!venue.services.split(',').includes(ask.service)) throw new Refusal(422, 'service_not_offered');
  const mac = codeMac(ask.codes[0]);
  const pass = await run('takePass', venue.holder, mac);
  if (!pass) {
    throw (await run('passKnown', mac)) ? new Refusal(409, 'already_redeemed') : new Refusal(404, 'code_unknown');
  }
  await run('takeFromBooklet', pass.booklet_id);
  const { position: before, head } = await run('lock');
  const position = Number(before) + 1;
  const number = `LOAD1-${String(position).padStart(8, '0')}`;
  const sealed = JSON.stringify({
    at: new Date().toISOString(), from: 'circulation', kind: 'redemption', number, pass: Number(pass.id), passes: 1,
    performed_on: ask.performed_on, position, prev: head, service: ask.service, to: venue.holder,
    value_cents: FACE_CENTS, venue: ask.venue_id,
  });
  const hash = sha256(sealed);
  await run('receipt', position, number, sealed, hash);
  await run('entry', position, 'circulation', venue.holder, FACE_CENTS);
  await run('balance', -1, -FACE_CENTS, 'circulation');
  await run('balance', 1, FACE_CENTS, venue.holder);
  const body = `{"receipt":{"hash":"${hash}",${sealed.slice(1)}}`;
  await run('keep', key, fingerprint, body);
  await run('advance', position, hash, before);
  return { body, replayed: false };
}

async function inTransaction(work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const answer = await work(client);
    await client.query('COMMIT');
    return answer;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

function caller(request) {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme !== 'Bearer') throw new Refusal(401, 'token_missing');
  try {
    return jwt.verify(token, SECRET, { algorithms: ['HS256'] }).sub;
  } catch {
    throw new Refusal(401, 'token_invalid');
  }
}

const app = fastify({ bodyLimit: 65536 });
app.post('/api/v1/programmes/LOAD1/redemptions', async (request, reply) => {
  const user = caller(request);
  const key = request.headers['idempotency-key'];
  const ask = request.body;
  if (!key) throw new Refusal(400, 'idempotency_key_missing');
  if (!Array.isArray(ask?.codes) || ask.codes.length !== 1 || typeof ask.codes[0] !== 'string')
    throw new Refusal(422, 'codes_malformed');
  const digests = [sha256(`${user} ${key}`), sha256(JSON.stringify(ask))];
  const { body, replayed } = await inTransaction((client) => redeem(client, user, ...digests, ask));
  if (replayed) reply.header('Idempotent-Replay', 'true');
  return reply.code(201).type('application/json').send(body);
});
app.setErrorHandler((error, _request, reply) => {
  const status = error.status ?? error.statusCode ?? 500;
  return reply.code(status).send({ code: status < 500 ? error.message : 'internal' });
});
app.listen({ port: Number(port), host: '127.0.0.1' });
