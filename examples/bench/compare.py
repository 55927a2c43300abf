"""Ours and the peers in the same rounds: everybody takes a turn in each, in another order each time."""

import sqlite3
import time

import machine
from contenders import Ours, Pgbench, Register, peers, quantile
from tables import grouped, medians, middle, millis, ratios, spread, table

OURS, ONE, ENGINE = "Récépissé, SQLite", "Récépissé, SQLite, group of one", "Récépissé, SQLite, engine only"
OURS_PG, ONE_PG, ENGINE_PG = (name.replace("SQLite", "PostgreSQL") for name in (OURS, ONE, ENGINE))
CHAIN = "pgbench, one chain"
# Pages of the database that one redemption of ours alone in its group puts into the write-ahead log (measured).
PAGES_OF_A_REDEMPTION = 21
PAGE_BYTES = 4096


def ours(bench):
    sqlite = Register(bench, "compare-sqlite")
    postgres = Register(bench, "compare-postgresql", "compare")
    contenders = []
    for register, names in ((sqlite, (OURS, ONE, ENGINE)), (postgres, (OURS_PG, ONE_PG, ENGINE_PG))):
        full, one, engine = names
        contenders += [Ours(full, register), Ours(one, register, group=1), Ours(engine, register, by="two-threads")]
    return contenders, (sqlite, postgres)


def run(bench, options, results):
    contenders, registers = ours(bench)
    for register in registers:
        register.prepare(options.passes)
    others, skipped = peers(bench, options.peers.split(","), options.pgledger)
    for peer in others:
        results.log(f"preparing {peer.name}")
        peer.prepare(options.passes)
    for reason in skipped:
        results.say(f"Left out: {reason}.\n")
    rows = turns(bench, [*contenders, *others], options, results)
    told(rows, options, results)
    for contender in [contenders[0], contenders[3], *others]:
        results.say(f"- {contender.name}: {contender.check()}")
    results.say("")
    latency(bench, registers, others, options, results)


def turns(bench, contenders, options, results):
    rows = []
    for turn in range(1, options.rounds + 1):
        flush = machine.flushes_per_second(bench.folder)
        results.row({"round": turn, "flushes_per_second": flush})
        # Rotated by a third, so that nobody keeps its neighbours' place; even rounds run backwards.
        start = turn * len(contenders) // 3 % len(contenders)
        order = contenders[start:] + contenders[:start]
        for contender in order if turn % 2 else reversed(order):
            row = contender.turn(options.connections, options.seconds)
            row |= {"round": turn, "contender": contender.name, "flushes_per_second": flush}
            rows.append(row)
            results.row(row)
            complaint = f", {row['errors']} errors: {row['complaints'][0]}" if row["errors"] else ""
            results.log(f"{turn} {contender.name}: {row['per_second']}/s, p99 {millis(row['p99_micros'])} ms{complaint}")
            time.sleep(0.5)
    return rows


def told(rows, options, results):
    names = list(dict.fromkeys(row["contender"] for row in rows))
    order = [name for name in (OURS, ONE, ENGINE, OURS_PG, ONE_PG, ENGINE_PG) if name in names]
    order += [name for name in names if name not in order]
    rows.sort(key=lambda row: order.index(row["contender"]))
    results.say(
        f"{options.rounds} rounds of {options.seconds} s, {options.connections} connections (pgbench: "
        f"{Pgbench.clients} clients); middle values of the rounds. Flushes of 4 KiB per second before each round: "
        f"{', '.join(str(row['flushes_per_second']) for (row, *_) in grouped(rows, 'round').values())}.\n"
    )
    results.say(medians(grouped(rows, "contender"), ["contender"]))
    peers_of = lambda mine: [  # noqa: E731
        (mine, name) for name in order[6:] if ("Express" in name) == (mine == OURS)
    ]
    on_sqlite, on_postgres = peers_of(OURS), peers_of(OURS_PG)
    pairs = [(OURS, ONE), (OURS, ENGINE), *on_sqlite, (OURS_PG, ONE_PG), (OURS_PG, ENGINE_PG), *on_postgres]
    results.say(ratios(rows, "contender", pairs))
    results.say(ratios(rows, "contender", [*on_sqlite, *on_postgres], measure="p99_micros"))
    results.say(ratios(rows, "contender", [*on_sqlite, *on_postgres], measure="server_cpu_micros_each"))


