#!/usr/bin/env python3
"""How long a server takes from its command to its first tile, and what its workers hold.

    bench_start.py --server NAME=COMMAND [--server ...] --data DIR

Servers as in bench_servers.py; DIR holds mono_4k.ptif and multi5_4k.ptif.  Cold: nothing that
Python and the compiler have kept from before, as after an installation (the files themselves are
in memory).  Warm: at any other time.  Then the memory, after 256 tiles of each image: PSS of the
parent and of a worker, and what of the worker it shares with nobody.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path

import bench_servers as bench

WORKERS = 2
TILE = "FIF=mono_4k.ptif&GAM=0.4545&JTL=4,100"
MANY = [
    *bench.mono(*bench.tiles(4, 256)),
    *(f"FIF=multi5_4k.ptif&GAM=0.4545&CTW={bench.CTW5}&JTL=4,{n}" for n in range(256)),
]


def first_tile(server, url, data, kept):
    """Seconds from the start of the command to the end of the first answer; it stays running."""
    settings = {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(kept / "bytecode"),
        "NUMBA_CACHE_DIR": str(kept / "compiled"),
    }
    start = time.perf_counter()
    server.start(data, settings, WORKERS, 1)
    with urllib.request.urlopen(f"{url}?{TILE}", timeout=120) as answer:
        answer.read()
    return time.perf_counter() - start


def memory(pid):
    """PSS of a process, and what it shares with nobody, in MiB."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, value = line.split()[:2]
        found[key.rstrip(":")] = int(value) / 1024
    return found["Pss"], found["Private_Clean"] + found["Private_Dirty"]


def row(server, url, data, rounds):
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        times = []
        for _ in range(rounds + 1):
            times.append(first_tile(server, url, data, Path(folder)))
            held = [0.0, 0.0, 0.0]
            if len(times) > rounds:
                held = held_by(server, url)
            server.stop()
    warm = statistics.median(times[1:])
    return f"| {server.name} | {times[0]:.2f} | {warm:.2f} | " + " | ".join(
        f"{number:.0f}" for number in held
    )


def held_by(server, url):
    """PSS of the parent (0 where there is none), the largest PSS of a worker, its own part."""
    for query in MANY * WORKERS:
        with urllib.request.urlopen(f"{url}?{query}", timeout=120) as answer:
            answer.read()
    workers = [
        pid for root in server.pids for pid in bench.tree(root) if pid != root
    ] or server.pids
    parent = sum(memory(pid)[0] for pid in server.pids) if server.own_workers else 0
    pss, own = (max(numbers) for numbers in zip(*map(memory, workers), strict=True))
    return [parent, pss, own]


def main():
    par = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    par.add_argument("--server", action="append", required=True, metavar="NAME=COMMAND")
    par.add_argument("--data", type=Path, required=True)
    par.add_argument("--port", type=int, default=8092)
    par.add_argument("--rounds", type=int, default=5)
    args = par.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        run = Path(folder)
        run.chmod(0o755)
        servers = [bench.Server(*word.split("=", 1), run) for word in args.server]
        nginx = bench.start_nginx(servers, run, args.port)
        try:
            print("| server | cold s | warm s | parent PSS MB | worker PSS MB | worker's own MB |")
            print("|---" * 6 + "|")
            for server in servers:
                url = f"http://127.0.0.1:{args.port}/{server.name}"
                print(row(server, url, args.data.resolve(), args.rounds), "|", flush=True)
        finally:
            for server in servers:
                server.stop()
            nginx.terminate()
            nginx.wait()


if __name__ == "__main__":
    main()
