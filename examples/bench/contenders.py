"""Who takes part: each is prepared once, takes a turn in every round, and shows its books at the end."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import books
import machine

PEERS = Path(__file__).parent.parent / "peers"
WARM_UP_SECONDS = 1


def quantile(ordered, per_mille):
    """Exact: every latency is kept."""
    place = -(-len(ordered) * per_mille // 1000) - 1
    return ordered[max(place, 0)] if ordered else 0


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def listens(server, address, log):
    """Waits until the server takes connections."""
    host, port = address.split(":")
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit(f"a server does not start: see {log}")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"a server does not listen: see {log}")


class Bench:
    """Where things are."""

    def __init__(self, folder, target, cluster, peers=None):
        self.folder = Path(folder)
        self.peers = Path(peers) if peers else self.folder / "peers"
        self.client = Path(target) / "examples" / "load"
        self.program = Path(target) / "recepisse"
        self.cluster = cluster
        for built in (self.client, self.program):
            if not built.exists():
                raise SystemExit(f"{built} is missing: cargo build --release --bins --example load")

    def drive(self, *arguments):
        """Runs the load client; the rows and the summary that it wrote."""
        file = self.folder / "client.jsonl"
        file.unlink(missing_ok=True)
        command = [str(self.client), "--json", str(file), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
        *rows, summary = [json.loads(line) for line in file.read_text().splitlines()]
        return rows, summary

    def database_cpu(self):
        return machine.cpu_micros(self.cluster.process)


class Register:
    """A register of ours, which several contenders drive one after the other: in a file, or in a database of the cluster."""

    def __init__(self, bench, name, database=None):
        self.bench = bench
        self.folder = bench.folder / name
        self.database = database
        self.place = ["--data-dir", self.folder, *(["--database", bench.cluster.url(database)] if database else [])]

    def prepare(self, passes, booklets=0, programmes=1):
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.database:
            self.bench.cluster.create(self.database)
        extent = ["--passes", passes, "--booklets", booklets, "--programmes", programmes]
        _, summary = self.bench.drive(*self.place, *extent, "--connections", 1, "--requests", 0, "--no-verify")
        if self.database:
            # As for every other contender: nobody is measured while the server counts what was just loaded.
            self.bench.cluster.sql(self.database, "VACUUM ANALYZE")
        return "; ".join(summary["prepared"])

    def drive(self, *arguments):
        return self.bench.drive(*self.place, "--reuse", "--no-verify", *arguments)

    @contextlib.contextmanager
    def serve(self, *extra):
        """Our server as a process of its own, until the block ends."""
        address = f"127.0.0.1:{free_port()}"
        command = [self.bench.program, "serve", *self.place, "--listen", address, *extra]
        log = open(self.bench.folder / "serve.log", "ab")
        server = subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            listens(server, address, log.name)
            yield server, address
        finally:
            server.terminate()
            server.wait()

    def verify(self):
        command = [str(self.bench.program), "verify", *map(str, self.place)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"verification failed: {done.stdout}{done.stderr}")
        return " ".join(done.stdout.split())


class Ours:
    """Our server on a register, or the engine without HTTP inside the client."""

    def __init__(self, name, register, group=256, by="http"):
        self.name, self.register, self.group, self.by = name, register, group, by
        self.with_database = register.database is not None

    def prepare(self, _passes):
        pass

    def turn(self, connections, seconds):
        bench = self.register.bench
        before = bench.database_cpu() if self.with_database else 0
        rows, summary = self.register.drive(
            "--by", self.by, "--group", self.group, "--connections", connections,
            "--seconds", seconds, "--warm-up", WARM_UP_SECONDS,
        )
        row = rows[0]
        if self.with_database:
            row["database_cpu_micros_each"] = (bench.database_cpu() - before) // max(summary["acknowledged"], 1)
        return row

    def check(self):
        return f"the journal is what was acknowledged in every run; `recepisse verify`: {self.register.verify()}"


class Peer:
    """A server of `examples/peers`."""

    def __init__(self, name, bench, peer_books, command, environment=None):
        self.name, self.bench, self.books = name, bench, peer_books
        self.command, self.environment = command, environment or {}
        self.with_database = isinstance(peer_books, books.PostgresBooks)
        self.acknowledged = self.errors = self.drawn = 0

    def prepare(self, passes):
        self.passes = passes
        self.books.fill(passes)

    def start(self, port):
        log = open(self.bench.folder / f"{self.name.replace(' ', '-')}.log", "ab")
        environment = {**os.environ, **self.environment, "NODE_ENV": "production"}
        server = subprocess.Popen(
            [*map(str, self.command), *self.address(port)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
        )
        listens(server, f"127.0.0.1:{port}", log.name)
        return server

    def address(self, port):
        return [str(port)]

    def turn(self, connections, seconds):
        port = free_port()
        server = self.start(port)
        try:
            before = machine.cpu_micros(server.pid)
            database_before = self.bench.database_cpu() if self.with_database else 0
            rows, summary = self.bench.drive(
                "--data-dir", self.bench.folder / "peer", "--peer", self.passes, "--first", self.drawn,
                "--address", f"127.0.0.1:{port}", "--connections", connections,
                "--seconds", seconds, "--warm-up", WARM_UP_SECONDS,
            )
            row, acknowledged = rows[0], max(summary["acknowledged"], 1)
            row["server_cpu_micros_each"] = (machine.cpu_micros(server.pid) - before) // acknowledged
            row["server_resident_megabytes"] = machine.resident_megabytes(server.pid)
            if self.with_database:
                row["database_cpu_micros_each"] = (self.bench.database_cpu() - database_before) // acknowledged
        finally:
            server.terminate()
            server.wait()
        self.acknowledged += summary["acknowledged"]
        self.errors += summary["errors"]
        self.drawn = summary["drawn"]
        return row

    def check(self):
        return books.check(self.books, self.acknowledged, self.errors, self.passes)


class Gunicorn(Peer):
    def address(self, port):
        return ["--bind", f"127.0.0.1:{port}", "desk:application"]


class Pgbench:
    """A script of pgbench: no server of its own, no HTTP and no authentication, which is to its advantage."""

    clients = 32
    with_database = True

    def __init__(self, name, bench, peer_books, script, set_up=None):
        self.name, self.bench, self.books, self.script, self.set_up = name, bench, peer_books, script, set_up
        self.done = 0

    def prepare(self, passes):
        self.passes = passes
        self.books.fill(passes)
        if self.set_up:
            self.bench.cluster.psql(self.books.database, "-f", self.set_up)

    def run(self, clients, seconds):
        """The latencies in microseconds, sorted, and the processor time of pgbench itself."""
        prefix = self.bench.folder / "pgbench"
        for old in self.bench.folder.glob("pgbench.*"):
            old.unlink()
        cluster = self.bench.cluster
        command = [
            cluster.binaries / "pgbench", "-n", "-M", "prepared", "-c", clients, "-j", min(clients, 2), "-T", seconds,
            "-h", cluster.folder, "-U", "recepisse", "-f", self.script, "-l", f"--log-prefix={prefix}",
            self.books.database,
        ]
        before = os.times()
        done = subprocess.run([*map(str, command)], capture_output=True, text=True)
        after = os.times()
        if done.returncode != 0 or "aborted" in done.stderr:
            raise SystemExit(f"{self.name}: {done.stdout}{done.stderr}")
        counted = int(re.search(r"transactions actually processed: (\d+)", done.stdout).group(1))
        logs = (log.read_text() for log in self.bench.folder.glob("pgbench.*"))
        latencies = sorted(int(line.split()[2]) for log in logs for line in log.splitlines())
        assert len(latencies) == counted, f"{len(latencies)} logged, {counted} counted"
        self.done += counted
        cpu = (after.children_user - before.children_user) + (after.children_system - before.children_system)
        return latencies, round(cpu * 1_000_000)

    def turn(self, _connections, seconds):
        self.run(self.clients, WARM_UP_SECONDS)
        before = self.bench.database_cpu()
        latencies, client_cpu = self.run(self.clients, seconds)
        count = max(len(latencies), 1)
        return {
            "callers": self.clients, "answered": len(latencies), "errors": 0, "per_second": len(latencies) // seconds,
            "p50_micros": quantile(latencies, 500), "p99_micros": quantile(latencies, 990),
            "p999_micros": quantile(latencies, 999), "max_micros": latencies[-1] if latencies else 0,
            "client_cpu_micros_each": client_cpu // count,
            "database_cpu_micros_each": (self.bench.database_cpu() - before) // count,
        }

    def check(self):
        return books.check(self.books, self.done, 0, self.passes)


class Pgledger(Pgbench):
    """Double entry as functions of the database (github.com/pgr0ss/pgledger, whose text is given by the caller): one
    transfer per redemption, from one of ten thousand accounts, so that few meet, to one of twenty. No pass, no
    receipt, no chain, no idempotency key."""

    accounts = 10_000

    def __init__(self, bench, text):
        script = bench.folder / "pgledger-transfer.sql"
        script.write_text(
            f"\\set source random(1, {self.accounts})\n\\set place random(-20, -1)\n"
            "SELECT pgledger_create_transfer(s.id, p.id, 10) FROM accounts s, accounts p "
            "WHERE s.no = :source AND p.no = :place;\n"
        )
        super().__init__("pgledger", bench, books.PostgresBooks(bench.cluster, "pgledger"), script)
        self.text = text

    def prepare(self, _passes):
        cluster, database = self.bench.cluster, self.books.database
        cluster.create(database)
        # What it expects of an extension, at less cost.
        ulid = "CREATE FUNCTION uuid_to_ulid(UUID) RETURNS TEXT LANGUAGE sql AS 'SELECT replace($1::text, ''-'', '''')'"
        cluster.sql(database, ulid)
        cluster.psql(database, "-f", self.text)
        cluster.sql(
            database,
            "CREATE TABLE accounts AS SELECT n AS no, (pgledger_create_account('a', 'EUR')).id AS id "
            f"FROM generate_series(-20, {self.accounts}) AS n; CREATE UNIQUE INDEX ON accounts (no)",
        )
        cluster.sql(database, "VACUUM ANALYZE")

    def check(self):
        one = lambda statement: self.bench.cluster.sql(self.books.database, statement)  # noqa: E731
        transfers = int(one("SELECT count(*) FROM pgledger_transfers"))
        assert transfers == self.done, f"{transfers} transfers, {self.done} acknowledged"
        assert float(one("SELECT sum(balance) FROM pgledger_accounts")) == 0, "balances"
        return f"{transfers} transfers, {self.done} acknowledged, balances sum to nothing"


def installed(bench, name):
    """The peer's folder with its packages, installed once in the folder of the run."""
    folder = bench.peers / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in (PEERS / name).iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    if (folder / "package.json").exists() and not (folder / "node_modules").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    if (folder / "requirements.txt").exists() and not (folder / "venv" / "bin" / "gunicorn").exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        pip = [folder / "venv" / "bin" / "pip", "install", "-q", "-r", folder / "requirements.txt"]
        subprocess.run(pip, check=True)
    return folder


