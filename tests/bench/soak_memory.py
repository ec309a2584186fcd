#!/usr/bin/env python3
"""Ask one worker for many different tiles, and say how its memory grows beside its bound.

    soak_memory.py [TILES] [MEGABYTES]

The images are made on the spot: one of plain float tiles, one of packed ones.  Exit status 1 if
the memory of the process grows by more than the bound and a tenth of it.
"""

import os
import random
import sys
import tempfile
from pathlib import Path

import numpy as np
import tifffile

from iipastro.config import load_config
from iipastro.handlers.service import build_service, prepare
from iipastro.wsgi import respond

SIDE, TILE = 4096, 256


def make_images(folder):
    """Write a plain and a packed image of noise on a slope: its tiles are of many sizes."""
    row, column = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    noise = np.random.default_rng(1).normal(0, 30, (SIDE, SIDE)).astype(np.float32)
    pixels = column / 8 + noise * (row / SIDE)
    for name, compression in (("plain.tif", None), ("packed.tif", "zstd")):
        tifffile.imwrite(folder / name, pixels, tile=(TILE, TILE), compression=compression)
        os.utime(folder / name, (784111777, 784111777))  # of a new file nothing is kept


def resident():
    """Return the memory of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def asker(folder, megabytes):
    """Return a worker's service, and a function that asks it for a tile that is not like others."""
    settings = {"images.root": str(folder), "cache.memory": f"{megabytes}M"}
    service = build_service(load_config([], {}, settings).config)
    lot = random.Random(1)

    def ask(number):
        name, index = lot.choice(("plain", "packed")), lot.randrange((SIDE // TILE) ** 2)
        query = f"FIF={name}.tif&CNT={1 + number * 1e-6:.6f}&MINMAX=1:0,600&JTL=0,{index}"
        assert respond({"QUERY_STRING": query}, b"", service).status == 200

    return service, ask


def grown_by(folder, tiles, megabytes):
    """Return by how many bytes the memory grows, beyond what a worker without caches takes."""
    ask = asker(folder, 0)[1]  # this service goes when the next one comes
    for number in range(2000):
        ask(number)
    first = resident()
    service, ask = asker(folder, megabytes)
    for number in range(tiles):
        ask(number)
        if (number + 1) % (tiles // 10) == 0:
            grown = resident() - first
            kept = service.tiles.bytes + sum(tier.bytes for tier in service.answers.tiers)
            print(
                f"{number + 1} tiles: {grown / 2**20:.1f} MB more in memory, {kept / 2**20:.1f} MB"
                f" counted, {megabytes} allowed",
                flush=True,
            )
    return grown


def main():
    tiles = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 48
    prepare()
    with tempfile.TemporaryDirectory() as folder:
        make_images(Path(folder))
        grown = grown_by(Path(folder), tiles, megabytes)
    return int(grown > 1.1 * megabytes * 2**20)


if __name__ == "__main__":
    sys.exit(main())
