"""What the tags of a TIFF directory say about its tiles, checked; and which directories are levels.

Structure: spec 5.2.  Limits: operations R19 and R22.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import Unservable
from ..geometry import Size, grid_of
from .decode import COMPRESSIONS, PACKED, PREDICTED, Stored
from .directory import SUB_DIRECTORIES, Directory, TagArray, TiffFile
from .source import Raw

MAX_SIDE = 2**31 - 1
MAX_CHANNELS = 1024
MAX_TILE_BYTES = 64 << 20  # decoded
MASK = 4  # a bit of NewSubfileType (TIFF 6.0 p. 36)
PALETTE = 3
YCBCR = 6
SUBFILE_TYPE, WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
FILL_ORDER, CHANNELS, PLANAR, PREDICTOR, COLOR_MAP = 266, 277, 284, 317, 320
TILE_WIDTH, TILE_LENGTH, TILE_OFFSETS, TILE_BYTE_COUNTS = 322, 323, 324, 325
SAMPLE_FORMAT, JPEG_TABLES = 339, 347
KINDS = {1: "u", 2: "i", 3: "f", 4: "u"}  # SampleFormat; 4 is "undefined" (TIFF 6.0 p. 80)
PREDICTORS = {"u": (1, 2), "i": (1, 2), "f": (1, 2, 3)}
WIDTHS = {"u": (8, 12, 16, 32, 64), "i": (8, 16, 32, 64), "f": (16, 32, 64)}  # bits of a sample


@dataclass(frozen=True)
class Layout:
    """How the tiles of one level are stored, and what becomes of them."""

    size: Size
    tile: Size
    channels: int  # as stored
    bits: int
    planes: int  # channels where each has its own tiles (PlanarConfiguration 2), else 1
    photometric: int
    stored: Stored  # one tile as it is in the file, of one plane or of all channels
    offsets: TagArray
    byte_counts: TagArray
    palette: Raw | None  # uint8, (256, 3)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of what a tile is given in."""
        if self.bits == 1 or self.palette is not None:
            return np.dtype(np.uint8)
        return self.stored.dtype.newbyteorder("=")

    @cached_property
    def as_stored(self) -> bool:
        """Whether what the file holds of a tile is what it is given in: nothing is to be done."""
        return self.stored.plain and self.palette is None and self.dtype == self.stored.dtype


def pyramid_of(file: TiffFile) -> tuple[Directory, tuple[Layout, ...]]:
    """Return the first directory, which describes the image, and the levels, smallest first.

    With SubIFDs the levels are the first directory and its tiled SubIFDs, else
    the top-level chain.  Masks, untiled directories, those of other channels
    and those that are no smaller than the one before are no levels.
    """
    chain = file.directories()
    first = next(chain)
    if TILE_WIDTH not in first.tags:
        raise Unservable("the TIFF image is not tiled")
    sample = _sample(first)
    levels = [layout_of(first)]
    for directory in first.children() if SUB_DIRECTORIES in first.tags else chain:
        if _is_level(directory, levels[-1].size) and _sample(directory) == sample:
            levels.append(layout_of(directory))
    return first, tuple(reversed(levels))


def _is_level(directory: Directory, above: Size) -> bool:
    if TILE_WIDTH not in directory.tags or directory.number(SUBFILE_TYPE, 0) & MASK:
        return False
    size = _size(directory)
    return size != above and size.width <= above.width and size.height <= above.height


def _size(directory: Directory) -> Size:
    return Size(directory.number(WIDTH), directory.number(LENGTH))


def _sample(directory: Directory) -> tuple[int, int, int]:
    """Return how many channels there are, and the bits and the format of each.

    Raises Unservable where the channels differ.
    """
    bits, formats = directory.integers(BITS, (1,)), directory.integers(SAMPLE_FORMAT, (1,))
    if len(set(bits)) > 1 or len(set(formats)) > 1:
        raise Unservable("the channels of the TIFF image are of different types")
    return directory.number(CHANNELS, 1), bits[0], formats[0]


