#!/usr/bin/env python3
"""Send damaged FastCGI streams to a real server, and see that no worker minds (operations.md R18).

    fuzz_streams.py [--count N] [--seed N] [--clients N] [--patience SECONDS]

A stream is one or more requests, with good and bad queries, as a web server
would send them, then damaged: bytes changed, records cut, repeated, swapped,
renumbered, lengths that lie; sent in pieces, ended or broken off.  Each has to be
answered or refused in time, with a status that is promised, by workers that
live on.  The exit status is 1 if not; the seed says how to do it again.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import multiprocessing
import os
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROMISED = {200, 204, 303, 304, 400, 403, 404, 405, 413, 414, 503}
BEGIN, ABORT, PARAMS, STDIN, DATA, GET_VALUES = 1, 2, 4, 5, 8, 9
IMAGES = ["multi5_1k.ptif", "no such.tif", "../secret", "%2e%2e/x", "", "multi5_1k.ptif\0"]
COMMANDS = (
    *("OBJ=IIP,1.0", "OBJ=max-size", "obj=tile-size", "JTL=0,0", "JTL=1,3", "JTL=9,99", "JTL=-1,0"),
    *("PFL=0:1,1-9,9", "SPECTRA=0,0,1,1", "MINMAX=1:0,9", "MINMAX=9999999999:1,2", "CTW=1;1;1"),
    *("GAM=0.5", "GAM=nan", "INV", "ROT=90", "ROT=45", "CNT=1.1", "WID=64&RGN=0,0,.1,.1&CVT=jpeg"),
    *("CVT=tiff", "QLT=5", "SHD=1,1", "CMP=HOT", "DeepZoom=multi5_1k.ptif.dzi", "Zoomify=x/y"),
    *("IIIF=multi5_1k.ptif/info.json", "IIIF=odd_r.ptif/full/99,/0/gray.png", "IIIF=odd_r.ptif"),
    *("VAL=1,2;3,4", "INFO"),
)
STATUS = re.compile(rb"\AStatus: (\d{3})")


# ---- streams


def record(kind, content=b"", number=1, padding=0):
    head = struct.pack("!BBHHBx", 1, kind, number, len(content), padding)
    return head + content + b"\0" * padding


def length(size):
    return bytes([size]) if size < 128 else struct.pack("!L", size | 1 << 31)


def params(rng):
    query = "&".join(rng.choices(COMMANDS, k=rng.randrange(5)))
    if rng.random() < 0.8:
        query = f"FIF={rng.choice(IMAGES)}&{query}"
    if rng.random() < 0.05:
        query *= rng.choice([2, 50, 2000])
    names = {"REQUEST_METHOD": rng.choice(["GET", "HEAD", "POST", "OPTIONS", "PUT", ""])}
    names |= {"QUERY_STRING": query, "REQUEST_URI": "/fcgi-bin/iipsrv.fcgi?" + query[:60]}
    if rng.random() < 0.1:
        names[rng.choice(["HTTP_ORIGIN", "HTTP_IF_MODIFIED_SINCE", "X" * 200])] = "\xff" * 9
    data = b""
    for name, value in names.items():
        data += length(len(name)) + length(len(value)) + (name + value).encode("latin-1")
    return data


def records_of_a_request(rng):
    number, keep = rng.choice([1, 1, 1, 2, 65535]), rng.random() < 0.3
    yield record(BEGIN, struct.pack("!HB5x", rng.choice([1] * 20 + [2, 3, 0]), keep), number)
    data = params(rng)
    while data:
        size = rng.choice([65535, rng.randrange(1, 40)])
        yield record(PARAMS, data[:size], number, rng.choice([0, 0, 3, 8, 255]))
        data = data[size:]
    yield record(PARAMS, b"", number)
    if rng.random() < 0.2:
        body = rng.randbytes(rng.choice([0, 9, 900, 60000]))
        yield record(STDIN, body, number)
    yield record(STDIN, b"", number)
    if rng.random() < 0.1:
        yield record(rng.choice([ABORT, DATA, GET_VALUES, 77]), rng.randbytes(rng.randrange(30)))


def stream(rng):
    """A stream, mostly damaged."""
    records = [r for _ in range(rng.choice([1, 1, 1, 2, 5])) for r in records_of_a_request(rng)]
    for _ in range(rng.choice([0, 1, 1, 2, 4])):
        at = rng.randrange(len(records))
        damage = rng.choice(DAMAGES)
        damage(rng, records, at)
        records = records or [b""]
    return b"".join(records)


def change_bytes(rng, records, at):
    data = bytearray(records[at])
    for _ in range(rng.randrange(1, 4) if data else 0):
        data[rng.randrange(len(data))] = rng.choice([0, 1, 127, 128, 255, rng.randrange(256)])
    records[at] = bytes(data)


def change_head(rng, records, at):
    data = bytearray(records[at])
    for place in rng.sample(range(min(8, len(data))), k=min(2, len(data))):
        data[place] = rng.randrange(256)
    records[at] = bytes(data)


def cut(rng, records, at):
    records[at] = records[at][: rng.randrange(len(records[at]) + 1)]


def drop(rng, records, at):
    del records[at]


def repeat(rng, records, at):
    records.insert(at, records[at])


def swap(rng, records, at):
    other = rng.randrange(len(records))
    records[at], records[other] = records[other], records[at]


def add_noise(rng, records, at):
    records.insert(at, rng.randbytes(rng.choice([1, 7, 8, 100, 3000])))


def break_off(rng, records, at):
    del records[at + 1 :]
    cut(rng, records, at)


DAMAGES = (change_bytes, change_head, cut, drop, repeat, swap, add_noise, break_off)


# ---- a client


def send(path, data, rng):
    """Send a stream in some pieces, and return all that comes back."""
    with socket.socket(socket.AF_UNIX) as opened:
        opened.connect(path)
        opened.settimeout(60)
        middle = len(data) // 2 if rng.random() < 0.1 else 0
        answer = exchange(opened, data[:middle])
        if middle and rng.random() < 0.3:
            return b""  # the client is gone
        answer += exchange(opened, data[middle:])
        with contextlib.suppress(OSError):  # of a connection that is closed already
            opened.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while piece := opened.recv(1 << 16):
                answer += piece
        return answer


def exchange(opened, data):
    """Send, and take what comes meanwhile: a server that waits for us takes nothing more."""
    answer, poll = b"", select.poll()
    poll.register(opened, select.POLLIN | select.POLLOUT)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        while data:
            ((_, events),) = poll.poll(60000) or [(0, 0)]
            if events & select.POLLOUT:
                data = data[opened.send(data, socket.MSG_DONTWAIT) :]
            if events & select.POLLIN:
                answer += opened.recv(1 << 16)
            elif not events & select.POLLOUT:
                raise TimeoutError
    return answer


def outputs(answer):
    """Yield what each request gave, in what the server has sent; whole records only."""
    at, output = 0, b""
    while at + 8 <= len(answer):
        _, kind, _, size, padding, _ = struct.unpack_from("!BBHHBB", answer, at)
        if kind == 6:
            output += answer[at + 8 : at + 8 + size]
        if kind == 3 and output:
            yield output
            output = b""
        at += 8 + size + padding


def status_of(output):
    match = STATUS.match(output)
    return int(match[1]) if match else 200


def statuses(answer):
    """The status of each answer in what the server has sent."""
    return [status_of(output) for output in outputs(answer)]


def campaign(path, seed, count, patience):
    rng, seen, faults, slowest = random.Random(seed), collections.Counter(), [], 0.0
    for number in range(count):
        data = stream(rng)
        began = time.monotonic()
        try:
            found = statuses(send(path, data, rng))
        except OSError as error:
            faults.append(f"stream {number} of seed {seed}: {error!r}")
            continue
        seconds = time.monotonic() - began
        slowest = max(slowest, seconds)
        seen.update(found)
        if seconds > patience or not PROMISED.issuperset(found):
            faults.append(f"stream {number} of seed {seed}: {found} in {seconds:.2f} s")
    return seen, faults, slowest


# ---- the server


def start(folder, count=2, **settings):
    """Start a server with some workers; `settings` are of the form section__key."""
    path = f"{folder}/s"
    words = [sys.executable, "-m", "iipastro", "serve", "--listen", f"unix:{path}"]
    for name, value in {
        "server.workers": count, "server.pid_file": "", "server.user": "root",
        "server.backlog": 64, "server.max_requests": 0, "images.root": ROOT / "tests" / "data",
        **{name.replace("__", "."): value for name, value in settings.items()},
    }.items():  # fmt: skip
        words += ["--set", f"{name}={value}"]
    log = open(f"{folder}/log", "wb")  # noqa: SIM115  the server's, for as long as it runs
    server = subprocess.Popen(
        words, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=log, process_group=0
    )
    deadline = time.monotonic() + 60
    while len(workers(server.pid)) < count or not Path(path).exists():
        if time.monotonic() > deadline or server.poll() is not None:
            sys.exit(Path(f"{folder}/log").read_text())
        time.sleep(0.05)
    return server, path


def workers(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10**6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--patience", type=float, default=1.0)
    asked = parser.parse_args()
    return watched(lambda path: run(path, asked, campaign))


def watched(campaigns, *words, **settings):
    """Let campaigns run against a server, and look after it; return the exit status."""
    folder = tempfile.mkdtemp(prefix="iip-")
    server, path = start(folder, *words, **settings)
    try:
        before = workers(server.pid)
        faults = campaigns(path)
        log = Path(f"{folder}/log").read_text()
        if workers(server.pid) != before:
            faults.append(f"workers have ended:\n{log[-3000:]}")
        if "Traceback" in log or "failed to answer" in log:
            faults.append(f"an error of ours:\n{log[:3000]}")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
        shutil.rmtree(folder)
    print("\n".join(faults[:20]))
    return 1 if faults else 0


def run(path, asked, campaign, what="streams"):
    """Let all clients do their share; return the faults."""
    each, seeds = asked.count // asked.clients, range(asked.seed, asked.seed + asked.clients)
    began = time.monotonic()
    with multiprocessing.Pool(asked.clients) as pool:
        found = pool.starmap(campaign, [(path, seed, each, asked.patience) for seed in seeds])
    seen = sum((counted for counted, _, _ in found), collections.Counter())
    print(
        f"{each * asked.clients} {what} in {time.monotonic() - began:.0f} s, answers "
        f"{dict(sorted(seen.items()))}, the slowest {max(s for _, _, s in found):.2f} s"
    )
    return [fault for _, faults, _ in found for fault in faults]


if __name__ == "__main__":
    sys.exit(main())
