#!/usr/bin/env python3
"""How start, memory, file and answers grow with the store: 1 000, 100 000 and 1 000 000 events over ten years, on one core and
with at most 1 GB. The table goes to benches/README.md.

    benches/load/growth.py [--events 1000,100000,1000000] [--port 8450]

The memory limit needs a control group that this user may make (root, or a delegated one); without it the script says so."""

import argparse
import datetime
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tandem import MIB, Server, build, folder, machine, need, tandem, write_table, wrk

FIRST_MONTH, MONTHS = "2016-01", 120
MEMORY_BYTES_MAX = 1024 * MIB
# What the start sets going, a backup and a check, is over when the server has done so little in so long.
QUIET_S, QUIET_CPU_S = 5, 0.1
READS = 21
# How long a page is asked for without a pause, in seconds.
LOAD_S = 3
PAGES = {"month": "/calendar/2025/10", "day": "/calendar/day/2025-10-15", "search `core`": "/search?q=core",
         "search of two words": "/search?q=core+pretzel", "work bank": "/unscheduled", "activity": "/activity"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", default="1000,100000,1000000")
    parser.add_argument("--port", type=int, default=8450)
    return parser.parse_args()


def limits():
    """One core, and a control group of 1 GB where one can be made."""
    for root, file in [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")]:
        group = Path(root) / "tandem-growth"
        try:
            group.mkdir(exist_ok=True)
            (group / file).write_text(str(MEMORY_BYTES_MAX))
            enter = f"echo $$ > {group}/cgroup.procs && exec \"$@\""
            return ["taskset", "-c", "0", "sh", "-c", enter, "sh"], "1 core, 1 GB"
        except OSError:
            continue
    print("no control group can be made: memory is not limited", file=sys.stderr)
    return ["taskset", "-c", "0"], "1 core"


def median_ms(server, address):
    """The middle of some answers that are drawn anew: a change of a query is a page of its own."""
    times = []
    for _ in range(READS):
        begun = time.perf_counter()
        server.get(address, **{"Accept-Encoding": "gzip"})
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times[1:]), times[0]


def settle(server):
    """Waits for the jobs of the start."""
    before = -QUIET_S
    while (now := server.cpu_s()) - before > QUIET_CPU_S:
        before = now
        time.sleep(QUIET_S)


def column(events, port, before):
    disk = folder()
    try:
        data = disk / "data"
        _, making = tandem(data, "generate", "--count", events, "--month", FIRST_MONTH, "--months", MONTHS)
        rows = {"made up and written, s": f"{making:.1f}"}
        _, took = tandem(data, "check", before=before)
        rows["`tandem check`, s"] = f"{took:.1f}"
        _, took = tandem(data, "backup", disk / "backup", before=before)
        rows["`tandem backup`, s"] = f"{took:.1f}"
        rows["the backup, MB"] = f"{(disk / 'backup').stat().st_size / 1e6:.1f}"
        rows["data folder, MB"] = f"{int(subprocess.check_output(['du', '-sb', data]).split()[0]) / 1e6:.0f}"
        with Server(data, port, before) as server:
            rows["start until it answers, s"] = f"{server.start_s:.2f}"
            rows["memory at the start, MB"] = f"{server.memory()[0]:.0f}"
            for name, address in PAGES.items():
                kept, first = median_ms(server, address)
                rows[f"{name}: first, then, ms"] = f"{first:.1f}, {kept:.1f}"
            settle(server)
            rows["month kept, requests/s of one connection"] = f"{wrk(server, 1, LOAD_S, PAGES['month'])['rate']:.0f}"
            rows["memory then, at most, MB"] = "{:.0f}, {:.0f}".format(*server.memory())
        return rows
    finally:
        shutil.rmtree(disk)


def main():
    asked = arguments()
    need("wrk")
    build()
    before, limited = limits()
    sizes = [int(size) for size in asked.events.split(",")]
    columns = [column(size, asked.port, before) for size in sizes]
    lines = [f"{datetime.date.today()}, {machine()}, {limited}; `benches/load/growth.py --events {asked.events}`", "",
             "| | " + " | ".join(f"{size:,} events".replace(",", " ") for size in sizes) + " |", "|---" * (len(sizes) + 1) + "|"]
    lines += [f"| {row} | " + " | ".join(one[row] for one in columns) + " |" for row in columns[0]]
    print("\n".join(lines))
    write_table("growth", lines)


if __name__ == "__main__":
    main()
