"""Images whose tiles have to be unpacked: what was unpacked last is kept.

Reading a tile of an uncompressed file takes 10 µs; unpacking one takes 200 µs
to several milliseconds (decision 6).
"""

from __future__ import annotations

from typing import Protocol

from .source import ImageInfo, Raw
from .tiff import TiffSource


class Store(Protocol):
    """A place for tiles: `cache.memory`."""

    def get(self, key: str) -> Raw | None:
        """Return a tile."""

    def put(self, key: str, value: Raw) -> None:
        """Keep a tile, if there is room."""


class KeptSource:
    """A TIFF image whose unpacked tiles are kept (ImageSource)."""

    def __init__(self, source: TiffSource, store: Store):
        self._source = source
        self._store = store
        self._prefix = ":".join(map(str, source.info.identity))

    @property
    def info(self) -> ImageInfo:
        """The facts of the image."""
        return self._source.info

    def read_tile(self, level: int, index: int) -> Raw:
        """Return one tile, cropped to the level; read-only, if it is kept."""
        if not self._source.is_packed(level):
            return self._source.read_tile(level, index)
        key = f"{self._prefix}:{level}:{index}"
        tile = self._store.get(key)
        if tile is None:
            tile = _own(self._source.read_tile(level, index))
            tile.flags.writeable = False
            self._store.put(key, tile)
        return tile

    def read_part(self, level: int, index: int, rows: slice) -> Raw:
        """Return rows of a tile: one that is packed is unpacked as a whole anyway."""
        if not self._source.is_packed(level):
            return self._source.read_part(level, index, rows)
        return self.read_tile(level, index)[rows]

    def read_row(self, level: int, row: int, left: int, room: Raw) -> bool:
        """Fill `room` with a row, if nothing has to be unpacked: see `TiffSource.read_row`."""
        return self._source.read_row(level, row, left, room)

    def close(self) -> None:
        """Close the file."""
        self._source.close()


def _own(tile: Raw) -> Raw:
    """Return a tile that keeps little but itself alive: a cropped one is a part of another."""
    owner = tile.base
    return tile if owner is None or 8 * owner.nbytes <= 9 * tile.nbytes else tile.copy()
