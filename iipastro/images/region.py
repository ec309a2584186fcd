"""A rectangle of a level, assembled from its tiles: whole, or from the top down."""

from __future__ import annotations

import numpy as np

from ..errors import NotFound
from ..geometry import Box, Size
from .kept import KeptSource
from .source import ImageSource, Raw
from .tiff import TiffSource


def read_region(source: ImageSource, level: int, box: Box) -> Raw:
    """Return the pixels of a rectangle.

    Parameters
    ----------
    source : an open image.
    level : 0 is the smallest.
    box : in pixels of the level. Where it stands over an edge it is moved
        back inside; where it is larger than the level it is cut.

    Returns
    -------
    (rows, columns, channels)
        Native type and byte order of the image; new, the caller's own.

    Raises
    ------
    NotFound
        No such level.
    Unreadable
        The file cannot give a tile.
    """
    if not 0 <= level < len(source.info.levels):
        raise NotFound(f"no level {level}")
    size, tile = source.info.levels[level]
    inside = moved_inside(box, size)
    shape = (inside.height, inside.width, source.info.channels)
    region = np.empty(shape, dtype=source.info.dtype)
    if inside.height == 1 and _read_row(source, level, inside, region[0]):
        return region
    columns = -(-size.width // tile.width)
    across = _crossed(inside.left, inside.width, tile.width)
    for row, rows, into_rows in _crossed(inside.top, inside.height, tile.height):
        for column, cols, into_cols in across:
            part = source.read_part(level, row * columns + column, rows)
            region[into_rows, into_cols] = part[:, cols]
    return region


def _read_row(source: ImageSource, level: int, row: Box, room: Raw) -> bool:
    """Fill `room` with a row of pixels, if there is a shorter way than by tiles."""
    if not isinstance(source, TiffSource | KeptSource):
        return False
    return source.read_row(level, row.top, row.left, room)


def moved_inside(box: Box, size: Size) -> Box:
    """Return `box` cut to the size of a level, then moved back inside it (spec 2.7 step 5)."""
    width, height = min(box.width, size.width), min(box.height, size.height)
    left = min(max(0, box.left), size.width - width)
    top = min(max(0, box.top), size.height - height)
    return Box(left, top, width, height)


def _crossed(start: int, extent: int, length: int) -> list[tuple[int, slice, slice]]:
    """Return which tiles a region crosses on one axis, and what they have in common with it.

    That is given as a slice of the tile, and as one of the region.
    """
    crossed = []
    for number in range(start // length, -(-(start + extent) // length)):
        tile = number * length
        first, last = max(tile, start), min(tile + length, start + extent)
        both = slice(first - tile, last - tile), slice(first - start, last - start)
        crossed.append((number, *both))
    return crossed


class RowReader:
    """Reads a rectangle from the top down in pieces, and unpacks each tile of it only once.

    Holds one row of tiles, of a plain image nothing.  `box` has to lie inside the level.
    """

    def __init__(self, source: ImageSource, level: int, box: Box):
        self._source = source
        self._level = level
        self._box = box
        self._height = source.info.levels[level].tile.height
        self._row = -1  # of tiles: the one held
        self._held: Raw | None = None

    def read(self, top: int, count: int) -> Raw:
        """Return `count` rows from row `top` of the rectangle: (count, columns, channels)."""
        first, last = self._box.top + top, self._box.top + top + count
        if self._source.info.plain:
            box = Box(self._box.left, first, self._box.width, count)
            return read_region(self._source, self._level, box)
        parts = []
        for row in range(first // self._height, -(-last // self._height)):
            strip, start = self._strip(row)
            parts.append(strip[max(0, first - start) : last - start])
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _strip(self, row: int) -> tuple[Raw, int]:
        """Return what a row of tiles holds of the rectangle, and where on the level that begins."""
        box, height = self._box, self._height
        start = max(box.top, row * height)
        if self._held is None or row != self._row:
            end = min(box.top + box.height, (row + 1) * height)
            part = Box(box.left, start, box.width, end - start)
            self._row, self._held = row, read_region(self._source, self._level, part)
        return self._held, start
