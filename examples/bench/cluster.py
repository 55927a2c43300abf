"""A throw-away PostgreSQL for measuring: durable as in service, reached by a Unix socket only, stopped at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

ACCOUNT = "postgres"
# What a small installation would set; everything that makes a commit durable stays on.
SETTINGS = ["shared_buffers=256MB", "max_connections=200", "max_wal_size=4GB", "fsync=on", "synchronous_commit=on"]


def binaries():
    """The newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise SystemExit("PostgreSQL is not installed (initdb was not found)")
    return found[-1].parent


class Cluster:
    """Started by `with`, or by `start`; a replica is a cluster made from another."""

    def __init__(self, folder=None, settings=()):
        self.binaries = binaries()
        # In /tmp: the path of a Unix socket may not be longer than 107 bytes.
        self.folder = Path(folder or tempfile.mkdtemp(prefix="recepisse-bench-", dir="/tmp"))
        self.kept = folder is not None
        self.settings = [*SETTINGS, *settings]
        self.server = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self, copy_of=None):
        self.folder.mkdir(parents=True, exist_ok=True)
        data = self.folder / "data"
        if os.geteuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        if copy_of is not None:
            self.run("pg_basebackup", "-h", copy_of.folder, "-U", "recepisse", "-D", data, "-R", "-c", "fast")
        elif not data.exists():
            self.run("initdb", "-D", data, "-U", "recepisse", "-A", "trust", "-E", "UTF8", "--locale=C")
        arguments = ["-D", data, "-k", self.folder, "-c", "listen_addresses="]
        for setting in self.settings:
            arguments += ["-c", setting]
        log = open(self.folder / "log", "ab")
        self.server = subprocess.Popen(
            self.command("postgres", *arguments), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/"
        )
        for _ in range(600):
            ready = self.command("pg_isready", "-q", "-h", self.folder, "-U", "recepisse", "-d", "postgres")
            if subprocess.run(ready, cwd="/").returncode == 0:
                return self
            if self.server.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"PostgreSQL does not start: see {self.folder / 'log'}")

    def stop(self):
        """A fast shutdown: clients are cut, what was committed is written."""
        if self.server is None:
            return
        subprocess.run(self.command("pg_ctl", "stop", "-D", self.folder / "data", "-m", "fast", "-s"), cwd="/")
        self.server.wait()
        self.server = None
        if not self.kept:
            shutil.rmtree(self.folder)

    def command(self, program, *arguments):
        """The server refuses to run as root."""
        command = [str(self.binaries / program), *map(str, arguments)]
        return ["setpriv", "--reuid", ACCOUNT, "--regid", ACCOUNT, "--init-groups", *command] if os.geteuid() == 0 else command

    def run(self, program, *arguments):
        subprocess.run(self.command(program, *arguments), cwd="/", check=True, stdout=subprocess.DEVNULL)

    @property
    def process(self):
        """The postmaster: its children do the work."""
        return self.server.pid

    def url(self, database):
        return f"postgres://recepisse@/{database}?host={self.folder}"

    def create(self, database):
        self.sql("postgres", f"DROP DATABASE IF EXISTS {database}")
        self.sql("postgres", f"CREATE DATABASE {database}")
        return database

    def psql(self, database, *arguments, text=None):
        """The output of psql, which reads `text` when there is some."""
        command = [
            str(self.binaries / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
            "-h", str(self.folder), "-U", "recepisse", "-d", database, *map(str, arguments),
        ]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"psql: {done.stderr}")
        return done.stdout

    def sql(self, database, statement):
        return self.psql(database, "-c", statement).strip()
