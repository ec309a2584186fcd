#!/usr/bin/env python3
"""Measure FastCGI image servers side by side behind one nginx, or only keep them running.

    bench_servers.py run   --server NAME=COMMAND [--server ...] --data DIR [options]
    bench_servers.py serve --server NAME=COMMAND [--server ...] --data DIR [options]

COMMAND is split as a shell would.  It is started with the listening FastCGI socket as file
descriptor 0 (the FastCGI convention, what spawn-fcgi does), `--workers` times on one socket
unless the NAME ends in `*`: such a server forks its own workers and gets their number in
$WORKERS.  The settings come in the environment (FILESYSTEM_PREFIX, MAX_IMAGE_CACHE_SIZE, ...).
A NAME=http://host:port/prefix of a server that already runs is taken as it is; its process is
named with --pid NAME=PID.

The data folder must hold what the workloads read: scripts/make_bench_data.py writes it.
Needs nginx and wrk, and memcached for W4.  Each figure is the median over --runs.
"""

import argparse
import json
import os
import random
import resource
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
TICK = os.sysconf("SC_CLK_TCK")
BACKLOG = 16384  # the system cuts it to net.core.somaxconn
CTW5 = "0.0,0.0,0.12,0.55,0.9;0.02,0.4,0.8,0.3,0.0;0.95,0.6,0.1,0.0,0.0"


# ---------------------------------------------------------------- workloads
GAMMA = "&GAM=0.4545"
KINDS = (  # name, title, file, what stands before JTL: the 256 tiles of the full level
    ("C1", "float, deflate", "deflate_4k", GAMMA),
    ("C2", "float, deflate with float predictor", "deflate_pred_4k", GAMMA),
    ("C3", "float, LZW", "lzw_4k", GAMMA),
    ("C4", "float, ZSTD", "zstd_4k", GAMMA),
    ("C5", "16 bits, LZW with horizontal predictor", "u16_lzw_4k", GAMMA),
    ("C6", "8-bit RGB, deflate with horizontal predictor", "rgb8_deflate_4k", ""),
    ("C7", "8-bit RGB, LZW", "rgb8_lzw_4k", ""),
    ("B1", "8-bit RGB", "rgb8_4k", ""),
    ("B2", "8-bit RGB, gamma and contrast", "rgb8_4k", "&CNT=1.1" + GAMMA),
    ("B3", "8-bit RGB, gamma and 3x3 CTW", "rgb8_4k", GAMMA + "&CTW=1,0.2,0;0.1,1,0.1;0,0.2,1"),
    ("U1", "16 bits", "u16_4k", ""),
    ("U2", "16 bits, gamma and cuts", "u16_4k", "&MINMAX=1:630,1400" + GAMMA),
    ("U3", "16 bits, grey in RGB as VisiOmatic asks", "u16_4k", GAMMA + "&CTW=1;1;1"),
    ("J1", "float, CMP=jet", "mono_4k", "&CMP=jet"),
    ("J2", "float, CMP=jet and gamma", "mono_4k", GAMMA + "&CMP=jet"),
    ("J3", "16 bits, CMP=jet", "u16_4k", "&CMP=jet"),
    ("N1", "float, 3 channels as RGB", "three_4k", GAMMA),
    ("N2", "float, 3 channels, 3x3 CTW", "three_4k", GAMMA + "&CTW=1,0.2,0;0.1,1,0.1;0,0.2,1"),
    ("N3", "float, one channel, no gamma", "mono_4k", ""),
    ("N4", "float, one channel, INV and gamma", "mono_4k", GAMMA + "&INV"),
)


def tiles(level, count, seed=1):
    """The numbers 0..count-1 in a fixed random order, after the level."""
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return [f"JTL={level},{n}" for n in order]


def mono(*commands, name="mono_4k.ptif"):
    return [f"FIF={name}&CNT=1.1&GAM=0.4545&MINMAX=1:630,1400&CTW=1;1;1&{c}" for c in commands]


