"""What an image is to the rest of the server: its facts, and its tiles as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..geometry import Size, grid_of

Raw = np.ndarray[Any, Any]  # (rows, columns, channels) in the file's own type, native byte order


class Identity(NamedTuple):
    """Which file this is: another one of the same name differs in at least one of these."""

    device: int
    inode: int
    size: int  # bytes
    modified_ns: int


class Level(NamedTuple):
    """One level of the pyramid."""

    size: Size
    tile: Size


class Range(NamedTuple):
    """The display cuts of a channel: the values shown as black and white."""

    low: float
    high: float


@dataclass(frozen=True)
class ImageInfo:
    """The facts of an open image.  Shared between requests: nothing in it is written to."""

    identity: Identity
    levels: tuple[Level, ...]  # smallest first
    channels: int
    dtype: np.dtype[Any]  # of the tiles: uint8 for 1-bit and palette images
    bits: int  # BitsPerSample of the file
    color: str  # grey, rgb or lab: what OBJ=colorspace says (spec 5.2), not the channel count
    cuts: tuple[Range, ...]  # one per channel
    metadata: Mapping[str, bytes] = field(default_factory=dict)  # IIP names (spec 2.3) → raw values
    icc: bytes = b""
    xmp: bytes = b""
    dots_per_metre: tuple[float, float] | None = None
    plain: bool = False  # nothing is unpacked: to read a tile in two parts costs no more

    @property
    def full(self) -> Size:
        """The size of the largest level."""
        return self.levels[-1].size

    @property
    def modified(self) -> int:
        """The modification time of the file, in whole seconds since 1970."""
        return self.identity.modified_ns // 1_000_000_000


def memory_of(info: ImageInfo) -> int:
    """Return about how many bytes an open image takes; measured with TIFF files.

    Two kilobytes, one for each level, 12 bytes for a tile of each level that has
    less than 2048 tiles, and its texts.
    """
    grids = (grid_of(level.size, level.tile) for level in info.levels)
    tiles = sum(count for count in (grid.width * grid.height for grid in grids) if count < 2048)
    texts = len(info.icc) + len(info.xmp) + sum(map(len, info.metadata.values()))
    return 2200 + 1100 * len(info.levels) + 12 * tiles + texts


class ImageSource(Protocol):
    """An open image.  It stays open between requests; nobody writes to what it gives."""

    @property
    def info(self) -> ImageInfo:
        """The facts of the image."""

    def read_tile(self, level: int, index: int) -> Raw:
        """Return one tile, cropped to the level: (rows, columns, channels), native byte order.

        Raises NotFound for a level or tile that is not there, Unreadable if
        the file cannot give it.
        """

    def read_part(self, level: int, index: int, rows: slice) -> Raw:
        """Return rows of the tile that `read_tile` gives, without reading more than needed.

        What a profile of one row wants of each tile; `region.read_region`
        reads all its tiles through it.  `read_tile(level, index)[rows]` is a
        right answer for any source; the step of `rows` is 1.
        """

    def close(self) -> None:
        """Let go of the file."""
