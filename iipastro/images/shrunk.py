"""A rectangle of a level after some halvings: each pixel is the mean of those that it covers."""

from __future__ import annotations

import numpy as np

from ..geometry import Box, Size
from .halving import Halver, as_type, strips, working_type
from .region import RowReader
from .source import ImageSource, Raw


def halvings_to(out: Size, source: Size) -> int:
    """Return how often a rectangle is halved, rounded up, to be `out` or hardly larger.

    A pixel less, which a level lost by rounding, is no reason for one halving less.
    """
    halvings = 0
    while (size := halved(source, halvings)) != out:
        less = halved(source, halvings + 1)
        if size == less or less.width < out.width - 1 or less.height < out.height - 1:
            break
        halvings += 1
    return halvings


def halved(size: Size, times: int) -> Size:
    """Return a size after some halvings, rounded up."""
    return Size(-(-size.width >> times), -(-size.height >> times))


class ShrunkReader:
    """Reads a rectangle from the top down, halved.  `box` has to lie inside the level.

    It is read at the first call, in strips: what is held is the result.
    """

    def __init__(self, source: ImageSource, level: int, box: Box, halvings: int):
        self._rows = RowReader(source, level, box)
        self._info, self._tile = source.info, source.info.levels[level].tile
        self._full, self._halvings = Size(box.width, box.height), halvings
        self.size = halved(self._full, halvings)
        self._held: Raw | None = None

    def read(self, top: int, count: int) -> Raw:
        """Return `count` rows from row `top` of the result: (count, columns, channels)."""
        if self._held is None:
            self._held = self._shrink()
        return self._held[top : top + count]

    def _shrink(self) -> Raw:
        """Return the result, in the type of the image: of integers the nearest to the mean."""
        dtype = self._info.dtype
        held = np.empty((self.size.height, self.size.width, self._info.channels), dtype)

        def keep(halvings: int, top: int, rows: Raw) -> None:
            if halvings == self._halvings:
                held[top : top + len(rows)] = as_type(rows, dtype)

        halver = Halver([self._full] * (self._halvings + 1), keep)
        for top, count in strips(self._full.height, self._row_bytes(), self._tile.height):
            halver.add(self._padded(self._rows.read(top, count)))
        short = (self.size.height << self._halvings) - self._full.height
        if short:
            halver.add(self._padded(held[:0, :0], short))
        return held

    def _padded(self, rows: Raw, below: int = 0) -> Raw:
        """Return rows and what fills up their last pixel after the halvings: NaN counts in no mean.

        In the type in which means are taken.
        """
        dtype = self._info.dtype
        columns = self.size.width << self._halvings
        shape = (len(rows) + below, columns, rows.shape[2])
        padded = np.full(shape, np.nan, np.promote_types(working_type(dtype), dtype))
        padded[: len(rows), : rows.shape[1]] = rows
        return padded

    def _row_bytes(self) -> int:
        return self._full.width * self._info.channels * max(4, self._info.dtype.itemsize)