class OneCommit:
    """One bare transaction on SQLite that changes as many pages as a redemption of ours, and nothing else."""

    def __init__(self, folder):
        path = folder / "one-commit.sqlite"
        for suffix in ("", "-wal", "-shm"):
            (folder / f"one-commit.sqlite{suffix}").unlink(missing_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("CREATE TABLE pages (id INTEGER PRIMARY KEY, filler BLOB)")
        filler = bytes(PAGE_BYTES - 200)
        self.db.execute("BEGIN")
        self.db.executemany("INSERT INTO pages VALUES (?, ?)", ((number, filler) for number in range(20_000)))
        self.db.execute("COMMIT")

    def latencies(self, seconds):
        """In microseconds, sorted."""
        found, place, end = [], 0, time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.perf_counter_ns()
            # Other bytes each time: SQLite does not write a page that it finds as it should be.
            filler = began.to_bytes(8, "big") + bytes(PAGE_BYTES - 208)
            self.db.execute("BEGIN IMMEDIATE")
            for _ in range(PAGES_OF_A_REDEMPTION):
                place = (place + 7_919) % 20_000
                self.db.execute("UPDATE pages SET filler = ? WHERE id = ?", (filler, place))
            self.db.execute("COMMIT")
            found.append((time.perf_counter_ns() - began) // 1_000)
        return sorted(found)


def latency(bench, registers, others, options, results):
    """One connection, in turns: ours, one commit of about the same size, and the same redemption as pgbench writes it in one
    transaction of plain statements, when that is among the others."""
    plain = next((other for other in others if other.name == CHAIN), None)
    sqlite, postgres = registers
    one_commit = OneCommit(bench.folder)
    script = bench.folder / "one-insert.sql"
    script.write_text("INSERT INTO commits (filler) VALUES (repeat('x', 6000));\n")
    bench.cluster.create("commits")
    bench.cluster.sql(
        "commits",
        "CREATE TABLE commits (no BIGSERIAL PRIMARY KEY, filler TEXT); ALTER TABLE commits ALTER filler SET STORAGE PLAIN",
    )

    class OneInsert(Pgbench):
        clients = 1

    class Database:
        database = "commits"

    one_insert = OneInsert("one commit", bench, Database(), script)
    rows = []

    def note(turn, name, row):
        row |= {"round": turn, "contender": name}
        rows.append(row)
        results.row(row)

    def measured(turn, name, found):
        quantiles = {"p50_micros": quantile(found, 500), "p99_micros": quantile(found, 990)}
        note(turn, name, {**quantiles, "per_second": len(found) // options.seconds})

    for turn in range(1, options.rounds + 1):
        for name, register in ((OURS, sqlite), (OURS_PG, postgres)):
            note(turn, name, Ours(name, register).turn(1, options.seconds))
            found = one_commit.latencies(options.seconds) if register is sqlite else one_insert.run(1, options.seconds)[0]
            kind = f"one bare commit of {PAGES_OF_A_REDEMPTION} pages, SQLite" if register is sqlite else "one bare commit, PostgreSQL"
            measured(turn, kind, found)
        if plain:
            measured(turn, f"{CHAIN}, PostgreSQL", plain.run(1, options.seconds)[0])
    results.say("One connection, beside one commit:\n")
    lines = [
        [name, middle([row["per_second"] for row in of]), *(millis(middle([row[q] for row in of])) for q in ("p50_micros", "p99_micros"))]
        for (name,), of in grouped(rows, "contender").items()
    ]
    results.say(table(["what", "per second", "p50 ms", "p99 ms"], lines))
    by = grouped(rows, "contender")
    names = [name for (name,) in by]
    pairs = [(names[0], names[1]), *((names[2], other) for other in names[3:])]
    for mine, bare in pairs:
        for q in ("p50_micros", "p99_micros"):
            values = [one[q] / other[q] for one, other in zip(by[(mine,)], by[(bare,)])]
            results.say(f"- {mine} / {bare}, {q.split('_')[0]}: {spread(values)}")
    results.say("")
