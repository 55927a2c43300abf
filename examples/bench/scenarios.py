"""Every scenario at every number of connections, over HTTP, on both engines."""

from contenders import Register
from tables import grouped, medians

# Passes and booklets that a second of all cells may use up.
PASSES_PER_SECOND = 30_000
BOOKLETS_PER_SECOND = 12_000


def run(bench, options, results):
    for engine, database in (("SQLite", None), ("PostgreSQL", "scenarios")):
        register = Register(bench, f"scenarios-{engine}", database)
        results.log(f"preparing {engine}")
        seconds = options.seconds
        register.prepare(PASSES_PER_SECOND * seconds, BOOKLETS_PER_SECOND * seconds)
        rows, _ = register.drive(
            "--scenario", "redeem,hand-out,check,mixed,replay", "--connections", "1,8,64,256", "--seconds", seconds
        )
        for row in rows:
            results.row({"engine": engine, **row})
        results.say(f"{engine}, cells of {seconds} s:\n")
        results.say(medians(grouped(rows, "scenario", "callers"), ["scenario", "connections"]))
        results.say(f"- {register.verify()}\n")