def workloads():
    """name: (title, settings, queries, warm-up needed, data file)"""
    rng = random.Random(7)
    cvt = [
        f"FIF=mono_4k.ptif&GAM=0.4545&MINMAX=1:630,1400&CTW=1;1;1&WID=1024"
        f"&RGN={rng.uniform(0, 0.7):.4f},{rng.uniform(0, 0.7):.4f},0.3,0.3&CVT=jpeg"
        for _ in range(32)
    ]
    pfl = []
    for _ in range(32):
        x, y = rng.randrange(2000), rng.randrange(4096)
        pfl.append(f"FIF=mono_4k.ptif&PFL=4:{x},{y}-{x + 2000},{y}")
    big = [
        f"FIF=mono_16k.ptif&GAM=0.4545&CTW=1;1;1&JTL=6,{n}"
        for n in random.Random(3).sample(range(4096), 4096)
    ]
    off = {"MAX_IMAGE_CACHE_SIZE": "0"}
    sliders = [
        f"FIF=mono_4k.ptif&CNT={1 + rng.random():.3f}&GAM=0.4545"
        f"&MINMAX=1:{rng.uniform(600, 700):.2f},1400&CTW=1;1;1&{t}"
        for _ in range(8)
        for t in tiles(4, 256)
    ]
    page = (
        "&obj=IIP,1.0&obj=max-size&obj=tile-size&obj=resolution-number&obj=bits-per-channel"
        "&obj=min-max-sample-values&obj=subject"
    )
    return {
        "W0": (
            "the OBJ request that opens a VisiOmatic page",
            off,
            ["FIF=mono_4k.ptif" + page],
            True,
            "mono_4k.ptif",
        ),
        "W1": ("mono float tile, no tile cache", off, mono(*tiles(4, 256)), False, "mono_4k.ptif"),
        "W2": (
            "5-channel float tile, 3x5 CTW, no tile cache",
            off,
            [f"FIF=multi5_4k.ptif&GAM=0.4545&CTW={CTW5}&{t}" for t in tiles(4, 256)],
            False,
            "multi5_4k.ptif",
        ),
        "W3": (
            "the 256 tiles of W1, tile cache 500 MB",
            {"MAX_IMAGE_CACHE_SIZE": "500"},
            mono(*tiles(4, 256)),
            True,
            "mono_4k.ptif",
        ),
        "W4": (
            "the 256 tiles of W1 out of memcached",
            {"MAX_IMAGE_CACHE_SIZE": "0", "MEMCACHED_SERVERS": "127.0.0.1:11311"},
            mono(*tiles(4, 256)),
            True,
            "mono_4k.ptif",
        ),
        "W5": ("CVT export 1024 px wide of a 0.3 x 0.3 region", off, cvt, False, "mono_4k.ptif"),
        "W6": ("PFL profile of 2000 pixels", off, pfl, False, "mono_4k.ptif"),
        "W7": ("random tiles of 16k x 16k, no tile cache", off, big, False, "mono_16k.ptif"),
        "W8": (
            "the tiles of W3, but new CNT and MINMAX each time",
            {"MAX_IMAGE_CACHE_SIZE": "500"},
            sliders,
            True,
            "mono_4k.ptif",
        ),
        **{
            name: (title, off, [f"FIF={file}{view}&{t}" for t in tiles(4, 256)], False, file)
            for name, title, stem, view in KINDS
            for file in [f"{stem}.ptif"]
        },
    }


# ---------------------------------------------------------------- processes
def tree(pid):
    """A process and its descendants."""
    found, todo = [], [pid]
    while todo:
        pid = todo.pop()
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                todo += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
            found.append(pid)
        except OSError:
            pass
    return found


