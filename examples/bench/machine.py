"""What the system says: processor time and memory of process trees, the disk's flush, the machine in a few words."""

import os
import platform
import subprocess
import time
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def tree(root):
    """The process and all its living descendants."""
    children = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        waiting.extend(children.get(process, []))
    return found


def stat(process):
    """The fields of /proc/PID/stat after the name; none when the process has gone."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rsplit(") ", 1)[1].split()


def cpu_micros(root):
    """Processor time of the tree so far, that of its ended children included."""
    ticks = 0
    for process in tree(root):
        fields = stat(process)
        if fields:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks * 1_000_000 // TICKS_PER_SECOND


def resident_megabytes(root):
    """Memory of the tree; pages shared between processes count once for each, so this is an upper bound."""
    kilobytes = 0
    for process in tree(root):
        try:
            lines = Path(f"/proc/{process}/status").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return kilobytes // 1_000


def flushes_per_second(folder, seconds=1.0):
    """How often 4 KiB can be appended to a file and flushed, one after the other."""
    path = Path(folder) / "flush"
    block, count = bytes(4096), 0
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        os.write(descriptor, block)
        os.fdatasync(descriptor)
        count += 1
    took = time.monotonic() - began
    os.close(descriptor)
    path.unlink()
    return round(count / took)


def described():
    """The machine and the versions, for the head of the results."""

    def first_line(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
        except (FileNotFoundError, subprocess.CalledProcessError, IndexError):
            return "?"

    cpu = "?"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    memory = Path("/proc/meminfo").read_text().split()[1]
    return {
        "cpu": f"{os.cpu_count()} × {cpu}",
        "memory_gigabytes": int(memory) // 1_000_000,
        "kernel": platform.release(),
        "rustc": first_line("rustc", "--version"),
        "node": first_line("node", "--version"),
        "python": platform.python_version(),
        "load_average": [round(value, 1) for value in os.getloadavg()],
        "at": time.strftime("%Y-%m-%d %H:%M:%S %z"),
    }
