"""Write the images of the benchmarks into a folder: always the same ones.

    make_bench_data.py OUT_DIR

mono_4k.ptif    4096 × 4096, the r band of the synthetic sky
multi5_4k.ptif  4096 × 4096, all its five bands
mono_16k.ptif   16384 × 16384, the r band repeated four times each way
and of 4096 × 4096 the files of KINDS: other compressions, types and numbers of channels

Files that are there are left as they are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from iipastro.convert.encode import Packing, Pixels
from iipastro.convert.output import whole_file
from iipastro.convert.pyramid import Pyramid, write_pyramid
from iipastro.convert.source import Floats
from iipastro.geometry import Size
from iipastro.sky import BANDS, RED, make_sky, write_strips

SIDE = 4096
TIMES = 4
THREE = slice(1, 4)  # the bands g, r and i


class Kind(NamedTuple):
    """A file of the sky, stored in another way."""

    name: str
    bands: slice
    dtype: str
    packing: Packing


MONO = slice(RED, RED + 1)
KINDS = (
    Kind("deflate_4k", MONO, "float32", Packing("deflate")),
    Kind("deflate_pred_4k", MONO, "float32", Packing("deflate", "float")),
    Kind("lzw_4k", MONO, "float32", Packing("lzw")),
    Kind("zstd_4k", MONO, "float32", Packing("zstd")),
    Kind("three_4k", THREE, "float32", Packing()),
    Kind("u16_4k", MONO, "uint16", Packing()),
    Kind("u16_lzw_4k", MONO, "uint16", Packing("lzw", "horizontal")),
    Kind("rgb8_4k", THREE, "uint8", Packing()),
    Kind("rgb8_deflate_4k", THREE, "uint8", Packing("deflate", "horizontal")),
    Kind("rgb8_lzw_4k", THREE, "uint8", Packing("lzw")),
)


def repeated(strips: list[Floats], times: int) -> Iterator[Floats]:
    for _ in range(times):
        for strip in strips:
            yield np.tile(strip, (1, times, 1))


def write_kind(path: str, kind: Kind, strips: list[Floats]) -> None:
    """Write some bands of the sky; as bytes, each is stretched from its low to its high cut."""
    bands = BANDS[kind.bands]
    lows = np.array([band.low for band in bands], np.float32)
    highs = np.array([band.high for band in bands], np.float32)

    def shown(strip: Floats) -> Pixels:
        values = 255 * (strip - lows) / (highs - lows) if kind.dtype == "uint8" else strip
        return values.clip(0, np.iinfo(kind.dtype).max).astype(kind.dtype)

    cuts = tuple((0.0, 255.0) if kind.dtype == "uint8" else (b.low, b.high) for b in bands)
    pyramid = Pyramid(
        Size(SIDE, SIDE),
        cuts,
        lambda *_: b"a synthetic sky",
        levels="stiff",
        packing=kind.packing,
        dtype=kind.dtype,
        shown=None if kind.dtype == "float32" else shown,
    )
    chosen = (np.ascontiguousarray(strip[:, :, kind.bands]) for strip in strips)
    with whole_file(path) as file, ThreadPoolExecutor() as pool:
        write_pyramid(file, pyramid, chosen, pool)


def write_sky(folder: str, strips: list[Floats]) -> None:
    """Write the files that are not there yet."""
    one, side = BANDS[MONO], SIDE * TIMES
    red = [np.ascontiguousarray(strip[:, :, MONO]) for strip in strips]
    full, large = Size(SIDE, SIDE), Size(side, side)
    for name, size, bands, content in (
        ("multi5_4k", full, BANDS, iter(strips)),
        ("mono_4k", full, one, iter(red)),
        ("mono_16k", large, one, repeated(red, TIMES)),
    ):
        if not os.path.exists(f"{folder}/{name}.ptif"):
            write_strips(f"{folder}/{name}.ptif", size, bands, content)
    for kind in KINDS:
        if not os.path.exists(f"{folder}/{kind.name}.ptif"):
            write_kind(f"{folder}/{kind.name}.ptif", kind, strips)


def main(folder: str) -> None:
    os.makedirs(folder, exist_ok=True)
    names = ["multi5_4k", "mono_4k", "mono_16k", *(kind.name for kind in KINDS)]
    if not all(os.path.exists(f"{folder}/{name}.ptif") for name in names):
        write_sky(folder, list(make_sky(SIDE).strips()))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: make_bench_data.py OUT_DIR")
    main(sys.argv[1])
