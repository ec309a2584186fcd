"""What a tile costs from each cache, behind nginx: bench_fronts.py [DATA] [SECONDS] [ROUNDS].

The 256 tiles of W1 (bench_servers.py) of DATA/mono_4k.ptif, one worker, one process of nginx with
the site file that we ship, wrk with 16 connections.  The caches take turns; medians of the rounds.
CPU is that of all processes: nginx, iipastro and its parent, memcached.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_servers import cpu, fetch, mono, tiles, wrk

ROOT = Path(__file__).resolve().parents[2]
PLACE = "unix:/run/iipastro/iipastro.sock"
ASKS_SELDOM = ("fastcgi_cache_valid 200 1s;", "fastcgi_cache_valid 200 1h;")
OFF = "[cache]\nmemory = 0\n"
ON = "[cache]\nmemory = 128M\n"
MEMCACHED = OFF + "[memcached]\nservers = 127.0.0.1:{port}\n"
ROWS = (  # name, site file, what is changed in it, settings
    ("made each time", "iipastro.conf", (), OFF),
    ("memcached", "iipastro.conf", (), MEMCACHED),
    ("memory of the worker", "iipastro.conf", (), ON),
    ("nginx, valid 1s", "iipastro-cache.conf", (), OFF),
    ("nginx, valid 1h", "iipastro-cache.conf", (ASKS_SELDOM,), OFF),
)
NGINX = """
worker_processes 1;
daemon off;
user root;
pid {run}/nginx.pid;
error_log {run}/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    keepalive_requests 1000000;
    client_body_temp_path {run}/body;
    proxy_temp_path {run}/proxy;
    fastcgi_temp_path {run}/fastcgi;
    uwsgi_temp_path {run}/uwsgi;
    scgi_temp_path {run}/scgi;
    include {run}/site.conf;
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def started(leave, command, address):
    """Start a process that ends with the stack `leave`; return it when it listens."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    leave.callback(lambda: (process.terminate(), process.wait()))
    kind = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    for _ in range(300):
        with socket.socket(kind) as trial, contextlib.suppress(OSError):
            trial.connect(address)
            return process
        time.sleep(0.1)
    raise SystemExit(f"does not listen: {command}")


def site_of(name, changes, run, port):
    text = (ROOT / "conf" / "nginx" / name).read_text()
    own = (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("    listen [::]:80;\n", ""),
        (PLACE, f"unix:{run}/iipastro.sock"),
    )
    for old, new in (*own, *changes):
        assert old in text, old
        text = text.replace(old, new)
    return text.replace("/var/cache/nginx-iipastro", f"{run}/cache")


def measure(row, data, seconds):
    """Return requests per second, and µs of CPU a request: nginx, iipastro, memcached."""
    _, site, changes, settings = row
    with contextlib.ExitStack() as leave:
        run = Path(leave.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        ports = free_port(), free_port()
        (run / "iipastro.ini").write_text(
            f"[server]\nlisten = unix:{run}/iipastro.sock\nworkers = 1\n"
            f"[images]\nroot = {data}\n{settings.format(port=ports[1])}"
        )
        (run / "site.conf").write_text(site_of(site, changes, run, ports[0]))
        (run / "nginx.conf").write_text(NGINX.format(run=run))
        words = ["-u", "nobody", "-l", "127.0.0.1", "-p", str(ports[1]), "-m", "256"]
        memcached = started(leave, ["memcached", *words], ("127.0.0.1", ports[1]))
        serve = [sys.executable, "-m", "iipastro", "serve", "--config", str(run / "iipastro.ini")]
        daemon = started(leave, serve, f"{run}/iipastro.sock")
        words = ["-p", str(run), "-c", str(run / "nginx.conf")]
        nginx = started(leave, ["nginx", *words], ("127.0.0.1", ports[0]))
        base = f"http://127.0.0.1:{ports[0]}"
        paths = [f"/fcgi-bin/iipsrv.fcgi?{query}" for query in mono(*tiles(4, 256))]
        for path in paths:
            fetch(base + path)
        pids = [nginx.pid], [daemon.pid], [memcached.pid]
        before = [cpu(each) for each in pids]
        got = wrk(base, paths, 16, seconds, run)
        assert not got["bad_status"] + got["socket_errors"] + got["timeouts"], got
        spent = [1e6 * (cpu(each) - was) for each, was in zip(pids, before, strict=True)]
        return [got["requests"] / got["seconds"], *(each / got["requests"] for each in spent)]


def main(data="build/bench", seconds="3", rounds="3"):
    needed = [name for name in ("nginx", "wrk", "memcached") if not shutil.which(name)]
    if needed:
        raise SystemExit(f"not installed: {', '.join(needed)}")
    found = {row[0]: [] for row in ROWS}
    for _ in range(int(rounds)):
        for row in ROWS:
            found[row[0]].append(measure(row, Path(data).resolve(), int(seconds)))
    print("| the tile comes from | tiles/s | nginx, µs | iipastro, µs | memcached, µs | all, µs |")
    print("|---|---|---|---|---|---|")
    for name, rows in found.items():
        rate, *spent = [statistics.median(each) for each in zip(*rows, strict=True)]
        cells = " | ".join(f"{each:.0f}" for each in (*spent, sum(spent)))
        print(f"| {name} | {rate:.0f} | {cells} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
