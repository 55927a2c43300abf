"""The books of the peers: filled before a run, and checked afterwards against what was acknowledged. The chain is
recomputed here from the stored text, with none of the peer's code."""

import csv
import hashlib
import hmac
import io
import json
import sqlite3
from pathlib import Path

SCHEMA = Path(__file__).parent.parent / "peers" / "schema.sql"
CODE_KEY = b"peers store codes under this key"
PLACES = 20
PASSES_OF_A_BOOKLET = 10
FACE_CENTS = 1_000
SERVICES = "aide_aux_demarches_administratives,acces_libre,formation"


def code(number):
    """What is printed on the pass with this number, as the load client knows it."""
    digits = hashlib.sha256(f"pass {number}".encode()).hexdigest()[:16].upper()
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def passes(count):
    """Rows of the table of passes."""
    for number in range(1, count + 1):
        digest = hmac.new(CODE_KEY, code(number).encode(), hashlib.sha256).hexdigest()
        yield number, (number - 1) // PASSES_OF_A_BOOKLET + 1, digest, "circulation"


def booklets(count):
    for number in range(1, count // PASSES_OF_A_BOOKLET + 1):
        yield number, PASSES_OF_A_BOOKLET


def reference(count):
    """The few rows that are there before any pass."""
    places = [f"{number:012}" for number in range(1, PLACES + 1)]
    yield "venues", [(f"a0000000-0000-4000-8000-{place}", f"provider:{int(place)}", SERVICES, True) for place in places]
    agents = [(f"b0000000-0000-4000-8000-{place}", f"a0000000-0000-4000-8000-{place}", True) for place in places]
    yield "users", agents
    yield "journals", [(1, 0, "0" * 64)]
    providers = [(f"provider:{int(place)}", 0, 0) for place in places]
    yield "balances", [("circulation", count, count * FACE_CENTS), *providers]


class SqliteBooks:
    def __init__(self, path):
        self.path = path

    def fill(self, count):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        with sqlite3.connect(self.path) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(SCHEMA.read_text())
            for table, rows in [*reference(count), ("booklets", booklets(count)), ("passes", passes(count))]:
                rows = iter(rows)
                first = next(rows)
                insert = f"INSERT INTO {table} VALUES ({','.join('?' * len(first))})"
                db.execute(insert, first)
                db.executemany(insert, rows)
        db.close()

    def rows(self, statement):
        db = sqlite3.connect(self.path)
        yield from db.execute(statement)
        db.close()


class PostgresBooks:
    def __init__(self, cluster, database):
        self.cluster = cluster
        self.database = database

    def fill(self, count):
        self.cluster.create(self.database)
        self.cluster.psql(self.database, "-f", SCHEMA)
        for table, rows in [*reference(count), ("booklets", booklets(count)), ("passes", passes(count))]:
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            self.cluster.psql(self.database, "-c", f"COPY {table} FROM STDIN (FORMAT csv)", text=text.getvalue())
        self.cluster.sql(self.database, "VACUUM ANALYZE")

    def rows(self, statement):
        text = self.cluster.psql(self.database, "-c", f"COPY ({statement}) TO STDOUT (FORMAT csv)")
        yield from csv.reader(io.StringIO(text))


def check(books, acknowledged, errors, total):
    """Raises unless the books hold exactly what was acknowledged (and, where answers were lost, what they were for)."""
    previous, count = "0" * 64, 0
    for position, body, digest in books.rows("SELECT position, body, hash FROM receipts ORDER BY position"):
        count += 1
        assert int(position) == count, f"position {position} where {count} was due"
        assert hashlib.sha256(body.encode()).hexdigest() == digest, f"receipt {position} does not hash to its hash"
        assert json.loads(body)["prev"] == previous, f"receipt {position} does not follow the one before"
        previous = digest
    [(position, head)] = books.rows("SELECT position, head FROM journals")
    assert (int(position), head) == (count, previous), "the journal is not at the last receipt"
    assert acknowledged <= count <= acknowledged + errors, f"{count} receipts, {acknowledged} acknowledged"
    one = lambda statement: int(next(iter(books.rows(statement)))[0] or 0)  # noqa: E731
    assert one("SELECT count(*) FROM passes WHERE holder <> 'circulation'") == count, "passes"
    assert one("SELECT sum(passes_left) FROM booklets") == total - count, "booklets"
    assert one("SELECT passes FROM balances WHERE holder = 'circulation'") == total - count, "balance of circulation"
    assert one("SELECT sum(passes) FROM balances") == total, "balances"
    assert one("SELECT sum(value_cents) FROM balances") == total * FACE_CENTS, "values"
    assert one("SELECT sum(passes) FROM entries") == count, "entries"
    assert one("SELECT count(*) FROM replies") == count, "replies"
    return f"{count} receipts, {acknowledged} acknowledged, chain and balances hold"
