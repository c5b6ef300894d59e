#!/usr/bin/env python3
"""Memory of a server with 100 000 events that may have at most 128 MB: the start with its backup and check, pages, an import of
10 000 rows, 1 000 sign-ins. The kernel holds the limit. The table goes to benches/README.md.

    benches/load/memory.py [--events 100000] [--limit-mb 128] [--port 8470]

Needs a control group that this user may make (root, or a delegated one)."""

import argparse
import datetime
import json
import re
import shutil
import sys
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from growth import FIRST_MONTH, MONTHS, PAGES, settle
from tandem import BINARY, Server, build, environment, folder, machine, tandem, write_table, subprocess

NAME, PASSWORD = "bench", "many horses in a row 7"
IMPORTED, SIGN_INS, AT_ONCE = 10_000, 1_000, 20
# Apart from the ids of the events that are there.
IDS_APART = 50_000_000
MB = 1_000_000


class Group:
    """A control group with a limit, for one server."""

    def __init__(self, bytes_max):
        for root, limit, now, peak in [
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.max_usage_in_bytes"),
            ("/sys/fs/cgroup", "memory.max", "memory.current", "memory.peak"),
        ]:
            self.path = Path(root) / "tandem-memory"
            try:
                self.path.mkdir(exist_ok=True)
                (self.path / limit).write_text(str(bytes_max))
                return
            except OSError:
                continue
        sys.exit("no control group can be made")

    def enter(self):
        return ["sh", "-c", f'echo $$ > {self.path}/cgroup.procs && exec "$@"', "sh"]

    def kills(self):
        for name in ["memory.oom_control", "memory.events"]:
            if (self.path / name).exists():
                found = re.search(r"oom_kill (\d+)", (self.path / name).read_text())
                return int(found[1]) if found else 0
        return 0


class Browser:
    """A client with cookies."""

    def __init__(self, base):
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), urllib.request.ProxyHandler({}))

    def get(self, address):
        return self.opener.open(self.base + address).read().decode()

    def token(self, address):
        return re.search(r'name="csrf" value="([^"]+)"', self.get(address))[1]

    def post(self, address, fields):
        data = urllib.parse.urlencode(fields).encode()
        answer = self.opener.open(urllib.request.Request(self.base + address, data, {"Origin": self.base}))
        return answer.geturl(), answer.read().decode()

    def sign_in(self):
        address, page = self.post("/sign-in", {"csrf": self.token("/sign-in"), "next": "/", "name": NAME, "password": PASSWORD})
        if "Sign out" not in page:
            sys.exit(f"the sign-in failed: {address}: {re.sub('<[^>]+>', ' ', page)[:2000]}")

    def upload(self, files):
        parts = [f'--edge\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{self.token("/import")}\r\n'.encode()]
        for name, content in files.items():
            head = f'--edge\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
            parts += [head, content, b"\r\n"]
        headers = {"Content-Type": "multipart/form-data; boundary=edge", "Origin": self.base}
        body = b"".join([*parts, b"--edge--\r\n"])
        answer = self.opener.open(urllib.request.Request(self.base + "/import", body, headers))
        return answer.geturl().removeprefix(self.base), answer.read().decode()


def import_files(disk):
    """Events that are not there yet, as our own export has them."""
    other, files = disk / "other", {}
    tandem(other, "generate", "--count", IMPORTED, "--month", "2026-03", "--months", "12")
    for what in ["events", "schedule", "employees"]:
        rows = [json.loads(line) for line in tandem(other, "export", what, "--format", "jsonl")[0].splitlines()]
        for row in rows:
            for field in {"event_id", "schedule_id"} & row.keys():
                row[field] += IDS_APART if row[field] else 0
            # At other stores, so that they are other pairs.
            if "store_number" in row:
                row["store_number"] = f"9{row['store_number']}"
        files[f"{what}.jsonl"] = "".join(json.dumps(row) + "\n" for row in rows).encode()
    return files


def imports(browser, files):
    address, page = browser.upload(files)
    action = re.search(r'<form[^>]*action="(/uploads/[^"]+)"', page)
    fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    if not action:
        sys.exit(f"the upload failed: {address}: {re.sub('<[^>]+>', ' ', page)[:2000]}")
    address, page = browser.post(action[1], fields)
    if not re.search(r"10[,  ]?000", page):
        sys.exit(f"the import failed: {address}: {re.sub('<[^>]+>', ' ', page)[:2000]}")


def reset_peak(server):
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--limit-mb", type=int, default=128)
    parser.add_argument("--port", type=int, default=8470)
    asked = parser.parse_args()
    build()
    group, disk = Group(asked.limit_mb * MB), folder()
    # The group may have been used before.
    kills = group.kills()
    try:
        data = disk / "data"
        tandem(data, "generate", "--count", asked.events, "--month", FIRST_MONTH, "--months", MONTHS)
        command = [str(BINARY), "--data-dir", str(data), "user", "add", NAME, "--role", "admin"]
        subprocess.run(command, input=f"{PASSWORD}\n{PASSWORD}\n", text=True, check=True, env=environment(0), capture_output=True)
        files = import_files(disk)
        rows = []
        with Server(data, asked.port, group.enter(), TANDEM_SIGN_IN="password") as server:

            def measure(name, work):
                reset_peak(server)
                work()
                settle(server)
                rows.append(f"| {name} | {server.memory()[1]:.0f} | {server.memory()[0]:.0f} |")
                print(rows[-1], flush=True)

            browser = Browser(server.base)
            measure("start, backup, check", lambda: None)
            browser.sign_in()
            measure("pages", lambda: [browser.get(address) for address in PAGES.values()])
            measure(f"import of {IMPORTED} rows, with its preview", lambda: imports(browser, files))
            with ThreadPoolExecutor(AT_ONCE) as pool:
                measure(f"{SIGN_INS} sign-ins, {AT_ONCE} at a time",
                        lambda: list(pool.map(lambda _: Browser(server.base).sign_in(), range(SIGN_INS))))
        lines = [f"{datetime.date.today()}, {machine()}; `benches/load/memory.py --events {asked.events}`; the kernel ended the server "
                 f"{group.kills() - kills} times at its limit of {asked.limit_mb} MB", "",
                 "| what | resident at most, MiB | after it, MiB |", "|---|---|---|", *rows]
        print("\n".join(lines))
        write_table("memory", lines)
    finally:
        shutil.rmtree(disk)


main()
