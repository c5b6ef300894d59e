#!/usr/bin/env python3
"""The release server on PostgreSQL beside the same server on its embedded engine: kept pages, moves of a pair, and 16 teams at
once, in turns in one run. The database is made in a temporary folder on the disk that is measured, and removed. The table
goes to benches/README.md.

    benches/load/postgres.py [--seconds 5] [--rounds 3] [--port 8450]"""

import argparse
import contextlib
import datetime
import glob
import os
import shutil
import socket
import statistics
import subprocess
import sys

from tandem import Server, Team, build, folder, machine, need, raw_rate, tandem, write_table, wrk, wrk_result, wrk_start

TEAMS = 16
PAGES = {"month": "/calendar/2025/10", "day": "/calendar/day/2025-10-15"}
# What the log says when a transaction was lost to another one.
RETRIED = b"a change is made again"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=8450)
    return parser.parse_args()


@contextlib.contextmanager
def cluster(disk):
    """A database server on this disk, with the settings that Debian gives one; its address and version."""
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not programs:
        sys.exit("PostgreSQL is missing: install the package postgresql")
    home = disk / "database"
    home.mkdir()
    # PostgreSQL does not run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_user:
        disk.chmod(0o755)
        shutil.chown(home, "postgres")

    def run(program, *rest):
        subprocess.run([*as_user, f"{programs[-1]}/{program}", "-D", f"{home}/data", *rest], cwd=home, check=True,
                       stdout=subprocess.DEVNULL)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run("initdb", "-A", "trust", "-U", "tandem", "-E", "UTF8", "--locale", "C")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c max_connections=300"
    run("pg_ctl", "-l", f"{home}/log", "-w", "-o", options, "start")
    try:
        yield f"postgres://tandem@127.0.0.1:{port}/postgres", programs[-1].split("/")[-2]
    finally:
        run("pg_ctl", "-m", "immediate", "stop")


def fill(data, *team, **settings):
    tandem(data, *team, "generate", "--count", 1000, "--month", "2025-10", **settings)


def one_team(data, disk, asked, settings):
    """Requests a second of the kept pages with 50 connections, and moves a second with 1 and 50."""
    with Server(data, asked.port, log=disk / "log", **settings) as server:
        server.write_moves(disk / "moves")
        rates = {name: wrk(server, 50, asked.seconds, address)["rate"] for name, address in PAGES.items()}
        for connections in [1, 50]:
            moved = wrk(server, connections, asked.seconds, script="moves.lua", MOVES=str(disk / "moves"))
            rates[f"move, {connections}"] = moved["rate"]
            rates["errors"] = rates.get("errors", 0) + moved["errors"]
    return rates | {"retries": (disk / "log").read_bytes().count(RETRIED)}


def hosts():
    return [f"team{number}.example" for number in range(TEAMS)]


def team_settings(disk, name, settings):
    """A configuration of 16 teams; each has its events already. Answers the token of each too."""
    path = disk / f"{name}.toml"
    tables = [f'[default.tandem.teams.team{number}]\nhost = "{host}"\n' for number, host in enumerate(hosts())]
    path.write_text("[default]\n" + "\n".join(tables))
    settings = settings | {"ROCKET_CONFIG": str(path), "TANDEM_SIGN_IN": "password"}
    tokens = []
    for number in range(TEAMS):
        team = f"team{number}"
        data = disk / f"{name}-teams/teams" / team
        fill(data, "--team", team, **settings)
        token, _ = tandem(data, "--team", team, "token", "create", "bench", "--scope", "schedule", **settings)
        tokens.append(token.split()[-1])
    return settings, tokens


def all_teams(data, disk, asked, settings, tokens):
    """Moves a second of all teams, each over one connection, at once."""
    with Server(data, asked.port, log=disk / "log", **settings) as server:
        running = []
        for host, token in zip(hosts(), tokens):
            team = Team(server.port, host, token)
            moves = disk / f"{host}.moves"
            team.write_moves(moves)
            running.append((team, str(moves)))
        running = [wrk_start(team, 1, asked.seconds, script="moves.lua", MOVES=moves) for team, moves in running]
        results = [wrk_result(one) for one in running]
    return {
        f"moves of {TEAMS} teams": sum(one["rate"] for one in results),
        "slowest team": min(one["rate"] for one in results),
        "errors": sum(one["errors"] for one in results),
        "retries": (disk / "log").read_bytes().count(RETRIED),
    }


def merged(one, other):
    return one | other | {name: one[name] + other[name] for name in ["errors", "retries"]}


def main():
    asked = arguments()
    need("wrk")
    build()
    disk = folder()
    with cluster(disk) as (address, version):
        engines = {"embedded": {}, "PostgreSQL": {"TANDEM_STORE_URL": address}}
        teams = {name: team_settings(disk, name, settings) for name, settings in engines.items()}
        for name, settings in engines.items():
            fill(disk / name, **settings)
        rounds = []
        for number in range(asked.rounds):
            rates = {"raw": raw_rate(disk, asked.seconds)}
            for name, settings in engines.items():
                rates[name] = merged(one_team(disk / name, disk, asked, settings),
                                     all_teams(disk / f"{name}-teams", disk, asked, *teams[name]))
            rounds.append(rates)
            print(f"round {number + 1} of {asked.rounds} is done", flush=True)
    shutil.rmtree(disk)

    def median(of):
        return statistics.median(of(rates) for rates in rounds)

    lines = [f"{datetime.date.today()}, {machine()}, PostgreSQL {version} with synchronous commits on the same disk; "
             f"`benches/load/postgres.py --seconds {asked.seconds} --rounds {asked.rounds}`", "",
             "| a second | embedded | PostgreSQL | ratio |", "|---|---|---|---|"]
    labels = {"month": "month kept, 50 connections", "day": "day kept, 50 connections", "move, 1": "moves of a pair, 1 connection",
              "move, 50": "moves of a pair, 50 connections", f"moves of {TEAMS} teams": f"moves of {TEAMS} teams, 1 connection each",
              "slowest team": "moves of the slowest of them"}
    for key, label in labels.items():
        cells = [median(lambda rates: rates[name][key]) for name in engines]
        ratio = median(lambda rates: rates["PostgreSQL"][key] / rates["embedded"][key])
        lines.append(f"| {label} | {cells[0]:.0f} | {cells[1]:.0f} | {ratio:.2f} |")
    lines.append(f"| raw append + fdatasync | {median(lambda rates: rates['raw']):.0f} | | |")
    for key in ["errors", "retries"]:
        cells = [sum(rates[name][key] for rates in rounds) for name in engines]
        lines.append(f"| {key} in all | {cells[0]} | {cells[1]} | |")
    print("\n".join(lines))
    write_table("postgres", lines)


main()
