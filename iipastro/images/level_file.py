"""The lower levels of one image in one file: a header in JSON, then the tiles, uncompressed.

    a line "iipastro levels 1", a line of JSON, and blanks up to a multiple of 4096 bytes
    the levels, largest first; of each the tiles, row by row; of each the rows, cropped

A tile is little-endian, (rows, columns, channels).  Where everything lies
follows from the facts, which are in the header to be compared, and the length
of a whole file is known beforehand.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import Unreadable
from ..geometry import Box, Size, tile_box
from .decode import to_native
from .source import Identity, Range, Raw

MAGIC = b"iipastro levels 1\n"
PAGE = 4096
MAX_HEADER = 1 << 17


@dataclass(frozen=True)
class LevelFacts:
    """What a file of levels is made from, and its form."""

    identity: Identity  # of the source
    hdu: int
    plane: int | None  # from 1; None: all of them
    sizes: tuple[Size, ...]  # of the lower levels, largest first
    channels: int
    dtype: np.dtype[Any]  # float32 or float64
    tile: int
    cuts: tuple[Range, ...]  # of the image; kept here

    @property
    def key(self) -> str:
        """A name that no other image has."""
        plane = "all" if self.plane is None else self.plane
        return "-".join(f"{number:x}" for number in self.identity) + f"-{self.hdu}-{plane}"

    @property
    def header(self) -> bytes:
        """What the file begins with."""
        facts = {
            "source": list(self.identity),
            "image": [self.hdu, self.plane],
            "levels": [list(size) for size in self.sizes],
            "channels": self.channels,
            "dtype": self.dtype.newbyteorder("<").str,
            "tile": self.tile,
            "cuts": [list(cut) for cut in self.cuts],
        }
        text = MAGIC + json.dumps(facts).encode() + b"\n"
        return text.ljust(-(-len(text) // PAGE) * PAGE)

    @property
    def length(self) -> int:
        """Bytes of the whole file."""
        return self.start(len(self.sizes))

    def start(self, number: int) -> int:
        """Return where a level begins, 0 the largest."""
        pixels = sum(size.width * size.height for size in self.sizes[:number])
        return len(self.header) + pixels * self.channels * self.dtype.itemsize


class LevelFile:
    """An open file of levels.  Owns its descriptor."""

    def __init__(self, descriptor: int, facts: LevelFacts, in_memory: bool = False):
        self.facts = facts
        self.in_memory = in_memory  # and not on the disk; then it belongs to the cache
        self.closed = False
        self.used = time.monotonic()
        self._descriptor = descriptor
        self._starts = [facts.start(number) for number in range(len(facts.sizes))]
        self._stored = facts.dtype.newbyteorder("<")
        self._pixel = facts.channels * facts.dtype.itemsize  # bytes

    def read(self, number: int, index: int, rows: slice) -> Raw:
        """Return rows of a tile of level `number`, 0 the largest: new, in native byte order.

        Raises NotFound, Unreadable.
        """
        self.used = time.monotonic()
        size, tile = self.facts.sizes[number], self.facts.tile
        box = tile_box(size, Size(tile, tile), index)
        first, stop, _ = rows.indices(box.height)
        shape = (max(0, stop - first), box.width, self.facts.channels)
        room = np.empty(shape, dtype=self._stored)
        if room.size:
            offset = self._offset(number, box) + first * box.width * self._pixel
            self._fill(room, offset)
        return to_native(room)

    def write(self, number: int, top: int, rows: Raw) -> None:
        """Write whole rows of a level, (rows, columns, channels).  Raises OSError."""
        size, tile = self.facts.sizes[number], self.facts.tile
        columns = -(-size.width // tile)
        for first in range(top // tile * tile, top + rows.shape[0], tile):
            inside = slice(max(top, first) - top, first + tile - top)
            for column in range(columns):
                box = tile_box(size, Size(tile, tile), first // tile * columns + column)
                part = rows[inside, box.left : box.left + box.width]
                skipped = max(top, first) - first
                at = self._offset(number, box) + skipped * box.width * self._pixel
                self._put(np.ascontiguousarray(part, dtype=self._stored), at)

    @property
    def removed(self) -> bool:
        """Whether the file has no name any more, and takes room as long as it is open."""
        return not self.in_memory and os.fstat(self._descriptor).st_nlink == 0

    def close(self) -> None:
        """Close the file.  Closing twice is allowed."""
        if not self.closed:
            self.closed = True
            os.close(self._descriptor)

    def sync(self) -> None:
        """Bring everything to the disk.  Raises OSError."""
        os.fsync(self._descriptor)

    def allocate(self) -> None:
        """Take room on the disk for all of it.  Raises OSError."""
        os.posix_fallocate(self._descriptor, 0, self.facts.length)

    def start(self) -> None:
        """Write the header.  Raises OSError."""
        self._put(np.frombuffer(self.facts.header, dtype=np.uint8), 0)

    def _offset(self, number: int, box: Box) -> int:
        """Return where a tile begins: above it lie whole rows, beside it tiles of its height."""
        pixels = box.top * self.facts.sizes[number].width + box.left * box.height
        return self._starts[number] + pixels * self._pixel

    def _fill(self, room: Raw, offset: int) -> None:
        try:
            count = os.preadv(self._descriptor, (room.view(np.uint8).reshape(-1).data,), offset)
        except OSError as error:
            raise Unreadable("the overview of the image cannot be read now") from error
        if count != room.nbytes:
            raise Unreadable("the overview of the image cannot be read now")

    def _put(self, content: Raw, offset: int) -> None:
        room = content.view(np.uint8).reshape(-1).data
        while room:
            count = os.pwrite(self._descriptor, room, offset)
            room, offset = room[count:], offset + count


def read_facts(descriptor: int, wanted: LevelFacts) -> LevelFacts | None:
    """Return the facts of a file with the cuts that it keeps; None where it is not as wanted."""
    start = os.pread(descriptor, MAX_HEADER, 0)
    line = start.removeprefix(MAGIC).partition(b"\n")[0]
    try:
        cuts = tuple(Range(float(low), float(high)) for low, high in json.loads(line)["cuts"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    facts = LevelFacts(**{**vars(wanted), "cuts": cuts})
    same = start.startswith(facts.header) and len(cuts) == wanted.channels
    return facts if same and os.fstat(descriptor).st_size == facts.length else None
