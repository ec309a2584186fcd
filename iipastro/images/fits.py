"""A FITS file as an image, without conversion: its facts, and its tiles (decision 12).

The full resolution is read where it is; lower levels come from a cache.  The
row order is a converter's: row 0 is the top of the sky as it is drawn, FITS's
last row.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import NotFound, Unreadable, Unservable
from ..geometry import Box, Size, tile_box
from .display_cuts import display_cuts
from .fits_header import Header, read_headers, subject_of
from .fits_image import FitsImage, choose, image_of
from .fits_pixels import Held, Pixels, PlainPixels, identity_of
from .halving import as_type, level_sizes, working_type
from .level_cache import LevelCache
from .level_file import LevelFacts
from .overview import Overview
from .selection import Selection
from .source import Identity, ImageInfo, Level, Range, Raw

ALL_ROWS = slice(None)
UNPACKED_WHOLE = 1 << 22  # values: a packed image of so many is unpacked for its cuts ...
PACKED_ROWS = 16  # ... and of a larger one so many rows, each of another row of tiles ...
PACKED_TILES = 4  # ... or of large tiles these, or as many as UNPACKED_WHOLE values are
TILE_SAMPLES = 1 << 20  # pixels of the tiles that are looked at, about


@dataclass(frozen=True)
class FitsOptions:
    """How FITS files are served."""

    enabled: bool = True
    planes: int = 16  # of a cube, at most, that are shown as channels
    max_header_bytes: int = 10 << 20
    tile: int = 256  # pixels of a side
    cache: LevelCache = field(default_factory=LevelCache)
    held: Held = field(default_factory=Held)  # of all images of a worker


class FitsSource:
    """An open FITS image (ImageSource).  Owns its pixels; for one thread."""

    def __init__(self, pixels: Pixels, info: ImageInfo, overview: Overview):
        self.info = info
        self._pixels = pixels
        self._overview = overview
        self._open = True

    @classmethod
    def open(cls, descriptor: int, selection: Selection, options: FitsOptions) -> FitsSource:
        """Return an image of an open file, whose descriptor is taken over, also in failure.

        Raises NotFound for an HDU or a plane that is not there, Unservable for
        what is no image that we serve, TooLarge beyond the limits, Unreadable
        where the file cannot be read.
        """
        try:
            identity = identity_of(descriptor)
            image, primary = _find(descriptor, selection, options)
        except BaseException:
            os.close(descriptor)
            raise
        pixels, cards = _pixels_of(descriptor, image, options.held)
        try:
            facts = _level_facts(identity, image, selection.plane, options.tile)
            file = options.cache.open(facts) if facts.sizes else None
            cuts = file.facts.cuts if file is not None else sampled(image, pixels)
            facts = replace(facts, cuts=cuts)
            info = _info(facts, image, subject_of(image.header, primary, cards))
        except BaseException:
            pixels.close()
            raise
        return cls(pixels, info, Overview(facts, image.size, pixels, options.cache, file))

    def read_tile(self, level: int, index: int) -> Raw:
        """Return one tile, cropped to the level: (rows, columns, channels), native byte order."""
        return self.read_part(level, index, ALL_ROWS)

    def read_part(self, level: int, index: int, rows: slice) -> Raw:
        """Return some rows of a tile; only these are read."""
        levels = self.info.levels
        if not 0 <= level < len(levels):
            raise NotFound(f"no level {level}")
        if not self._open:
            raise Unreadable("the image is closed")
        box = tile_box(*levels[level], index)
        if level < len(levels) - 1:
            means = self._overview.read(len(levels) - 2 - level, index, rows)
            return as_type(means, self.info.dtype)
        first, stop, _ = rows.indices(box.height)
        if stop <= first:
            return np.empty((0, box.width, self.info.channels), dtype=self.info.dtype)
        return self._pixels.read(Box(box.left, box.top + first, box.width, stop - first))

    def close(self) -> None:
        """Close the file.  Closing twice is allowed."""
        if self._open:
            self._open = False
            self._overview.close()
            self._pixels.close()


def _find(descriptor: int, selection: Selection, options: FitsOptions) -> tuple[FitsImage, Header]:
    """Return the image that is asked for, and the primary header."""
    if not options.enabled:
        raise Unservable("FITS images are not served here; convert them to a tiled TIFF pyramid")
    header, primary = choose(read_headers(descriptor, options.max_header_bytes), selection)
    image = image_of(header, selection.plane, options.planes)
    if header.data + header.data_bytes > os.fstat(descriptor).st_size:
        raise Unservable("the FITS file is cut short")
    return image, primary


def _pixels_of(descriptor: int, image: FitsImage, held: Held) -> tuple[Pixels, bytes]:
    """Return the reader of an image, which takes the descriptor over, and the image's cards."""
    if not image.header.packed:
        return PlainPixels(descriptor, image), image.header.cards
    from .fits_packed import PackedPixels  # noqa: PLC0415  astropy: 0.4 s, only where needed

    packed = PackedPixels(descriptor, image, held)
    try:
        return packed, packed.cards
    except BaseException:
        packed.close()
        raise


