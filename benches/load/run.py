#!/usr/bin/env python3
"""Requests a second of the release server, beside a static answer of the same size from the same server and a raw append +
fdatasync on the same disk. Three rounds, medians; the table goes to benches/README.md.

    benches/load/run.py [--seconds 5] [--rounds 3] [--port 8440]

An asset is a static answer, but none has a page's size. What one of that size would take lies on the line through the
smallest and the largest asset: time = a + b × bytes. All three are measured in the same round."""

import argparse
import datetime
import re
import statistics

from tandem import MOVE_BYTES, Server, build, folder, machine, need, raw_rate, tandem, write_table, wrk

CONNECTIONS = [1, 50, 100]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=8440)
    return parser.parse_args()


def between(small, large, size):
    """The rate of a static answer of this size."""
    (small_bytes, small_rate), (large_bytes, large_rate) = small, large
    per_byte = (1 / large_rate - 1 / small_rate) / (large_bytes - small_bytes)
    return 1 / (1 / small_rate + per_byte * (size - small_bytes))


def assets(server):
    """The smallest and the largest asset as they travel: address and bytes."""
    page = server.get("/calendar/2025/10").decode()
    found = sorted(set(re.findall(r"/assets/[\w.]+", page)))
    sized = sorted((len(server.get(address, **{"Accept-Encoding": "gzip"})), address) for address in found)
    return sized[0], sized[-1]


def round_of(server, disk, moves, seconds):
    small, large = assets(server)
    rows = {}
    for connections in CONNECTIONS:
        statics = [(size, wrk(server, connections, seconds, address)["rate"]) for size, address in (small, large)]
        for name, address in [("month", "/calendar/2025/10"), ("day", "/calendar/day/2025-10-15")]:
            size = len(server.get(address, **{"Accept-Encoding": "gzip"}))
            seen = wrk(server, connections, seconds, address)
            rows[name, connections] = seen | {"size": size, "against": between(*statics, size)}
        rows["asset", connections] = {"size": large[0], "rate": statics[1][1], "against": statics[1][1], "p50": 0, "p99": 0, "errors": 0}
        raw = raw_rate(disk, seconds)
        moved = wrk(server, connections, seconds, script="moves.lua", MOVES=moves)
        rows["reschedule", connections] = moved | {"size": MOVE_BYTES, "against": raw}
    return rows


def main():
    asked = arguments()
    need("wrk")
    build()
    disk = folder()
    tandem(disk / "data", "generate", "--count", 1000, "--month", "2025-10")
    rounds = []
    with Server(disk / "data", asked.port) as server:
        server.write_moves(disk / "moves")
        for number in range(asked.rounds):
            rounds.append(round_of(server, disk, str(disk / "moves"), asked.seconds))
            print(f"round {number + 1} of {asked.rounds} is done", flush=True)
    lines = [f"{datetime.date.today()}, {machine()}; `benches/load/run.py --seconds {asked.seconds} --rounds {asked.rounds}`", "",
             "| request | connections | bytes | requests/s | p50 ms | p99 ms | beside it | ratio |", "|---|---|---|---|---|---|---|---|"]
    for name, connections in rounds[0]:
        row = {key: statistics.median(one[name, connections][key] for one in rounds) for key in rounds[0][name, connections]}
        ratio = statistics.median(one[name, connections]["rate"] / one[name, connections]["against"] for one in rounds)
        beside = "raw append + fdatasync" if name == "reschedule" else "static"
        if row["errors"]:
            beside += f" ({row['errors']:.0f} errors)"
        lines.append(f"| {name} | {connections} | {row['size']:.0f} | {row['rate']:.0f} | {row['p50'] / 1000:.2f} | {row['p99'] / 1000:.2f} "
                     f"| {beside}: {row['against']:.0f} | {ratio:.2f} |")
    print("\n".join(lines))
    write_table("load", lines)


main()
