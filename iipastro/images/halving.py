"""Lower levels from the full resolution: means of 2 × 2 pixels, in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..geometry import Size
from .source import Raw

AT_A_TIME = 1 << 16  # values that are halved at a time: they stay in the processor's cache
STRIP_BYTES = 16 << 20  # of the full resolution, that are read at a time

Write = Callable[[int, int, Raw], None]  # halvings, first row, rows


def level_sizes(full: Size, tile: int) -> list[Size]:
    """Return the sizes of the levels, largest first, halved with floor until one tile is left."""
    sizes = [full]
    while max(sizes[-1]) > tile and min(sizes[-1]) >= 2:
        sizes.append(Size(sizes[-1].width // 2, sizes[-1].height // 2))
    return sizes


def halve(pixels: Raw, out: Raw | None = None) -> Raw:
    """Return the means of 2 × 2 pixels; an odd last row or column is left out.

    Each mean is ((a + b) + (c + d)) / 4 in the type of the pixels, rows first,
    as a converter makes it. Where that is not finite: the mean of those that
    are no NaN, in float64; NaN of four NaN.

    Parameters
    ----------
    pixels : float32 or float64, (rows, columns, channels)
    out : of the shape and type of the result, which is put there; or None.

    Returns
    -------
    (rows // 2, columns // 2, channels), of the same type
    """
    rows, columns, channels = pixels.shape[0] // 2, pixels.shape[1] // 2, pixels.shape[2]
    means = np.empty((rows, columns, channels), dtype=pixels.dtype) if out is None else out
    step = max(1, AT_A_TIME // max(1, columns * channels))
    with np.errstate(all="ignore"):
        for top in range(0, rows, step):
            part = means[top : top + step]
            _halve(pixels[2 * top : 2 * (top + part.shape[0]), : 2 * columns], part)
    return means


def _halve(pixels: Raw, out: Raw) -> None:
    pairs = np.empty((pixels.shape[0], *out.shape[1:]), dtype=out.dtype)
    for channel in range(out.shape[2]):  # NumPy is slow where the innermost axis is short
        np.add(pixels[:, 0::2, channel], pixels[:, 1::2, channel], out=pairs[:, :, channel])
    np.add(pairs[0::2], pairs[1::2], out=out)
    np.multiply(out, out.dtype.type(0.25), out=out)
    finite = np.isfinite(out)
    if not finite.all():
        rows, columns, channels = np.nonzero(~finite)
        corners = [pixels[2 * rows + y, 2 * columns + x, channels] for y in (0, 1) for x in (0, 1)]
        out[rows, columns, channels] = _means_of_valid(np.stack(corners).astype(np.float64))


def _means_of_valid(corners: Raw) -> Raw:
    valid = ~np.isnan(corners)
    means: Raw = np.where(valid, corners, 0).sum(axis=0) / valid.sum(axis=0)
    return means


def strips(height: int, row_bytes: int, tile: int) -> Iterator[tuple[int, int]]:
    """Yield the first row and the number of rows of pieces that make up an image.

    They hold a power of two of rows, a tile at most, and some megabytes if they can.
    """
    rows = 1 << (max(2, min(tile, STRIP_BYTES // row_bytes)).bit_length() - 1)
    for top in range(0, height, rows):
        yield top, min(rows, height - top)


class Halver:
    """A level that hands its rows on, halved, to the next one.

    Parameters
    ----------
    sizes : of this level and those below, largest first.
    write : takes the rows of each level but the first.
    """

    def __init__(self, sizes: list[Size], write: Write, halvings: int = 0):
        self._write = write
        self._halvings = halvings
        self._top = 0
        self._waiting: Raw | None = None  # a row without its partner
        self._below = Halver(sizes[1:], write, halvings + 1) if len(sizes) > 1 else None

    def add(self, rows: Raw) -> None:
        """Take the next rows: (rows, columns, channels), of any number."""
        if self._halvings:
            self._write(self._halvings, self._top, rows)
            self._top += rows.shape[0]
        if self._below is None:
            return
        if self._waiting is not None:
            rows = np.concatenate([self._waiting, rows])
        even = rows.shape[0] // 2 * 2
        self._waiting = rows[even:].copy() if even < rows.shape[0] else None
        if even:
            self._below.add(halve(rows[:even]))


def working_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type in which means of `dtype` are exact: float64 for integers of 32 bits."""
    return np.dtype(np.float64 if dtype.kind in "iu" and dtype.itemsize > 2 else np.float32)


def as_type(means: Raw, dtype: np.dtype[Any]) -> Raw:
    """Return means as samples of the image; of integers the nearest, the even one of two."""
    if dtype.kind in "iu":
        return np.rint(means).astype(dtype)
    return means.astype(dtype, copy=False)