def _level_facts(identity: Identity, image: FitsImage, plane: int | None, tile: int) -> LevelFacts:
    sizes = level_sizes(image.size, tile)[1:]
    dtype = working_type(image.dtype)
    number, channels = image.header.number, len(image.planes)
    return LevelFacts(identity, number, plane, tuple(sizes), channels, dtype, tile, ())


def _info(facts: LevelFacts, image: FitsImage, subject: bytes) -> ImageInfo:
    tile = Size(facts.tile, facts.tile)
    sizes = (*reversed(facts.sizes), image.size)
    return ImageInfo(
        identity=facts.identity,
        levels=tuple(Level(size, tile) for size in sizes),
        channels=facts.channels,
        dtype=image.dtype,
        bits=8 * image.dtype.itemsize,
        color="rgb",  # as OBJ=colorspace says of a converted image (spec 5.2)
        cuts=facts.cuts,
        metadata={"subject": subject},
        plain=not image.header.packed,
    )


def sampled(image: FitsImage, pixels: Pixels) -> tuple[Range, ...]:
    """Return the display cuts, those of a converter: the same ones in whatever worker.

    Of a large packed image they come from 16 rows spread over it, or where
    tiles are large from some whole tiles, by the same rule: no tile is
    unpacked twice.
    """
    width, height = image.size
    channels = len(image.planes)

    def read(top: int, rows: int) -> Raw:
        return pixels.read(Box(0, top, width, rows))

    if not image.header.packed:
        return display_cuts(image.size, channels, read)
    if width * height * channels <= UNPACKED_WHOLE:
        some = read(0, height)
    elif _rows_are_cheap(image):
        places = [(2 * number + 1) * height // (2 * PACKED_ROWS) for number in range(PACKED_ROWS)]
        some = np.concatenate([read(top, 1) for top in places])
    else:
        some = _of_tiles(image, pixels)
    size = Size(some.shape[1], some.shape[0])
    return display_cuts(size, channels, lambda top, rows: some[top : top + rows])


def _rows_are_cheap(image: FitsImage) -> bool:
    """Tell whether 16 rows lie in rows of tiles of their own, that hold few values."""
    rows = PACKED_ROWS * image.tile.height
    return rows <= image.size.height and rows * image.size.width <= UNPACKED_WHOLE


def _of_tiles(image: FitsImage, pixels: Pixels) -> Raw:
    """Return pixels of some tiles of a packed image, spread over it: (1, pixels, channels)."""
    width, height = image.tile
    across, down = -(-image.size.width // width), -(-image.size.height // height)
    channels = len(image.planes)
    most = max(1, PACKED_TILES // channels, UNPACKED_WHOLE // (width * height * channels))
    count = min(across * down, most)
    step = math.isqrt(width * height * count // TILE_SAMPLES) + 1
    some = []
    for number in range(count):
        row, column = _spread(number, count, down, across)
        bottom = min(image.size.height, (row + 1) * height)  # FITS counts rows from below
        left = column * width
        columns = min(width, image.size.width - left)
        box = Box(left, image.size.height - bottom, columns, bottom - row * height)
        some.append(pixels.read(box)[::step, ::step].reshape(1, -1, channels).copy())
    return np.concatenate(some, axis=1)


def _spread(number: int, count: int, down: int, across: int) -> tuple[int, int]:
    """Return row and column of one of `count` different cells of a grid, not in one column."""
    if count <= down:
        row = (2 * number + 1) * down // (2 * count)
        return row, int(across * ((0.5 + 0.618034 * number) % 1))
    return divmod((2 * number + 1) * across * down // (2 * count), across)