def peers(bench, wanted, pgledger):
    """The peers that are wanted and can run here; why the others cannot."""
    cluster = bench.cluster
    made, skipped = [], []
    if "express" in wanted:
        folder, file = installed(bench, "express"), bench.folder / "express.sqlite"
        command = ["node", folder / "server.js", file]
        made.append(Peer("Express + better-sqlite3", bench, books.SqliteBooks(file), command))
    if "fastify" in wanted:
        folder = installed(bench, "fastify")
        command = ["node", folder / "server.js", f"postgres://recepisse@localhost/fastify?host={cluster.folder}"]
        made.append(Peer("Fastify + pg", bench, books.PostgresBooks(cluster, "fastify"), command))
    if "django" in wanted:
        folder = installed(bench, "django")
        gunicorn = folder / "venv" / "bin" / "gunicorn"
        command = [gunicorn, "--chdir", folder, "-w", 2, "-k", "gthread", "--threads", 8, "--keep-alive", 60]
        environment = {"DESK_DATABASE": f"NAME=django USER=recepisse HOST={cluster.folder}"}
        made.append(Gunicorn("Django REST, gunicorn", bench, books.PostgresBooks(cluster, "django"), command, environment))
    if "pgbench" in wanted:
        chain = PEERS / "pgbench" / "chain.sql"
        made.append(Pgbench("pgbench, one chain", bench, books.PostgresBooks(cluster, "chain"), chain))
        call = bench.folder / "call.sql"
        call.write_text("SELECT redeem();\n")
        function = PEERS / "pgbench" / "function.sql"
        of_function = books.PostgresBooks(cluster, "chain_function")
        made.append(Pgbench("pgbench, one chain, one call", bench, of_function, call, function))
    if "pgledger" in wanted:
        if pgledger and Path(pgledger).exists():
            made.append(Pgledger(bench, pgledger))
        else:
            skipped.append("pgledger: give its pgledger.sql with --pgledger")
    return made, skipped
