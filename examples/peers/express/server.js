'use strict';
// A redemption desk on Express and SQLite, as a small team would build it: one process, one database file, one
// transaction for each redemption, every commit flushed to disk. Arguments: database file, port.

const crypto = require('node:crypto');
const Database = require('better-sqlite3');
const express = require('express');
const jwt = require('jsonwebtoken');

const SECRET = 'the load client and its peers share this secret';
const CODE_KEY = 'peers store codes under this key';
const FACE_CENTS = 1000;
const [file, port] = process.argv.slice(2);

const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.pragma('foreign_keys = ON');

const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');
const codeMac = (code) => crypto.createHmac('sha256', CODE_KEY).update(code).digest('hex');

const sql = {
  reply: db.prepare('SELECT fingerprint, body FROM replies WHERE key_digest = ?'),
  venue: db.prepare(
    'SELECT v.holder, v.services FROM venues v JOIN users u ON u.venue_id = v.id WHERE v.id = ? AND u.id = ? AND v.approved AND u.active',
  ),
  journal: db.prepare('SELECT position, head FROM journals WHERE no = 1'),
  takePass: db.prepare(
    "UPDATE passes SET holder = ? WHERE code_mac = ? AND holder = 'circulation' RETURNING id, booklet_id",
  ),
  passKnown: db.prepare('SELECT 1 FROM passes WHERE code_mac = ?'),
  takeFromBooklet: db.prepare('UPDATE booklets SET passes_left = passes_left - 1 WHERE id = ?'),
  receipt: db.prepare('INSERT INTO receipts (position, number, body, hash) VALUES (?, ?, ?, ?)'),
  entry: db.prepare(
    'INSERT INTO entries (position, line, from_holder, to_holder, passes, value_cents) VALUES (?, 1, ?, ?, 1, ?)',
  ),
  balance: db.prepare('UPDATE balances SET passes = passes + ?, value_cents = value_cents + ? WHERE holder = ?'),
  keep: db.prepare('INSERT INTO replies (key_digest, fingerprint, body) VALUES (?, ?, ?)'),
  advance: db.prepare('UPDATE journals SET position = ?, head = ? WHERE no = 1 AND position = ?'),
};

class Refusal extends Error {
  constructor(status, code) {
    super(code);
    this.status = status;
  }
}

const redeem = db.transaction((user, key, fingerprint, ask) => {
  const known = sql.reply.get(key);
  if (known) {
    if (known.fingerprint !== fingerprint) throw new Refusal(422, 'idempotency_key_reused');
    return { body: known.body, replayed: true };
  }
  const venue = sql.venue.get(ask.venue_id, user);
  if (!venue) throw new Refusal(403, 'venue_not_yours');
  if (!venue.services.split(',').includes(ask.service)) throw new Refusal(422, 'service_not_offered');
  const mac = codeMac(ask.codes[0]);
  const pass = sql.takePass.get(venue.holder, mac);
  if (!pass) throw sql.passKnown.get(mac) ? new Refusal(409, 'already_redeemed') : new Refusal(404, 'code_unknown');
  sql.takeFromBooklet.run(pass.booklet_id);
  const { position: before, head } = sql.journal.get();
  const position = before + 1;
  const number = `LOAD1-${String(position).padStart(8, '0')}`;
  const sealed = JSON.stringify({
    at: new Date().toISOString(), from: 'circulation', kind: 'redemption', number, pass: pass.id, passes: 1,
    performed_on: ask.performed_on, position, prev: head, service: ask.service, to: venue.holder,
    value_cents: FACE_CENTS, venue: ask.venue_id,
  });
  const hash = sha256(sealed);
  sql.receipt.run(position, number, sealed, hash);
  sql.entry.run(position, 'circulation', venue.holder, FACE_CENTS);
  sql.balance.run(-1, -FACE_CENTS, 'circulation');
  sql.balance.run(1, FACE_CENTS, venue.holder);
  const body = `{"receipt":{"hash":"${hash}",${sealed.slice(1)}}`;
  sql.keep.run(key, fingerprint, body);
  if (sql.advance.run(position, hash, before).changes !== 1) throw new Error('the journal has moved');
  return { body, replayed: false };
});

function caller(request) {
  const [scheme, token] = (request.get('authorization') ?? '').split(' ');
  if (scheme !== 'Bearer') throw new Refusal(401, 'token_missing');
  try {
    return jwt.verify(token, SECRET, { algorithms: ['HS256'] }).sub;
  } catch {
    throw new Refusal(401, 'token_invalid');
  }
}

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '64kb' }));
app.post('/api/v1/programmes/LOAD1/redemptions', (request, response) => {
  const user = caller(request);
  const key = request.get('idempotency-key');
  const ask = request.body;
  if (!key) throw new Refusal(400, 'idempotency_key_missing');
  if (!Array.isArray(ask?.codes) || ask.codes.length !== 1 || typeof ask.codes[0] !== 'string')
    throw new Refusal(422, 'codes_malformed');
  const { body, replayed } = redeem.immediate(user, sha256(`${user} ${key}`), sha256(JSON.stringify(ask)), ask);
  if (replayed) response.set('Idempotent-Replay', 'true');
  response.status(201).type('application/json').send(body);
});
app.use((error, _request, response, _next) => {
  response.status(error.status ?? 500).json({ code: error.status ? error.message : 'internal' });
});
app.listen(Number(port), '127.0.0.1');