def cpu(pids):
    """user + system seconds of processes and their descendants, waited-for children included."""
    total = 0
    for pid in {p for root in pids for p in tree(root)}:
        try:
            field = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += sum(map(int, field[11:15]))
        except OSError:
            pass
    return total / TICK


def rss(pids):
    """(sum of RSS, sum of PSS) in MiB: PSS shares out what forked workers have in common."""
    now = pss = 0
    for pid in {p for root in pids for p in tree(root)}:
        try:
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    now += int(line.split()[1])
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    pss += int(line.split()[1])
        except OSError:
            pass
    return now / 1024, pss / 1024


class Server:
    """One FastCGI server: its socket and its processes."""

    def __init__(self, name, command, run):
        self.own_workers = name.endswith("*")
        self.name = name.rstrip("*")
        self.command = command
        self.external = command.startswith("http://")
        self.path = str(run / f"{self.name}.sock")
        self.log = run / f"{self.name}.log"
        self.procs, self.pids = [], []

    def start(self, data, settings, workers, omp):
        if self.external:
            return
        env = dict(
            os.environ,
            FILESYSTEM_PREFIX=str(data) + "/",
            VERBOSITY="0",
            LOGFILE=str(self.log),
            JPEG_QUALITY="90",
            MAX_CVT="5000",
            MEMCACHED_SERVERS="",
            CORS="*",
            WORKERS=str(workers),
            IIPASTRO_USER="root",  # whoever runs the bench runs the servers
        )
        if omp:
            env["OMP_NUM_THREADS"] = str(omp)
        env.update(settings)
        if os.path.exists(self.path):
            os.unlink(self.path)
        with socket.socket(socket.AF_UNIX) as sock, open(self.log, "ab") as log:
            sock.bind(self.path)
            sock.listen(BACKLOG)
            os.chmod(self.path, 0o777)
            for _ in range(1 if self.own_workers else workers):
                self.procs.append(
                    subprocess.Popen(
                        shlex.split(self.command), stdin=sock, stdout=log, stderr=log, env=env
                    )
                )
        self.pids = [p.pid for p in self.procs]

    def stop(self):
        for proc in self.procs:
            proc.terminate()
        for proc in self.procs:
            try:
                proc.wait(5)
            except subprocess.TimeoutExpired:
                proc.kill()
                proc.wait()
        self.procs, self.pids = [], [] if not self.external else self.pids


def start_nginx(servers, run, port, more=""):
    """nginx in the foreground as our child; location /NAME for each server, and `more`."""
    blocks = [
        f"        location /{s.name} {{ fastcgi_pass unix:{s.path}; }}"
        for s in servers
        if not s.external
    ]
    text = (HERE / "nginx.conf.in").read_text()
    for key, value in (
        ("@PORT@", str(port)),
        ("@RUN@", str(run)),
        ("@LOCATIONS@", "\n".join([*blocks, more])),
    ):
        text = text.replace(key, value)
    (run / "nginx.conf").write_text(text)
    command = ["nginx", "-c", str(run / "nginx.conf"), "-p", str(run), "-g", "daemon off;"]
    with open(run / "nginx.err", "wb") as errors:
        proc = subprocess.Popen(command, stderr=errors)
    for _ in range(50):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return proc
        except OSError:
            time.sleep(0.1)
    raise SystemExit((run / "nginx.err").read_text())


