#!/usr/bin/env python3
"""CPU time of a tile as images, and their number, and the workers grow.

    bench_scaling.py --server NAME=COMMAND [--server ...] [--data DIR] [--seconds S] [--tables T]

Servers as in bench_servers.py.  Four tables (T chooses some):

sizes    tiles of images of 1k to 100k pixels a side
opening  the first tile of each of these after its file has changed, nothing of it in memory: the
         time until the answer is there
numbers  tiles of 1 to 10,000 images of one tile each: the first time; again, in the same words; and
         again in words that no request had before (a serial number, which means nothing)
workers  1 and 2 workers

The images are made of the same 64 tiles, each named many times in the tables of a BigTIFF, so that
only the size differs: the one of 100,000 x 100,000 pixels takes 20 MB.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import statistics
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import bench_servers as bench
import numpy as np

from iipastro.convert.bigtiff import (
    BIGTIFF,
    FLOAT,
    LONG,
    LONG8,
    SHORT,
    Tag,
    write_directories,
    write_head,
)
from iipastro.geometry import Size, grid_of
from iipastro.sky import BANDS, RED, make_sky

TILE = 256
SMALL = 64  # pixels: images, of one tile, of which there are many
SIDES = (1024, 4096, 16384, 100_000)
NUMBERS = (1, 100, 1000, 10_000)
OPENINGS = 21
LONG_AGO = 784111777  # of a file that has just changed, servers may remember less
OFF = {"MAX_IMAGE_CACHE_SIZE": "0"}
VIEW = "GAM=0.4545&MINMAX=1:630,1400"


def sky_tiles(side):
    """64 tiles of the r band of the sky, as bytes."""
    strips = [strip[:, :, RED] for strip in make_sky(8 * side).strips()]
    cut = np.concatenate(strips).astype("<f4").reshape(8, side, 8, side).swapaxes(1, 2)
    return [tile.tobytes() for row in cut for tile in row]


def write_image(path, side, tile, tiles, cuts=True):
    """A pyramid whose tiles are some of `tiles`, in an order that repeats."""
    if path.exists():
        return
    with path.open("wb") as file:
        write_head(file, BIGTIFF)
        offsets = []
        for one in tiles:
            offsets.append(file.tell())
            file.write(one)
        sides = [side]
        while sides[-1] > tile:
            sides.append(sides[-1] // 2)
        levels = [level(one, tile, np.array(offsets), cuts) for one in sides]
        write_directories(file, BIGTIFF, levels)
    os.utime(path, (LONG_AGO, LONG_AGO))


def level(side, tile, offsets, cuts):
    columns, rows = grid_of(Size(side, side), Size(tile, tile))
    count = columns * rows
    named = offsets[np.arange(count) * 37 % len(offsets)].tolist()
    numbers = {256: side, 257: side, 322: tile, 323: tile}
    ends = ((340, BANDS[RED].low), (341, BANDS[RED].high)) if cuts else ()
    shorts = {258: 32, 259: 1, 262: 1, 277: 1, 339: 3}
    return [
        *(Tag(number, LONG, (value,)) for number, value in numbers.items()),
        *(Tag(number, SHORT, (value,)) for number, value in shorts.items()),
        Tag(324, LONG8, named),
        Tag(325, LONG, [tile * tile * 4] * count),
        *(Tag(number, FLOAT, (value,)) for number, value in ends),
    ]


def top_of(side):
    """The number of the largest level of an image."""
    return (side // TILE).bit_length() - (side & (side - 1) == 0)


def size_loads(data):
    """Tiles of the largest level, at random, of images of each size."""
    tiles = sky_tiles(TILE)
    for side in SIDES:
        write_image(data / f"side_{side}.tif", side, TILE, tiles)
        count = (-(-side // TILE)) ** 2
        chosen = random.Random(side).choices(range(count), k=min(4096, 4 * count))
        queries = [f"FIF=side_{side}.tif&{VIEW}&JTL={top_of(side)},{n}" for n in chosen]
        yield f"{side} x {side}", queries


def opening_loads(data):
    """Images, and tiles in the middle of them; one has no tags that name its cuts."""
    write_image(data / f"bare_{SIDES[-1]}.tif", SIDES[-1], TILE, sky_tiles(TILE), cuts=False)
    for name, side in (*(("side", side) for side in SIDES), ("bare", SIDES[-1])):
        count = (-(-side // TILE)) ** 2
        title = f"{side} x {side}" + ", its cuts to be found" * (name == "bare")
        file = f"{name}_{side}.tif"
        yield title, data / file, f"FIF={file}&GAM=0.4545&JTL={top_of(side)},{count // 2}"


def number_loads(data):
    """The only tile of each of a number of images, in an order that repeats."""
    tiles = sky_tiles(SMALL)
    for number in range(max(NUMBERS)):
        folder = data / f"small_{number // 1000}"
        folder.mkdir(exist_ok=True)
        write_image(folder / f"{number}.tif", SMALL, SMALL, tiles[number % 64 : number % 64 + 1])
    for count in NUMBERS:
        order = list(range(count))
        random.Random(count).shuffle(order)
        queries = [f"FIF=small_{n // 1000}/{n}.tif&{VIEW}&JTL=0,0" for n in order]
        yield f"{count} images", queries


@contextmanager
def asked(server, args):
    """Start a server of one worker; what asks it gives the milliseconds of the answer."""

    def ask(query):
        start = time.perf_counter()
        web.request("GET", f"/{server.name}?{query}")
        answer = web.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        return 1e3 * (time.perf_counter() - start)

    server.start(args.data, OFF, 1, 1)
    web = http.client.HTTPConnection("127.0.0.1", args.port, timeout=60)
    try:
        yield ask
    finally:
        web.close()
        server.stop()


def opening(server, loads, args):
    """Yield the name of each image, and the milliseconds of its first tiles, sorted."""
    with asked(server, args) as ask:
        for name, path, query in loads:
            times = []
            for number in range(OPENINGS):
                ask(loads[0][2])  # the processor is awake, and the image another one
                os.utime(path, (LONG_AGO + number, LONG_AGO + number))
                forget(path)
                times.append(ask(query))
            yield name, sorted(times[1:])


def forget(path):
    """Have the system drop what it has of a file in memory."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def opening_table(loads, servers, args):
    print("\n| first tile of an image of | server | ms, median | least | most |")
    print("|---" * 5 + "|")
    for server in servers:
        for name, times in opening(server, loads, args):
            print(
                f"| {name} | {server.name} | {statistics.median(times):.1f} |"
                f" {times[0]:.1f} | {times[-1]:.1f} |",
                flush=True,
            )


