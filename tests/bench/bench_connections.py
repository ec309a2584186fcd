#!/usr/bin/env python3
"""Measure how many tiles a second come over more and more connections (operations.md R2).

    bench_connections.py --data DIR --server NAME=COMMAND [--server ...] [--svg FILE] [--json FILE]

The servers are those of bench_servers.py and take turns behind the same nginx.  nginx opens
two descriptors for each connection.  Above some 4,000 connections the queue of a socket has to be
longer than most systems allow:
`sysctl net.core.somaxconn=16384`, or a network of our own, which changes nothing on the machine:

    unshare --net sh -c 'ip link set lo up; sysctl -q net.core.somaxconn=16384; exec "$@"' sh \
        python tests/bench/bench_connections.py ...
"""

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import bench_servers as bench

COLOURS = ("#c0392b", "#1f77b4", "#2ca02c")
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 400, 70, 30, 20, 60


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", action="append", required=True, metavar="NAME=COMMAND")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", default="1,16,300,1000,9500")
    parser.add_argument("--seconds", type=int, default=10, help="of a run; more if many wait")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--svg", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    raise_limits()
    counts = [int(word) for word in asked.connections.split(",")]
    run = Path(tempfile.mkdtemp(prefix="bench-")).resolve()
    run.chmod(0o755)
    servers = [bench.Server(*word.split("=", 1), run) for word in asked.server]
    nginx = bench.start_nginx(servers, run, asked.port)
    try:
        rows = measure_all(servers, counts, asked, (run, nginx.pid))
    finally:
        nginx.terminate()
        nginx.wait()
    print_table(rows)
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1))
    if asked.svg:
        asked.svg.write_text(plot(rows))


def raise_limits():
    """nginx has two descriptors for each connection, wrk one."""
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (65536, 65536))
    except (ValueError, OSError) as error:
        print(f"# open files stay limited: {error}", file=sys.stderr)


def measure_all(servers, counts, asked, front):
    """Return a row for each server and number of connections.

    Servers and numbers take turns, so that what else the machine does hits all alike.
    """
    load = bench.workloads()["W1"]
    args = SimpleNamespace(data=asked.data.resolve(), env={}, workers=asked.workers, omp=1)
    got = {(server.name, count): [] for server in servers for count in counts}
    for turn in range(asked.runs):
        for count in counts:
            args.seconds = max(asked.seconds, count // 300)
            for server in servers:
                base = f"http://127.0.0.1:{asked.port}/{server.name}"
                paths = [f"/{server.name}?{query}" for query in load[2]]
                before = bench.cpu([front[1]])
                found = bench.measure(server, load, base, paths, count, args, front[0])
                found["all_cpu_s"] = (
                    bench.cpu([front[1]]) - before + found["cpu_s"] + found["wrk_cpu_s"]
                )
                got[server.name, count].append(found)
                print(f"# {turn} {server.name} {count}: {found['rps']:.0f}/s", file=sys.stderr)
    return [row_of(name, count, found) for (name, count), found in got.items()]


def row_of(name, connections, found):
    """The best of all turns, as others slow a server down and never speed it up; all failures."""
    best = max(found, key=lambda one: one["rps"])
    return {
        "server": name,
        "connections": connections,
        "rps": best["rps"],
        "cpu_ms": statistics.median(one["cpu_ms"] for one in found),
        "all_cpu_ms": 1e3 * statistics.median(one["all_cpu_s"] / one["requests"] for one in found),
        "p50_ms": best["p50_us"] / 1e3,
        "p99_ms": best["p99_us"] / 1e3,
        "requests": sum(one["requests"] for one in found),
        "failed": sum(one["bad_status"] + one["socket_errors"] + one["timeouts"] for one in found),
    }


def print_table(rows):
    heads = (
        *("server", "connections", "requests/s", "CPU ms, server", "CPU ms, all", "possible/s"),
        *("of its peak", "p50 ms", "p99 ms", "requests", "failed"),
    )
    print(f"| {' | '.join(heads)} |")
    print("|---" * len(heads) + "|")
    for row in rows:
        peak = max(possible(other) for other in rows if other["server"] == row["server"])
        cells = (
            *(row["server"], row["connections"], f"{row['rps']:.0f}", f"{row['cpu_ms']:.2f}"),
            *(f"{row['all_cpu_ms']:.2f}", f"{possible(row):.0f}", f"{possible(row) / peak:.0%}"),
            *(f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}", row["requests"], row["failed"]),
        )
        print(f"| {' | '.join(map(str, cells))} |")


def possible(row):
    """Requests a second if server, nginx and wrk had all cores of this machine for themselves."""
    return (os.cpu_count() or 1) * 1e3 / row["all_cpu_ms"]


# ---- a plot: requests a second over connections, evenly spaced


def plot(rows):
    """Return an SVG picture of the rows."""
    counts = sorted({row["connections"] for row in rows})
    top = 1.1 * max(possible(row) for row in rows)
    step = 10 ** (len(str(int(top))) - 1)
    step = step if top / step > 4 else step / 2
    across = (WIDTH - LEFT - RIGHT) / max(len(counts) - 1, 1)
    up = (HEIGHT - TOP - BOTTOM) / top
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for tick in range(int(top / step) + 1):
        y = HEIGHT - BOTTOM - tick * step * up
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, y + 4, f"{tick * step:g}", "end"))
    for place, count in enumerate(counts):
        parts.append(text(LEFT + place * across, HEIGHT - BOTTOM + 20, f"{count:,}", "middle"))
    parts.append(text((LEFT + WIDTH) / 2, HEIGHT - 15, "connections at once", "middle"))
    parts.append(
        text(LEFT - 50, TOP - 12, "tiles a second: possible, and (dashed) measured", "start")
    )
    for number, name in enumerate(dict.fromkeys(row["server"] for row in rows)):
        own = [row for row in rows if row["server"] == name]
        across_of = [LEFT + counts.index(row["connections"]) * across for row in own]
        for value, dashes in ((possible, ""), (lambda row: row["rps"], ' stroke-dasharray="3 4"')):
            points = [
                (x, HEIGHT - BOTTOM - value(row) * up)
                for x, row in zip(across_of, own, strict=True)
            ]
            parts += curve(points, COLOURS[number], dashes)
        x, y = across_of[0], HEIGHT - BOTTOM - possible(own[0]) * up
        parts.append(text(x + 8, y - 10, name, "start", COLOURS[number]))
    return "\n".join([*parts, "</svg>", ""])


def curve(points, colour, dashes):
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
    for x, y in [] if dashes else points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'


def text(x, y, words, anchor, colour="#333"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


if __name__ == "__main__":
    main()
