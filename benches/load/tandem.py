"""A release server over made-up events, for the scripts beside this one. Loopback alone; everything goes when it ends."""

import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("TANDEM_BINARY", ROOT / "target/release/tandem"))
START_S_MAX = 120
MIB = 1024 * 1024
# What one move of a pair writes in keys and values: `cargo bench --bench reschedule` says it.
MOVE_BYTES = 1253
# Pairs that are moved about: more than connections, so that no two move the same one at once.
MOVED = 200


def build():
    """The release binary, unless one is given by TANDEM_BINARY."""
    if "TANDEM_BINARY" not in os.environ:
        subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)


def need(tool):
    """Installs a tool of the system that is missing."""
    if not shutil.which(tool):
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", tool], check=True)


def environment(port):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TANDEM_", "ROCKET_"))}
    ours = {"TANDEM_SIGN_IN": "none", "TANDEM_RATE_LIMITS": "off", "TANDEM_TIMEZONE": "America/New_York"}
    # The daily jobs of a store that has none yet would run at the start, beside what is measured.
    ours |= {"TANDEM_INTEGRITY_AT": "off", "TANDEM_BACKUP_AT": "off"}
    return kept | ours | {"ROCKET_PORT": str(port), "ROCKET_ADDRESS": "127.0.0.1", "ROCKET_CONFIG": "/dev/null"}


def tandem(folder, *arguments, before=(), **settings):
    """Runs a command on a data folder; its output and how long it took, in seconds."""
    begun = time.perf_counter()
    command = [*before, str(BINARY), "--data-dir", str(folder), *map(str, arguments)]
    done = subprocess.run(command, env=environment(0) | settings, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{command}: {done.stderr}")
    return done.stdout, time.perf_counter() - begun


class Team:
    """What a server answers for one host name, to a program with a token."""

    def __init__(self, port, host, token=None):
        self.base, self.headers = f"http://127.0.0.1:{port}", {"Host": host}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def get(self, address, **headers):
        """The body of an answer, as it travels."""
        request = urllib.request.Request(self.base + address, headers=headers | self.headers)
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def scheduled_cores(self, count):
        """Schedules of so many COREs: what the load moves about."""
        found, page = [], 1
        while len(found) < count:
            listed = json.loads(self.get(f"/api/calendar/day/2025-10-{page:02d}"))
            groups = listed["groups"] if isinstance(listed["groups"], list) else listed["groups"].values()
            for group in groups:
                events = group["events"] if isinstance(group, dict) else group
                found += [(event["schedule_id"], event["start_datetime"][:10]) for event in events
                          if event["event_type"] == "core" and event["schedule_id"]]
            page += 1
        return found[:count]

    def write_moves(self, path):
        """The moves of `moves.lua`: each schedule with its date and one a week later."""
        with open(path, "w") as file:
            for schedule, date in self.scheduled_cores(MOVED):
                file.write(f"{schedule} {date} {datetime.date.fromisoformat(date) + datetime.timedelta(days=7)}\n")


class Server(Team):
    """A server that runs until the block ends."""

    def __init__(self, folder, port, before=(), log=os.devnull, **settings):
        super().__init__(port, f"127.0.0.1:{port}")
        self.folder, self.port, self.before, self.log, self.settings = folder, port, list(before), log, settings

    def __enter__(self):
        begun = time.perf_counter()
        command = [*self.before, str(BINARY), "--data-dir", str(self.folder), "serve"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, env=environment(self.port) | self.settings, stdout=log, stderr=log)
        while time.perf_counter() - begun < START_S_MAX:
            try:
                self.get("/health/live")
                self.start_s = time.perf_counter() - begun
                return self
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"the server ended by itself: {self.process.returncode}")
                time.sleep(0.005)
        sys.exit("the server does not answer")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)

    def memory(self):
        """Resident memory now and at its highest, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return [int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024 for name in ("VmRSS", "VmHWM")]

    def cpu_s(self):
        """Processor time so far, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def folder():
    """A new folder on the disk that is measured: TMPDIR, or the system's."""
    return Path(tempfile.mkdtemp(prefix="tandem-load-"))


def raw_rate(disk, seconds):
    """Appends of the bytes of a move a second, each synced before the next."""
    body, count = b"x" * MOVE_BYTES, 0
    with open(disk / "raw", "ab", buffering=0) as file:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            file.write(body)
            os.fdatasync(file.fileno())
            count += 1
    return count / seconds


def wrk(server, connections, seconds, address="/", script="read.lua", **environment):
    """Requests a second, p50 and p99 in microseconds, and errors."""
    return wrk_result(wrk_start(server, connections, seconds, address, script, **environment))


def wrk_start(server, connections, seconds, address="/", script="read.lua", **environment):
    threads = min(2, connections)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "-s", str(ROOT / "benches/load" / script), server.base + address]
    command[1:1] = [option for name, value in server.headers.items() for option in ("-H", f"{name}: {value}")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | environment)


def wrk_result(process):
    said, _ = process.communicate()
    p50, p99, errors = map(int, re.search(r"p50 (\d+) p99 (\d+) errors (\d+)", said).groups())
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), "p50": p50, "p99": p99, "errors": errors}


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} × {model[1] if model else 'unknown processor'}, {os.uname().sysname} {os.uname().release}"


def write_table(name, lines):
    """Replaces what stands between the marks of a table in benches/README.md."""
    readme = ROOT / "benches/README.md"
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = readme.read_text().split(begin)
    _, after = rest.split(end)
    readme.write_text(before + begin + "\n" + "\n".join(lines) + "\n" + end + after)