def first_and_again(server, queries, args, run):
    """CPU ms of a tile the first time, the rows of wrk for the same words and for others."""
    with asked(server, args) as ask:
        for query in 256 * queries[:1]:
            ask(query)
        before = bench.cpu(server.pids)
        for query in queries:
            ask(query)
        first = 1e3 * (bench.cpu(server.pids) - before) / len(queries)
        again = asked_again(server, queries, args, run)
        numbers = range(20_000)
        others = [queries[n % len(queries)].replace("&JTL", f"&N={n}&JTL") for n in numbers]
        return first, again, asked_again(server, others, args, run)


def asked_again(server, queries, args, run):
    """The row of wrk for images that are open."""
    paths = [f"/{server.name}?{query}" for query in queries]
    before = bench.cpu(server.pids)
    row = bench.wrk(f"http://127.0.0.1:{args.port}/{server.name}", paths, 1, args.seconds, run)
    row["cpu_ms"] = 1e3 * (bench.cpu(server.pids) - before) / max(row["requests"], 1)
    row["pss_mb"] = bench.rss(server.pids)[1]
    return row


def number_table(loads, servers, args, run):
    print(
        "\n| small images | server | CPU ms, first time | again | in new words | PSS MB | failed |"
    )
    print("|---" * 7 + "|")
    for name, queries in loads:
        for server in servers:
            runs = [first_and_again(server, queries, args, run) for _ in range(args.runs)]
            rows = [row for one in runs for row in one[1:]]
            times = ((first, one["cpu_ms"], other["cpu_ms"]) for first, one, other in runs)
            first, again, others = map(statistics.median, zip(*times, strict=True))
            told = f"{first:.3f}" if len(queries) >= 1000 else "-"  # clock ticks are 10 ms
            print(
                f"| {name} | {server.name} | {told} | {again:.3f} | {others:.3f} |"
                f" {max(row['pss_mb'] for row in rows):.0f} | {sum(map(failed, rows))} |",
                flush=True,
            )


def failed(row):
    return row["bad_status"] + row["socket_errors"] + row["timeouts"]


def measured(servers, queries, connections, args, run):
    """Yield each server and its medians; servers take turns."""
    load = ("", OFF, queries, True, "")
    for server in servers:
        base = f"http://127.0.0.1:{args.port}/{server.name}"
        paths = [f"/{server.name}?{query}" for query in queries]
        runs = [
            bench.measure(server, load, base, paths, connections, args, run)
            for _ in range(args.runs)
        ]
        yield server, sorted(runs, key=lambda row: row["cpu_ms"])[len(runs) // 2]


def table(title, loads, servers, connections, args, run):
    print(f"\n| {title} | server | requests/s | CPU ms a tile | PSS MB | failed |")
    print("|---" * 6 + "|")
    for name, queries in loads:
        for server, row in measured(servers, queries, connections, args, run):
            print(
                f"| {name} | {server.name} | {row['rps']:.0f} | {row['cpu_ms']:.3f} |"
                f" {row['pss_mb']:.0f} | {failed(row)} |",
                flush=True,
            )


def main():
    par = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    par.add_argument("--server", action="append", required=True, metavar="NAME=COMMAND")
    par.add_argument("--data", type=Path, help="default: a new temporary folder")
    par.add_argument("--port", type=int, default=8091)
    par.add_argument("--runs", type=int, default=3)
    par.add_argument("--seconds", type=int, default=4)
    par.add_argument("--tables", default="sizes,opening,numbers,workers")
    args = par.parse_args()
    args.env, args.omp, args.workers = {}, 1, 1
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        run = Path(folder)
        run.chmod(0o755)
        args.data = (args.data or run / "data").resolve()
        args.data.mkdir(parents=True, exist_ok=True)
        servers = [bench.Server(*word.split("=", 1), run) for word in args.server]
        nginx = bench.start_nginx(servers, run, args.port)
        try:
            sizes = list(size_loads(args.data))
            if "sizes" in args.tables:
                table("one worker, image of", sizes, servers, 1, args, run)
            if "opening" in args.tables:
                opening_table(list(opening_loads(args.data)), servers, args)
            if "numbers" in args.tables:
                number_table(list(number_loads(args.data)), servers, args, run)
            if "workers" in args.tables:
                for args.workers in (1, 2):
                    table(f"workers: {args.workers}", sizes[1:2], servers, 16, args, run)
        finally:
            nginx.terminate()
            nginx.wait()


if __name__ == "__main__":
    main()
