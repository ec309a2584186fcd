"""The levels of a pyramid: their sizes, and the pixels of one from those of the one above."""

from __future__ import annotations

import numpy as np

from ..geometry import Size
from .source import Floats

STIFF_SMALLEST = 256  # pixels: STIFF's PYRAMID_MINSIZE
AT_A_TIME = 1 << 16  # values that are made at a time: they stay in the processor's cache


def down_to_one_tile(full: Size, tile: int) -> list[Size]:
    """Return the sizes of the levels, largest first, halved with floor until one tile is left."""
    sizes = [full]
    while max(sizes[-1]) > tile and min(sizes[-1]) >= 2:
        sizes.append(Size(sizes[-1].width // 2, sizes[-1].height // 2))
    return sizes


def down_as_stiff(full: Size, _: int) -> list[Size]:
    """Return the sizes of the levels where STIFF stops: while 256 pixels are left."""
    sizes = [full]
    while max(sizes[-1]) // 2 >= STIFF_SMALLEST and min(sizes[-1]) >= 2:
        sizes.append(Size(sizes[-1].width // 2, sizes[-1].height // 2))
    return sizes


LEVELS = {"tile": down_to_one_tile, "stiff": down_as_stiff}


def halve(pixels: Floats, out: Floats) -> None:
    """Put the means of 2 × 2 pixels into `out`; an odd last row or column is left out.

    Each mean is ((a + b) + (c + d)) / 4 in float32, rows first, which gives
    STIFF's bits.  Where that is not finite: the mean of those that are no NaN,
    in float64; NaN of four NaN.

    Parameters
    ----------
    pixels : (rows, columns, channels)
    out : (rows // 2, columns // 2, channels)
    """
    rows, columns, channels = out.shape
    step = max(1, AT_A_TIME // max(1, columns * channels))
    with np.errstate(all="ignore"):
        for top in range(0, rows, step):
            _halve(
                pixels[2 * top : 2 * min(rows, top + step), : 2 * columns], out[top : top + step]
            )


def _halve(pixels: Floats, out: Floats) -> None:
    pairs = np.empty((pixels.shape[0], *out.shape[1:]), dtype=np.float32)
    for channel in range(out.shape[2]):  # NumPy is slow where the innermost axis is short
        np.add(pixels[:, 0::2, channel], pixels[:, 1::2, channel], out=pairs[:, :, channel])
    np.add(pairs[0::2], pairs[1::2], out=out)
    np.multiply(out, np.float32(0.25), out=out)
    finite = np.isfinite(out)
    if not finite.all():
        rows, columns, channels = np.nonzero(~finite)
        out[rows, columns, channels] = _means_of_valid(
            [pixels[2 * rows + y, 2 * columns + x, channels] for y in (0, 1) for x in (0, 1)]
        )


def _means_of_valid(corners: list[Floats]) -> Floats:
    values = np.stack(corners).astype(np.float64)
    valid = ~np.isnan(values)
    means: Floats = np.where(valid, values, 0).sum(axis=0) / valid.sum(axis=0)
    return means
