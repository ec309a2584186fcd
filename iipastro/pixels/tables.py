"""Integers of at most 16 bits: a table of the bytes of every value there is, looked up compiled."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..compiled import compiled
from . import color, lut, pipeline
from .scene import Bytes, Cuts, Raw, Scene

BYTES = np.arange(256)
UNSIGNED = {1: np.dtype(np.uint8), 2: np.dtype(np.uint16)}  # by bytes


def by_table(raw: Raw, curve: lut.Curve, scene: Scene) -> Bytes:
    """Return the bytes of an integer image of at most 16 bits, whose channels do not mix.

    Each channel that is shown goes through its own table (with a colour map:
    the first alone), exactly as through the plain chain.  Where all bytes are
    shown as they are stored, the answer is `raw` itself, read-only.
    """
    shown = 1 if curve.colormap else color.kept(raw.shape[2])
    table = value_tables(raw.dtype.str, scene.cuts[:shown], curve)
    if table is None:
        return _as_stored(raw, shown)
    out = np.empty((*raw.shape[:2], table.shape[1]), dtype=np.uint8)
    whole = raw.flags.c_contiguous and raw.flags.aligned
    samples = raw if whole else np.require(raw, requirements=["C", "A"])
    samples = samples.view(UNSIGNED[raw.dtype.itemsize])
    samples.flags.writeable = False  # one type for the compiler: ours and a cache's alike
    pixels = samples.reshape(-1, raw.shape[2])
    look_up(pixels, shown > 1, table, out.reshape(-1, out.shape[2]))
    return out


def _as_stored(raw: Raw, shown: int) -> Bytes:
    """Return the first channels, read-only: a cache may own them."""
    pixels: Bytes = raw[:, :, :shown]
    pixels.flags.writeable = False
    return pixels


@lru_cache(maxsize=32)
def value_tables(dtype: str, cuts: Cuts, curve: lut.Curve) -> Bytes | None:
    """Return the bytes of every value in each of some channels, side by side.

    Rows are those of `value_table`; a row has the bytes of each channel in
    turn.  None: every value is a byte, and shown as that.
    """
    tables = np.hstack([value_table(dtype, cut, curve) for cut in cuts])
    tables.flags.writeable = False
    return None if dtype == "|u1" and (tables.T == BYTES).all() else tables


@lru_cache(maxsize=32)
def value_table(dtype: str, cut: tuple[float, float], curve: lut.Curve) -> Bytes:
    """Return the bytes of every value of an integer type: (values, channels).

    Row x holds those of x, and row -1 those of -1: negative values count from the end.
    """
    kind = np.dtype(dtype)
    count = 1 << (8 * kind.itemsize)
    values = np.arange(count).astype(kind).reshape(-1, 1, 1)
    table = pipeline.render(values, lut.view_of(curve), Scene((cut,), table=curve.table))[:, 0]
    table.flags.writeable = False
    return table


@compiled
def look_up(samples: Raw, each: bool, table: Bytes, out: Bytes) -> None:
    """Fill `out` (pixels, 1 or 3) with the rows of `table` that unsigned samples name.

    `each`: a column for each channel of `samples` (pixels, channels); else all of the first.
    """
    flat, shown, step = samples.reshape(-1), out.reshape(-1), samples.shape[1]
    if out.shape[1] == 1:
        for pixel in range(out.shape[0]):
            shown[np.uint64(pixel)] = table[np.uint64(flat[np.uint64(pixel * step)]), 0]
        return
    second, third = (1, 2) if each else (0, 0)
    for pixel in range(out.shape[0]):
        red = flat[np.uint64(pixel * step)]
        green, blue = flat[np.uint64(pixel * step + second)], flat[np.uint64(pixel * step + third)]
        shown[np.uint64(3 * pixel)] = table[np.uint64(red), 0]
        shown[np.uint64(3 * pixel + 1)] = table[np.uint64(green), 1]
        shown[np.uint64(3 * pixel + 2)] = table[np.uint64(blue), 2]
