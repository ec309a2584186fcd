"""A FITS file as it is beside its conversion: python tests/bench/bench_fits.py [SIDE] [FOLDER].

A sky of SIDE x SIDE pixels (16384), float32.  Times of requests answered in this
process: the opening of the page, the first tile of the smallest level (which makes
all lower levels), then, in turns, tiles of each level from both files.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

from iipastro.config import load_config
from iipastro.handlers.service import build_service, prepare
from iipastro.sky import RED, make_sky
from iipastro.wsgi import respond

PAINTED = 4096
PAGE = "&obj=IIP,1.0&obj=max-size&obj=min-max-sample-values&obj=subject"
TILES = 40  # of each level


def write_fits(path, side):
    cards = ["SIMPLE  =                    T", "BITPIX  =                  -32"]
    cards += ["NAXIS   =                    2"]
    cards += [f"NAXIS{n}  = {side:20d}" for n in (1, 2)] + ["END"]
    band = [strip[:, :, RED] for strip in make_sky(PAINTED).strips()]
    times = side // PAINTED
    with open(path, "wb") as file:
        file.write("".join(card.ljust(80) for card in cards).ljust(2880).encode())
        for _ in range(times):
            for strip in band:
                file.write(np.tile(strip, (1, times)).astype(">f4").tobytes())
        file.write(bytes(-file.tell() % 2880))


def main(side, folder):
    fits, tiff = (os.path.join(folder, f"sky.{suffix}") for suffix in ("fits", "ptif"))
    write_fits(fits, side)
    command = [sys.executable, "-m", "iipastro", "convert", "--quiet", fits, "-o", tiff]
    subprocess.run(command, check=True)
    prepare()
    settings = {"images.root": folder, "fits.cache_dir": os.path.join(folder, "cache")}
    service = build_service(load_config([], {}, settings).config)

    def seconds(query):
        began = time.perf_counter()
        response = respond({"REQUEST_METHOD": "GET", "QUERY_STRING": query}, b"", service)
        assert response.status == 200, response
        return time.perf_counter() - began

    print(f"{side} x {side}, float32")
    print(f"opening request: {seconds('FIF=sky.fits' + PAGE):.3f} s")
    print(f"first overview tile: {seconds('FIF=sky.fits&JTL=0,0'):.2f} s")
    seconds("FIF=sky.ptif&JTL=0,0")
    rng = random.Random(1)
    print("\n| level | FITS, ms | TIFF, ms | ratio |\n| --- | --- | --- | --- |")
    count = (side // 256).bit_length()
    whole = {"fits": 0.0, "ptif": 0.0}
    for level in range(count):
        across = -(-(side >> (count - 1 - level)) // 256)
        places = [rng.randrange(across * across) for _ in range(TILES)]
        times = {"fits": [], "ptif": []}
        for place in places:
            for suffix, taken in times.items():
                taken.append(seconds(f"FIF=sky.{suffix}&GAM=0.4545&JTL={level},{place}"))
        middle = {suffix: statistics.median(taken) for suffix, taken in times.items()}
        for suffix in whole:
            whole[suffix] += middle[suffix]
        ratio = middle["fits"] / middle["ptif"]
        print(
            f"| {level} | {middle['fits'] * 1e3:.2f} | {middle['ptif'] * 1e3:.2f} | {ratio:.2f} |"
        )
    print(f"\nall levels alike: {whole['fits'] / whole['ptif']:.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as place:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 16384, place)
