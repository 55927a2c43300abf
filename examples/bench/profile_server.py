"""Where the processor time of a redemption goes: samples of the server under load, by stage. Needs `perf` and a build
with frame pointers beside the ordinary one:

    RUSTFLAGS="-C force-frame-pointers=yes" CFLAGS="-fno-omit-frame-pointer" CARGO_PROFILE_RELEASE_STRIP=none \\
        cargo build --release --bins --example load --target-dir target/profile
    python3 examples/bench/run.py profile --out /tmp/profile --target target/profile/release

Time spent waiting for the disk is no processor time: the writer's wall clock by stage, which the server itself measures
(`/metrics`), comes first and needs no `perf`."""

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from pathlib import Path

from contenders import Register
from tables import table

HERTZ = 499
CONNECTIONS = 64
# The first that any frame of the stack names, from the innermost frame out: deeper stages come first in a stack.
STAGES = [
    ("commit: flush to disk and log", ("fdatasync", "fsync", "sqlite3PagerCommitPhaseOne", "vdbeCommit", "sqlite3WalCheckpoint", "walCheckpoint")),
    ("seal: signature of the head", ("ed25519", "seal::sign")),
    ("receipt: bytes and hash", ("draft::receipt", "canonical", "seal_receipt")),
    ("decide", ("::decide", "domain::redemption", "Facts::apply", "facts::Facts>::apply")),
    ("look: head, replies, who asks, passes", ("LookReads>::look", "replay::replies", "replay::find")),
    ("prefetch", ("prefetch::",)),
    ("flush: receipts, entries, replies", ("JournalWrites>::append", "insert_replies", "insert_seal", "store_head")),
    ("flush: guarded updates", ("StockWrites>::save", "save_passes", "save_booklets", "save_balances", "update_from")),
    ("writer, other", ("ledger::group", "ledger::write_groups")),
    ("authenticate", ("token::check", "caller::", "jsonwebtoken", "SignedIn")),
    ("queue and wait", ("Ledger::submit", "ledger::Ledger", "oneshot")),
    ("answer: JSON of the receipt", ("receipt_json", "serde_json::ser", "HttpResponse")),
    ("parse: body and envelope", ("envelope::", "serde_json::de", "acts::redemption", "code_mac")),
    ("trace and log", ("tracing",)),
    ("HTTP and sockets", ("actix", "mio::", "tokio::", "sock", "tcp_")),
]


def run(bench, options, results):
    register = Register(bench, "profile")
    register.prepare(options.passes)
    data = bench.folder / "perf.data"
    data.unlink(missing_ok=True)
    with register.serve() as (server, address):
        drive = ["--address", address, "--connections", CONNECTIONS, "--seconds"]
        register.drive(*drive, 1)
        before, stages_before, began = by_thread(server.pid), stages_of(address), time.monotonic()
        recorder = record(server.pid, data)
        [row], _ = register.drive(*drive, options.seconds)
        took, after, stages_after = time.monotonic() - began, by_thread(server.pid), stages_of(address)
        if recorder:
            recorder.send_signal(signal.SIGINT)
            recorder.wait()
    results.row(row)
    results.say(f"{row['per_second']:,} redemptions/s with {CONNECTIONS} connections, SQLite.\n")
    spent = {stage: seconds - stages_before.get(stage, 0) for stage, seconds in stages_after.items()}
    all_spent = max(sum(spent.values()), 1e-9)
    each = max(row["answered"], 1)
    lines = [[stage, f"{1e6 * seconds / each:.0f}", f"{100 * seconds / all_spent:.0f} %"] for stage, seconds in spent.items()]
    results.say(table(["stage of the writer's groups", "wall clock, µs each redemption", "share"], lines))
    threads = Counter()
    for (thread, name), ticks in after.items():
        threads[name] += ticks - before.get((thread, name), 0)
    ticks_per_second = os.sysconf("SC_CLK_TCK")
    lines = [[name.replace("|", " "), f"{100 * ticks / ticks_per_second / took:.0f} %"] for name, ticks in threads.most_common(8)]
    results.say(table(["threads of this name", "of one core"], lines))
    if not data.exists():
        results.say("No samples: perf is not installed, or may not be used here.\n")
        return
    stages, leaves = sampled(data)
    total = max(sum(stages.values()), 1)
    results.say(f"{total:,} samples:\n")
    results.say(table(["stage", "share"], [[stage, f"{100 * count / total:.1f} %"] for stage, count in stages.most_common()]))
    results.say(table(["function", "share"], [[name, f"{100 * count / total:.1f} %"] for name, count in leaves.most_common(25)]))
    # For a flame graph: one line for each stack.
    results.log(f"perf script -i {data} has the stacks")


def record(process, data):
    """Samples the process until it is interrupted; nothing where there is no perf."""
    if shutil.which("perf") is None:
        return None
    command = ["perf", "record", "-q", "-F", HERTZ, "--call-graph", "fp", "-o", data, "-p", process]
    return subprocess.Popen([*map(str, command)], stderr=subprocess.DEVNULL)


def stages_of(address):
    """Seconds that groups have spent in each stage, as the server counts them."""
    with urllib.request.urlopen(f"http://{address}/metrics") as answer:
        text = answer.read().decode()
    found = re.findall(r'group_stage_seconds_sum\{[^}]*stage="(\w+)"[^}]*\} (\S+)', text)
    return {stage: float(seconds) for stage, seconds in found}


def by_thread(process):
    """Ticks of processor time of each thread."""
    found = {}
    for task in Path(f"/proc/{process}/task").iterdir():
        text = (task / "stat").read_text()
        name = text[text.index("(") + 1 : text.rindex(")")]
        fields = text[text.rindex(")") + 2 :].split()
        found[(task.name, name)] = int(fields[11]) + int(fields[12])
    return found


def sampled(data):
    """How many samples fell into each stage, and on each innermost function."""
    script = ["perf", "script", "-i", str(data), "-F", "comm,ip,sym"]
    text = subprocess.run(script, capture_output=True, text=True, errors="replace").stdout
    stages, leaves = Counter(), Counter()
    for sample in text.split("\n\n"):
        frames = [line.split(maxsplit=1)[1] for line in sample.splitlines() if line.startswith(("\t", "    ")) and len(line.split(maxsplit=1)) == 2]
        if not frames:
            continue
        leaves[frames[0][:90]] += 1
        stages[stage(frames)] += 1
    return stages, leaves


def stage(frames):
    """The most telling stage: the list's first that any frame names."""
    for name, words in STAGES:
        if any(word in frame for frame in frames for word in words):
            return name
    return "elsewhere"
