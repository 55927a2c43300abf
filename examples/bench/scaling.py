"""Past one process: two instances on one PostgreSQL, two programmes, reports on a streaming replica."""

import json
import subprocess
import threading

import machine
from cluster import Cluster
from contenders import Register
from tables import grouped, medians, ratios, table

CONNECTIONS = (64, 256)


def run(bench, options, results):
    instances(bench, options, results)
    replica(bench, options, results)


def instances(bench, options, results):
    """One and two instances, one and two programmes, in turns."""
    registers = {}
    for programmes in (1, 2):
        name = f"scaling_{programmes}"
        registers[programmes] = Register(bench, name, name)
        registers[programmes].prepare(options.passes, programmes=programmes)
    size_before = size(bench, 1)
    cells = [(programmes, count) for programmes in (1, 2) for count in (1, 2)]
    rows = []
    for turn in range(1, options.rounds + 1):
        for programmes, count in cells if turn % 2 else cells[::-1]:
            for connections in CONNECTIONS:
                before = bench.database_cpu()
                [row], summary = registers[programmes].drive(
                    "--instances", count, "--connections", connections, "--seconds", options.seconds, "--warm-up", 1
                )
                row["database_cpu_micros_each"] = (bench.database_cpu() - before) // max(summary["acknowledged"], 1)
                cell = f"{connections} connections: {programmes} programme(s), {count} instance(s)"
                row |= {"round": turn, "cell": cell, "acknowledged": summary["acknowledged"]}
                rows.append(row)
                results.row(row)
                results.log(f"{turn} {cell}: {row['per_second']}/s")
    rows.sort(key=lambda row: (row["callers"], row["programmes"], row["instances"]))
    results.say("Instances and programmes on one PostgreSQL, all on the same cores:\n")
    results.say(medians(grouped(rows, "callers", "programmes", "instances"), ["connections", "programmes", "instances"]))
    names = list(grouped(rows, "cell"))
    by_connections = [[name for (name,) in names if name.startswith(f"{connections} ")] for connections in CONNECTIONS]
    pairs = [(other, first) for first, *others in by_connections for other in others]
    results.say(ratios(rows, "cell", pairs))
    grown = size(bench, 1) - size_before
    redeemed = sum(row["acknowledged"] for row in rows if row["programmes"] == 1)
    results.say(f"- the database grew by {grown // max(redeemed, 1):,} bytes each redemption, indexes included")
    for register in registers.values():
        results.say(f"- {register.verify()}")


def size(bench, programmes):
    """Bytes of the database once the log is written back."""
    return int(bench.cluster.sql(f"scaling_{programmes}", f"SELECT pg_database_size('scaling_{programmes}')"))


def replica(bench, options, results):
    """Redemptions while one reader asks for the use account without a pause: on the primary, on a replica, not at all."""
    said = subprocess.run([bench.program, "serve", "--help"], capture_output=True, text=True).stdout
    if "--read-database" not in said:
        results.say("Left out: this build has no `--read-database`.\n")
        return
    name = "scaling_replica"
    register = Register(bench, name, name)
    register.prepare(options.passes)
    copy = Cluster().start(copy_of=bench.cluster)
    rows = []
    try:
        ways = {
            "no reports": [],
            "reports from the primary": [],
            "reports from a replica": ["--read-database", copy.url(name)],
        }
        for turn in range(1, options.rounds + 1):
            for way in list(ways) if turn % 2 else list(ways)[::-1]:
                with register.serve(*ways[way]) as (server, address):
                    drive = ["--address", address, "--seconds", options.seconds]
                    before = bench.database_cpu()
                    reader = Reader(bench, register, address, options.seconds if way != "no reports" else 0)
                    [row], summary = register.drive(*drive, "--connections", CONNECTIONS[0])
                    row["database_cpu_micros_each"] = (bench.database_cpu() - before) // max(summary["acknowledged"], 1)
                    row["server_resident_megabytes"] = machine.resident_megabytes(server.pid)
                    reader.join()
                row |= {"round": turn, "way": way, "reports": reader.answered, "report_p50_micros": reader.p50_micros}
                rows.append(row)
                results.row(row)
                results.log(f"{turn} {way}: {row['per_second']}/s, {reader.answered} reports")
    finally:
        copy.stop()
    results.say("\nRedemptions while one reader asks for the use account, one after the other:\n")
    results.say(medians(grouped(rows, "way"), ["way"]))
    lines = [[way, *(f"{row['reports']} ({row['report_p50_micros'] / 1000:.1f} ms)" for row in of)] for (way,), of in grouped(rows, "way").items()]
    results.say(table(["reports in each round (middle latency)", *map(str, range(1, options.rounds + 1))], lines))
    from_replica = "reports from a replica"
    results.say(ratios(rows, "way", [(from_replica, "no reports"), (from_replica, "reports from the primary")]))


class Reader(threading.Thread):
    """Asks for reports beside the load, with a client of its own."""

    def __init__(self, bench, register, address, seconds):
        super().__init__()
        self.answered = self.p50_micros = 0
        file = bench.folder / "reports.jsonl"
        file.unlink(missing_ok=True)
        self.command = [
            bench.client, "--json", file, *register.place, "--reuse", "--beside", "--scenario", "report",
            "--connections", 1, "--seconds", seconds, "--address", address,
        ]
        self.file = file
        if seconds:
            self.start()

    def join(self, timeout=None):
        if self.ident is not None:
            super().join(timeout)

    def run(self):
        done = subprocess.run([*map(str, self.command)], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"reports: {done.stdout}{done.stderr}")
        row = json.loads(self.file.read_text().splitlines()[0])
        self.answered, self.p50_micros = row["answered"], row["p50_micros"]
