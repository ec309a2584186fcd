#!/usr/bin/env python3
"""CPU time of a tile as images, and their number, and the workers grow.

    bench_scaling.py --server NAME=COMMAND [--server ...] [--data DIR] [--seconds S]

Servers as in bench_servers.py.  Three tables: tiles of images of 1k to 100k pixels a side;
tiles of 1 to 10,000 images of one tile each; 1 and 2 workers.  The images are made of the same 64
tiles, each named many times in the tables of a BigTIFF, so that only the size differs: the one of
100,000 x 100,000 pixels takes 20 MB.
"""

from __future__ import annotations

import argparse
import random
import tempfile
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
OFF = {"MAX_IMAGE_CACHE_SIZE": "0"}
VIEW = "GAM=0.4545&MINMAX=1:630,1400"


def sky_tiles(side):
    """64 tiles of the r band of the sky, as bytes."""
    strips = [strip[:, :, RED] for strip in make_sky(8 * side).strips()]
    cut = np.concatenate(strips).astype("<f4").reshape(8, side, 8, side).swapaxes(1, 2)
    return [tile.tobytes() for row in cut for tile in row]


def write_image(path, side, tile, tiles):
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
        write_directories(file, BIGTIFF, [level(one, tile, np.array(offsets)) for one in sides])


def level(side, tile, offsets):
    columns, rows = grid_of(Size(side, side), Size(tile, tile))
    count = columns * rows
    named = offsets[np.arange(count) * 37 % len(offsets)].tolist()
    numbers = {256: side, 257: side, 322: tile, 323: tile}
    shorts = {258: 32, 259: 1, 262: 1, 277: 1, 339: 3}
    return [
        *(Tag(number, LONG, (value,)) for number, value in numbers.items()),
        *(Tag(number, SHORT, (value,)) for number, value in shorts.items()),
        Tag(324, LONG8, named),
        Tag(325, LONG, [tile * tile * 4] * count),
        Tag(340, FLOAT, (BANDS[RED].low,)),
        Tag(341, FLOAT, (BANDS[RED].high,)),
    ]


def size_loads(data):
    """Tiles of the largest level, at random, of images of each size."""
    tiles = sky_tiles(TILE)
    for side in SIDES:
        write_image(data / f"side_{side}.tif", side, TILE, tiles)
        count = (-(-side // TILE)) ** 2
        top = (side // TILE).bit_length() - (side & (side - 1) == 0)
        chosen = random.Random(side).choices(range(count), k=min(4096, 4 * count))
        queries = [f"FIF=side_{side}.tif&{VIEW}&JTL={top},{n}" for n in chosen]
        yield f"{side} x {side}", queries


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
        yield (
            f"{count} images",
            [f"FIF=small_{n // 1000}/{n}.tif&{VIEW}&JTL=0,0" for n in order],
        )


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
            bad = row["bad_status"] + row["socket_errors"] + row["timeouts"]
            print(
                f"| {name} | {server.name} | {row['rps']:.0f} | {row['cpu_ms']:.3f} |"
                f" {row['pss_mb']:.0f} | {bad} |",
                flush=True,
            )


def main():
    par = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    par.add_argument("--server", action="append", required=True, metavar="NAME=COMMAND")
    par.add_argument("--data", type=Path, help="default: a new temporary folder")
    par.add_argument("--port", type=int, default=8091)
    par.add_argument("--runs", type=int, default=3)
    par.add_argument("--seconds", type=int, default=4)
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
            sizes, numbers = list(size_loads(args.data)), list(number_loads(args.data))
            table("one worker, image of", sizes, servers, 1, args, run)
            table("one worker", numbers, servers, 1, args, run)
            for args.workers in (1, 2):
                table(f"workers: {args.workers}", sizes[1:2], servers, 16, args, run)
        finally:
            nginx.terminate()
            nginx.wait()


if __name__ == "__main__":
    main()
