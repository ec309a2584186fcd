"""Single pixels of the largest level, wherever they lie."""

from __future__ import annotations

from typing import Any

import numpy as np

from .source import ImageSource, Raw

Indices = np.ndarray[Any, np.dtype[np.int64]]


def read_places(source: ImageSource, columns: Indices, rows: Indices) -> Raw:
    """Return the pixels at some places: each tile is read once, and let go.

    Parameters
    ----------
    source : an open image.
    columns, rows : of the largest level, from the top left; all inside it.

    Returns
    -------
    (places, channels)
        Native type and byte order of the image; new, the caller's own.

    Raises
    ------
    Unreadable
        The file cannot give a tile.
    """
    level = len(source.info.levels) - 1
    tile = source.info.levels[level].tile
    pixels = np.empty((len(columns), source.info.channels), dtype=source.info.dtype)
    tiles, inside = tiles_of(source, columns, rows), rows % tile.height
    order = np.argsort(tiles, kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(tiles[order])) + 1):
        if places.size:
            first, last = int(inside[places].min()), int(inside[places].max())
            part = source.read_part(level, int(tiles[places[0]]), slice(first, last + 1))
            pixels[places] = part[inside[places] - first, columns[places] % tile.width]
    return pixels


def tiles_of(source: ImageSource, columns: Indices, rows: Indices) -> Indices:
    """Return the tile of the largest level in which each place lies."""
    size, tile = source.info.levels[-1]
    return rows // tile.height * -(-size.width // tile.width) + columns // tile.width


def samples_read(source: ImageSource, columns: Indices, rows: Indices) -> int:
    """Return how many samples `read_places` has to unpack at most."""
    tile = source.info.levels[-1].tile
    tiles = np.unique(tiles_of(source, columns, rows)).size
    return int(tiles * tile.width * tile.height * source.info.channels)
