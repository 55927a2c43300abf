#!/usr/bin/env python3
"""One command for all measurements: raw results and Markdown tables in a folder. See README.md beside this file.

    cargo build --release --bins --example load
    python3 examples/bench/run.py all --out /tmp/bench-results

Standard library only. What never lives here: how one thing is measured."""

import argparse
import json
import signal
import sys
import time
from pathlib import Path

import compare
import growth
import machine
import profile_server
import scaling
import scenarios
from cluster import Cluster
from contenders import Bench

PARTS = {
    "compare": compare.run,
    "scenarios": scenarios.run,
    "growth": growth.run,
    "scaling": scaling.run,
    "profile": profile_server.run,
}


DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "SCALING.md"


def put_into(document, name, text):
    """Replaces what stands between the part's two marks."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = document.read_text().split(begin)
    document.write_text(f"{before}{begin}\n{text.strip()}\n{end}{rest.split(end)[1]}")


class Results:
    """Raw rows and tables, written as they come: a run that is cut short leaves what it had."""

    def __init__(self, folder, part):
        self.raw = open(folder / f"{part}.jsonl", "w", encoding="utf-8")
        self.text = open(folder / f"{part}.md", "w", encoding="utf-8")
        self.told = ""

    def row(self, row):
        print(json.dumps(row, ensure_ascii=False), file=self.raw, flush=True)

    def say(self, text):
        print(text, flush=True)
        print(text, file=self.text, flush=True)
        self.told += f"{text}\n"

    def log(self, text):
        print(f"  [{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["all", *PARTS])
    parser.add_argument("--out", type=Path, required=True, help="folder of the results and of all data")
    parser.add_argument("--target", type=Path, default=Path("target/release"), help="folder of the built programs")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="length of one cell")
    parser.add_argument("--connections", type=int, default=64, help="for the comparison")
    parser.add_argument("--peers", default="express,fastify,django,pgbench,pgledger", help="who is compared with")
    parser.add_argument("--peers-folder", help="where the peers' packages are, or shall be, installed")
    parser.add_argument("--pgledger", help="pgledger.sql, which is not ours to give")
    parser.add_argument("--passes", type=int, default=300_000, help="passes of each contender")
    parser.add_argument("--sizes", default="66000,1000000,10000000", help="passes of the registers of the growth curve")
    parser.add_argument("--keep", type=Path, help="where the registers of the growth curve are kept and found again")
    parser.add_argument("--growth-engines", default="sqlite,postgresql")
    parser.add_argument("--write-docs", action="store_true", help="put the tables of `scaling` into docs/SCALING.md")
    return parser.parse_args()


def main():
    # A run that is ended leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    parts = PARTS if options.part == "all" else {options.part: PARTS[options.part]}
    described = machine.described()
    (options.out / "machine.json").write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n")
    with Cluster() as cluster:
        bench = Bench(options.out, options.target, cluster, options.peers_folder)
        for name, run in parts.items():
            began = time.monotonic()
            results = Results(options.out, name)
            run(bench, options, results)
            if options.write_docs and name == "scaling":
                put_into(DOCUMENT, name, results.told)
            results.log(f"{name} took {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
