"""How cost grows with the register: the same redemptions on registers of several sizes, in turns."""

from pathlib import Path

from cluster import Cluster
from contenders import Bench, Register
from tables import grouped, medians, middle, table

CONNECTIONS = (64, 1)


def run(bench, options, results):
    sizes = [int(size) for size in options.sizes.split(",")]
    keep = Path(options.keep or options.out / "registers")
    keep.mkdir(parents=True, exist_ok=True)
    for engine in options.growth_engines.split(","):
        if engine == "sqlite":
            grow(Kept(keep, bench), engine, sizes, options, results)
        else:
            with Cluster(keep / "postgresql") as cluster:
                grow(Kept(keep, bench, cluster), engine, sizes, options, results)


class Kept(Bench):
    """The registers stay in their folder, so that a large one is loaded once."""

    def __init__(self, folder, bench, cluster=None):
        super().__init__(folder, bench.client.parent.parent, cluster)

    def register(self, engine, size, results):
        name = f"{engine}_{size}"
        register = Register(self, name, name if self.cluster is not None else None)
        if not (register.folder / "register.json").exists():
            results.say(f"- {engine}: {register.prepare(size)}")
        return register


def grow(kept, engine, sizes, options, results):
    registers = {size: kept.register(engine, size, results) for size in sizes}
    rows = []
    for turn in range(1, options.rounds + 1):
        order = sizes if turn % 2 else sizes[::-1]
        for size in order:
            for connections in CONNECTIONS:
                [row], _ = registers[size].drive(
                    "--connections", connections, "--seconds", options.seconds, "--warm-up", 1
                )
                row |= {"engine": engine, "round": turn, "passes": size}
                rows.append(row)
                results.row(row)
                results.log(f"{turn} {engine} {size:,} passes, {connections}: {row['per_second']}/s")
    rows.sort(key=lambda row: (-row["callers"], row["passes"]))
    results.say(f"\n{engine}, {options.rounds} rounds of {options.seconds} s, middle values:\n")
    results.say(medians(grouped(rows, "callers", "passes"), ["connections", "passes"]))
    lines = []
    for (connections,), of in grouped(rows, "callers").items():
        for measure in ("per_second", "p50_micros", "p99_micros"):
            values = [middle([row[measure] for row in of if row["passes"] == size]) for size in sizes]
            lines.append([connections, measure, *(f"{value / max(values[0], 1):.2f}" for value in values)])
    results.say(table(["connections", "relative to the smallest", *(f"{size:,}" for size in sizes)], lines))