def wait_for(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nobody listens at port {port}")


def fetch(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.headers.get_content_type(), answer.read()


def wrk(base, paths, connections, seconds, run):
    urls, out = run / "urls.txt", run / "wrk.json"
    urls.write_text("\n".join(paths) + "\n")
    out.unlink(missing_ok=True)
    env = dict(os.environ, BENCH_URLS=str(urls), BENCH_OUT=str(out))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    proc = subprocess.run(  # noqa: PLW1510  wrk tells of its own failure
        [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "--timeout",
            "30s",
            "-s",
            str(HERE / "tiles.lua"),
            base,
        ],
        env=env,
        capture_output=True,
    )
    if not out.exists():
        raise RuntimeError(proc.stdout.decode() + proc.stderr.decode())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**json.loads(out.read_text()), "wrk_cpu_s": own}


def measure(server, load, base, paths, connections, args, run):
    _title, settings, _queries, warm, _file = load
    memcached = None
    try:
        if "MEMCACHED_SERVERS" in settings:  # before the server: who finds it away waits to retry
            memcached = subprocess.Popen(
                [
                    "memcached",
                    "-u",
                    "nobody",
                    "-l",
                    "127.0.0.1",
                    "-p",
                    "11311",
                    "-U",
                    "0",
                    "-m",
                    "1024",
                    "-I",
                    "8m",
                ]
            )
            wait_for(11311)
        server.start(args.data, dict(settings, **args.env), args.workers, args.omp)
        origin = base.split("/", 3)
        kind, body = fetch(f"{origin[0]}//{origin[2]}{paths[0]}")
        for path in (paths[:256] if warm else paths[:3]) * (args.workers if warm else 1):
            fetch(f"{origin[0]}//{origin[2]}{path}")
        before = cpu(server.pids)
        mbefore = cpu([memcached.pid]) if memcached else 0
        row = wrk(base, paths, connections, args.seconds, run)
        row["cpu_s"] = cpu(server.pids) - before
        row["memcached_cpu_s"] = cpu([memcached.pid]) - mbefore if memcached else 0
        row["rss_mb"], row["pss_mb"] = rss(server.pids)
        row["kind"], row["first_bytes"] = kind, len(body)
        row["rps"] = row["requests"] / row["seconds"]
        row["cpu_ms"] = 1e3 * row["cpu_s"] / max(row["requests"], 1)
        return row
    finally:
        server.stop()
        if memcached:
            memcached.terminate()
            memcached.wait()


def run_bench(args, servers, run):
    loads = workloads()
    rows = []
    for name in args.workloads.split(","):
        load = loads[name]
        if not (args.data / load[4]).exists():
            print(f"# {name} left out: no {load[4]}", file=sys.stderr)
            continue
        for connections in args.connections:
            got = {s.name: [] for s in servers}
            for _ in range(args.runs):  # servers take turns, so drift hits all alike
                for server in servers:
                    base = (
                        server.command
                        if server.external
                        else f"http://127.0.0.1:{args.port}/{server.name}"
                    )
                    prefix = "/" + base.split("/", 3)[3]
                    paths = [f"{prefix}?{q}" for q in load[2]]
                    try:
                        got[server.name].append(
                            measure(server, load, base, paths, connections, args, run)
                        )
                    except Exception as error:  # noqa: BLE001  keep the other figures
                        print(f"# {name} c={connections} {server.name}: {error}", file=sys.stderr)
            for server in servers:
                runs = got[server.name]
                if not runs:
                    continue
                row = {
                    "workload": name,
                    "title": load[0],
                    "server": server.name,
                    "workers": args.workers,
                    "connections": connections,
                    "runs": len(runs),
                }
                for key, value in runs[0].items():
                    row[key] = (
                        value if isinstance(value, str) else statistics.median(r[key] for r in runs)
                    )
                row["cpu_ms_min"] = min(r["cpu_ms"] for r in runs)
                row["cpu_ms_max"] = max(r["cpu_ms"] for r in runs)
                rows.append(row)
                print(line(row), flush=True)
    return rows


HEAD = (
    "| load | server | wrk conns | workers | req/s | mean ms | p50 ms | p99 ms |"
    " CPU ms/req (min-max) | RSS MB | PSS MB | body kB | bad |\n" + "|---" * 13 + "|"
)


def line(r):
    return (
        f"| {r['workload']} | {r['server']} | {r['connections']} | {r['workers']} |"
        f" {r['rps']:.1f} | {r['mean_us'] / 1e3:.2f} | {r['p50_us'] / 1e3:.2f} |"
        f" {r['p99_us'] / 1e3:.2f} |"
        f" {r['cpu_ms']:.2f} ({r['cpu_ms_min']:.2f}-{r['cpu_ms_max']:.2f}) |"
        f" {r['rss_mb']:.0f} | {r['pss_mb']:.0f} | {r['bytes'] / max(r['requests'], 1) / 1e3:.1f} |"
        f" {r['bad_status'] + r['socket_errors'] + r['timeouts']:.0f} |"
    )


def ratios(rows, base):
    """A table of what each server needs of what the first one does, in CPU time and requests/s."""
    first = {(r["workload"], r["connections"]): r for r in rows if r["server"] == base}
    table = [
        "",
        f"| load | what | conns | server | req/s, {base} | req/s | ms, {base} | CPU ms | ratio |",
        "|---" * 9 + "|",
    ]
    for r in rows:
        b = first.get((r["workload"], r["connections"]))
        if r["server"] == base or b is None:
            continue
        served = b["kind"] == r["kind"] and not b["bad_status"]
        table.append(
            f"| {r['workload']} | {r['title']} | {r['connections']} | {r['server']} |"
            f" {b['rps']:.0f} | {r['rps']:.0f} | {b['cpu_ms']:.2f} | {r['cpu_ms']:.2f} |"
            f" {r['cpu_ms'] / b['cpu_ms']:.2f} |"
            if served and b["cpu_ms"]
            else f"| {r['workload']} | {r['title']} | {r['connections']} | {r['server']} | cannot |"
            f" {r['rps']:.0f} | | {r['cpu_ms']:.2f} | |"
        )
    return "\n".join(table)


def main():
    par = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    par.add_argument("what", choices=("run", "serve"))
    par.add_argument("--server", action="append", required=True, metavar="NAME=COMMAND")
    par.add_argument("--pid", action="append", default=[], metavar="NAME=PID")
    par.add_argument("--data", type=Path, required=True)
    par.add_argument("--port", type=int, default=8090)
    par.add_argument("--workers", type=int, default=1)
    par.add_argument("--omp", type=int, default=1, help="OMP_NUM_THREADS; 0 leaves it unset")
    par.add_argument("--workloads", default="W0,W1,W2,W3,W4,W5,W6,W7,W8")
    par.add_argument(
        "--connections", type=lambda s: [int(v) for v in s.split(",")], default=[1, 16]
    )
    par.add_argument("--runs", type=int, default=3)
    par.add_argument("--seconds", type=int, default=4)
    par.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    par.add_argument("--json", type=Path, help="write all rows there")
    par.add_argument("--run-dir", type=Path, help="default: a new temporary folder")
    args = par.parse_args()
    args.data = args.data.resolve()
    args.env = dict(e.split("=", 1) for e in args.env)
    run = (args.run_dir or Path(tempfile.mkdtemp(prefix="bench-"))).resolve()
    run.mkdir(parents=True, exist_ok=True)
    run.chmod(0o755)
    servers = [Server(*s.split("=", 1), run) for s in args.server]
    for word in args.pid:
        name, pid = word.split("=")
        next(s for s in servers if s.name == name).pids = [int(pid)]
    nginx = start_nginx(servers, run, args.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        if args.what == "run":
            print(HEAD)
            rows = run_bench(args, servers, run)
            print(ratios(rows, servers[0].name))
            if args.json:
                args.json.write_text(json.dumps(rows, indent=1))
        else:
            for server in servers:
                server.start(args.data, args.env, args.workers, args.omp)
                print(f"http://127.0.0.1:{args.port}/{server.name} pids {server.pids}", flush=True)
            nginx.wait()
    except KeyboardInterrupt:
        pass
    finally:
        for server in servers:
            server.stop()
        nginx.terminate()
        nginx.wait()


if __name__ == "__main__":
    main()
