#!/usr/bin/env python3
"""How long a server takes to its first tile and to reload, and what its workers hold.

    bench_start.py --server NAME=COMMAND [--server ...] --data DIR

Servers as in bench_servers.py; DIR holds mono_4k.ptif and multi5_4k.ptif.  Three tables:

first tile  from the start of the command to the end of the answer, and the CPU time of the
            server's processes until then.  New: nothing is there that Python and the compiler
            keep.  Installed: bytecode is there, compiled kernels are not.  Warm: at any other time
reload      from HUP until the workers from before are gone, while two clients ask for tiles; and
            how many requests failed in all that time, and half a second more
memory      after 256 tiles of each image for each worker: PSS of the parent and of a worker, and
            what of the worker it shares with nobody

The files themselves are in the memory of the system.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import tempfile
import threading
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


def start(server, data, kept):
    """Start a server whose interpreter and compiler keep what they make in a folder."""
    settings = {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(kept / "bytecode"),
        "NUMBA_CACHE_DIR": str(kept / "compiled"),
    }
    server.start(data, settings, WORKERS, 1)


def ask(url, query):
    with urllib.request.urlopen(f"{url}?{query}", timeout=120) as answer:
        answer.read()


def first_tile(server, url, data, kept):
    """Seconds from the start of the command to the end of the first answer, and those of CPU."""
    begin = time.perf_counter()
    start(server, data, kept)
    try:
        ask(url, TILE)
        return time.perf_counter() - begin, bench.cpu(server.pids)
    finally:
        server.stop()


def start_row(server, url, data, kept, rounds):
    """The cells of a server: wall and CPU of each kind of start, medians."""
    for without in (kept, kept / "compiled", None):
        times = []
        for _ in range(rounds):
            if without is not None:
                shutil.rmtree(without, ignore_errors=True)
            times.append(first_tile(server, url, data, kept))
        yield from (f"{statistics.median(column):.2f}" for column in zip(*times, strict=True))


class Clients:
    """Ask for tiles without a pause, and count.  A context manager."""

    def __init__(self, url, number=2):
        self.asked = self.failed = 0
        self._url, self._end = url, threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(number)]

    def _run(self):
        while not self._end.is_set():
            self.asked += 1
            try:
                ask(self._url, MANY[self.asked % 256])
            except OSError:
                self.failed += 1

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join()


def reload_row(server, url, data, kept, rounds):
    """The cells of a server: seconds until the workers are new, requests, and how many failed."""
    start(server, data, kept)
    try:
        ask(url, TILE)
        (parent,) = server.pids
        times = []
        with Clients(url) as clients:
            for _ in range(rounds):
                time.sleep(0.5)
                before = set(bench.tree(parent)) - {parent}
                begin = time.perf_counter()
                os.kill(parent, signal.SIGHUP)
                while before & set(bench.tree(parent)):
                    time.sleep(0.002)
                times.append(time.perf_counter() - begin)
            time.sleep(0.5)
        seconds = f"{statistics.median(times):.2f} | {max(times):.2f}"
        return f"{seconds} | {clients.asked} | {clients.failed}"
    finally:
        server.stop()


def memory(pid):
    """PSS of a process, and what it shares with nobody, in MiB."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, value = line.split()[:2]
        found[key.rstrip(":")] = int(value) / 1024
    return found["Pss"], found["Private_Clean"] + found["Private_Dirty"]


def memory_row(server, url, data, kept):
    """PSS of the parent (0 where there is none), the largest PSS of a worker, its own part."""
    start(server, data, kept)
    try:
        for query in MANY * WORKERS:
            ask(url, query)
        workers = [
            pid for root in server.pids for pid in bench.tree(root) if pid != root
        ] or server.pids
        parent = sum(memory(pid)[0] for pid in server.pids) if server.own_workers else 0
        pss, own = (max(numbers) for numbers in zip(*map(memory, workers), strict=True))
        return f"{parent:.0f} | {pss:.0f} | {own:.0f}"
    finally:
        server.stop()


def report(servers, port, data, rounds):
    urls = [f"http://127.0.0.1:{port}/{server.name}" for server in servers]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        kept = Path(folder) / "kept"
        print("| server | new, s | CPU s | installed, s | CPU s | warm, s | CPU s |")
        print("|---" * 7 + "|")
        for server, url in zip(servers, urls, strict=True):
            cells = start_row(server, url, data, kept, rounds)
            print(f"| {server.name} | {' | '.join(cells)} |", flush=True)
        print("\n| server | reload, s | most | requests | failed |\n" + "|---" * 5 + "|")
        for server, url in zip(servers, urls, strict=True):
            if server.own_workers:  # iipsrv ends at HUP
                cells = reload_row(server, url, data, kept, 4 * rounds)
                print(f"| {server.name} | {cells} |", flush=True)
        print("\n| server | parent PSS MB | worker PSS MB | worker's own MB |\n" + "|---" * 4 + "|")
        for server, url in zip(servers, urls, strict=True):
            print(f"| {server.name} | {memory_row(server, url, data, kept)} |", flush=True)


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
            report(servers, args.port, args.data.resolve(), args.rounds)
        finally:
            nginx.terminate()
            nginx.wait()


if __name__ == "__main__":
    main()