def layout_of(directory: Directory) -> Layout:
    """Return how the tiles of `directory` are stored.  Raises Unservable."""
    size = _size(directory)
    tile = Size(directory.number(TILE_WIDTH), directory.number(TILE_LENGTH))
    channels, bits, sample_format = _sample(directory)
    _check_limits(size, tile, channels)
    dtype = _dtype(bits, sample_format, channels).newbyteorder(directory.file.order)
    planes = channels if directory.number(PLANAR, 1) == 2 else 1
    photometric = directory.number(PHOTOMETRIC, 1)
    palette = _palette(directory, photometric, channels, bits)
    decoded = tile.width * tile.height * dtype.itemsize * channels
    if decoded * (1 if palette is None else 3) > MAX_TILE_BYTES:
        raise Unservable(f"a tile is larger than {MAX_TILE_BYTES >> 20} MiB")
    columns, rows = grid_of(size, tile)
    count = columns * rows * planes
    return Layout(
        size,
        tile,
        channels,
        bits,
        planes,
        photometric,
        _stored(directory, (tile.height, tile.width, channels // planes), dtype, photometric),
        directory.array(TILE_OFFSETS, count),
        directory.array(TILE_BYTE_COUNTS, count),
        palette,
    )


def _check_limits(size: Size, tile: Size, channels: int) -> None:
    for side in (*size, *tile):
        if not 0 < side <= MAX_SIDE:
            raise Unservable(f"the TIFF image has a side or a tile of {side} pixels")
    if not 0 < channels <= MAX_CHANNELS:
        raise Unservable(f"the TIFF image has {channels} channels")


def _dtype(bits: int, sample_format: int, channels: int) -> np.dtype[Any]:
    """Return the type of the samples; uint8 holds samples of one bit."""
    kind = KINDS.get(sample_format)
    if kind == "u" and bits == 1 and channels == 1:
        return np.dtype(np.uint8)
    if kind is None or bits not in WIDTHS[kind]:
        raise Unservable(f"TIFF samples of {bits} bits and format {sample_format} are not served")
    return np.dtype(np.uint16 if bits == 12 else f"{kind}{bits // 8}")


def _stored(
    directory: Directory, shape: tuple[int, int, int], dtype: np.dtype[Any], photometric: int
) -> Stored:
    """Return how a tile is packed.  Raises Unservable for what cannot be unpacked."""
    compression = directory.number(COMPRESSION, 1)
    predictor = directory.number(PREDICTOR, 1) if compression in PREDICTED else 1
    stored = Stored(
        shape,
        dtype,
        directory.number(BITS, 1),
        compression,
        predictor,
        photometric == YCBCR,
        directory.number(FILL_ORDER, 1) == 2,
        directory.content(JPEG_TABLES),
    )
    if compression not in COMPRESSIONS:
        raise Unservable(f"TIFF compression {compression} is not served")
    fault = COMPRESSIONS[compression].fault(stored)
    if fault:
        raise Unservable(fault)
    if predictor not in ((1,) if stored.bits in PACKED else PREDICTORS[dtype.kind]):
        raise Unservable(f"TIFF predictor {predictor} is not served for this type of samples")
    return stored


def _palette(directory: Directory, photometric: int, channels: int, bits: int) -> Raw | None:
    """Return the colours of a palette image, (256, 3) in uint8, or None (TIFF 6.0 p. 23)."""
    if photometric != PALETTE:
        return None
    colors = directory.numbers(COLOR_MAP)
    in_range = all(0 <= color < 65536 for color in colors)
    if channels != 1 or bits != 8 or len(colors) != 3 * 256 or not in_range:
        raise Unservable("a TIFF palette needs one channel of 8 bits and 256 colours")
    return (np.array(colors).astype(np.uint16).reshape(3, 256).T >> 8).astype(np.uint8)
