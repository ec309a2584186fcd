"""Write the images of the benchmarks into a folder: always the same ones.

    make_bench_data.py OUT_DIR

mono_4k.ptif    4096 × 4096, the r band of the synthetic sky
multi5_4k.ptif  4096 × 4096, all its five bands
mono_16k.ptif   16384 × 16384, the r band repeated four times each way
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import numpy as np

from iipastro.convert.source import Floats
from iipastro.geometry import Size
from iipastro.sky import BANDS, RED, make_sky, write_strips

SIDE = 4096
TIMES = 4


def red(strips: Iterator[Floats]) -> Iterator[Floats]:
    for strip in strips:
        yield np.ascontiguousarray(strip[:, :, RED : RED + 1])


def repeated(strips: list[Floats], times: int) -> Iterator[Floats]:
    for _ in range(times):
        for strip in strips:
            yield np.tile(strip, (1, times, 1))


def main(folder: str) -> None:
    os.makedirs(folder, exist_ok=True)
    sky = make_sky(SIDE)
    one, side = BANDS[RED : RED + 1], SIDE * TIMES
    write_strips(f"{folder}/multi5_4k.ptif", Size(SIDE, SIDE), BANDS, sky.strips())
    kept = list(red(sky.strips()))
    write_strips(f"{folder}/mono_4k.ptif", Size(SIDE, SIDE), one, iter(kept))
    write_strips(f"{folder}/mono_16k.ptif", Size(side, side), one, repeated(kept, TIMES))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: make_bench_data.py OUT_DIR")
    main(sys.argv[1])
