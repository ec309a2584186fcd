"""A tiled TIFF or BigTIFF file as an image: its facts, and its tiles.

Reads with pread on the descriptor that it was given, and looks up no name.
The directories are walked in `directory`, judged in `layout`; bytes become
samples in `decode`.
"""

from __future__ import annotations

import os

import numpy as np

from ..errors import NotFound, Unreadable
from ..geometry import grid_of, tile_box
from .cuts import sampled_cuts, tagged_cuts
from .decode import decode, to_native
from .directory import Directory, TiffFile, open_file, read_exactly
from .layout import Layout, pyramid_of
from .metadata import color_of, dots_per_metre_of, metadata_of
from .source import Identity, ImageInfo, Level, Range, Raw

ICC_PROFILE, XMP, SMIN, SMAX = 34675, 700, 340, 341
MIN_IS_WHITE = 0
ALL_ROWS = slice(None)
PACKED_SLACK = 1 << 16  # bytes that a packed tile may be longer than twice the tile


class TiffSource:
    """An open TIFF pyramid (ImageSource).  Owns its descriptor; for one thread."""

    def __init__(self, file: TiffFile, layouts: tuple[Layout, ...], info: ImageInfo):
        self.info = info
        self._file = file
        self._layouts = layouts  # smallest first
        self._open = True

    @classmethod
    def open(cls, descriptor: int) -> TiffSource:
        """Return the image in an open file, whose descriptor is taken over, also in failure.

        Raises Unservable for what is no tiled TIFF that we serve, Unreadable
        where the file cannot be read.
        """
        try:
            return cls(*_read_facts(descriptor))
        except BaseException:
            os.close(descriptor)
            raise

    def read_tile(self, level: int, index: int) -> Raw:
        """Return one tile, cropped to the level: (rows, columns, channels), native byte order."""
        return self.read_part(level, index, ALL_ROWS)

    def read_part(self, level: int, index: int, rows: slice) -> Raw:
        """Return some rows of a tile; of an uncompressed one, only these are read."""
        if not 0 <= level < len(self._layouts):
            raise NotFound(f"no level {level}")
        if not self._open:
            raise Unreadable("the image is closed")
        return _read_part(self._file, self._layouts[level], index, rows)

    def read_row(self, level: int, row: int, left: int, room: Raw) -> bool:
        """Fill `room` (columns, channels) with a row of the level from column `left`, if possible.

        It is where tiles are given as they are stored: then nothing else is
        read.  The pixels have to lie on the level.
        """
        layout = self._layouts[level]
        possible = self._open and layout.as_stored and layout.planes == 1
        if possible:
            _read_row(self._file, layout, (row, left), room)
        return possible

    def is_packed(self, level: int) -> bool:
        """Return whether the tiles of a level have to be unpacked; no level has no such tiles."""
        return 0 <= level < len(self._layouts) and not self._layouts[level].stored.plain

    def close(self) -> None:
        """Close the file.  Closing twice is allowed."""
        if self._open:
            self._open = False
            os.close(self._file.descriptor)


def _read_facts(descriptor: int) -> tuple[TiffFile, tuple[Layout, ...], ImageInfo]:
    status = os.fstat(descriptor)  # first: what is written from now on is of another identity
    file = open_file(descriptor)
    first, layouts = pyramid_of(file)
    full = layouts[-1]
    info = ImageInfo(
        identity=Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns),
        levels=_levels(layouts),
        channels=full.channels if full.palette is None else 3,
        dtype=full.dtype,
        bits=full.bits,
        color=color_of(full.photometric),
        cuts=_cuts(file, first, layouts),
        metadata=metadata_of(first),
        icc=first.content(ICC_PROFILE),
        xmp=first.content(XMP),
        dots_per_metre=dots_per_metre_of(first),
        plain=all(layout.stored.plain for layout in layouts),
    )
    return file, layouts, info


def _levels(layouts: tuple[Layout, ...]) -> tuple[Level, ...]:
    return tuple(Level(layout.size, layout.tile) for layout in layouts)


def _cuts(file: TiffFile, first: Directory, layouts: tuple[Layout, ...]) -> tuple[Range, ...]:
    """Return the display cuts: from the tags if they can be used, else from samples (spec 5.4)."""
    full = layouts[-1]
    if full.palette is not None:
        return (Range(0.0, 255.0),) * 3
    tags = (first.numbers(SMIN), first.numbers(SMAX))
    cuts = tagged_cuts(tags, full.dtype, full.bits, full.channels)
    return cuts or sampled_cuts(
        _levels(layouts), lambda level, index: _read_part(file, layouts[level], index, ALL_ROWS)
    )


# ---- tiles


def _read_part(file: TiffFile, layout: Layout, index: int, rows: slice) -> Raw:
    """Return rows of the cropped tile `index`: (rows, columns, channels), native byte order."""
    _, _, width, height = tile_box(layout.size, layout.tile, index)
    start, stop, _ = rows.indices(height)
    count = max(0, stop - start)
    if layout.planes == 1:
        samples = _read_plane(file, layout, index, (start, count))
    else:
        columns, lines = grid_of(layout.size, layout.tile)
        planes = [
            _read_plane(file, layout, plane * columns * lines + index, (start, count))
            for plane in range(layout.planes)
        ]
        samples = np.concatenate(planes, axis=2)
    if width != layout.tile.width:
        samples = samples[:, :width]
    return samples if layout.as_stored else _shown(samples, layout)


def _read_plane(file: TiffFile, layout: Layout, entry: int, rows: tuple[int, int]) -> Raw:
    """Return `rows` (first, count) of the stored tile `entry`, in its full width."""
    stored = layout.stored
    first, count = rows
    offset, length = _entry(file, layout, entry)
    if not length:
        return np.zeros((count, *stored.shape[1:]), dtype=stored.dtype.newbyteorder("="))
    if not stored.plain:
        if length > 2 * stored.shape[0] * stored.row_bytes + PACKED_SLACK:
            raise Unreadable("a tile of the image is damaged")
        return decode(read_exactly(file.descriptor, offset, length), stored)[first : first + count]
    if length < (first + count) * stored.row_bytes:
        raise Unreadable("a tile of the image is damaged")
    room = np.empty((count, *stored.shape[1:]), dtype=stored.dtype)
    _fill(file.descriptor, offset + first * stored.row_bytes, room)
    return room if layout.as_stored else to_native(room)


def _read_row(file: TiffFile, layout: Layout, place: tuple[int, int], room: Raw) -> None:
    """Fill `room` (columns, channels) with what each tile holds of a row, from `place`."""
    (row, left), (width, height), stored = place, layout.tile, layout.stored
    first, row = row // height * -(-layout.size.width // width), row % height
    pixel, right = room.nbytes // len(room), left + len(room)
    for tile in range(left - left % width, right, width):
        start, end = max(tile, left), min(tile + width, right)
        part = room[start - left : end - left]
        offset, length = _entry(file, layout, first + tile // width)
        if not length:
            part[:] = 0
        elif length < (row + 1) * stored.row_bytes:
            raise Unreadable("a tile of the image is damaged")
        else:
            _fill(file.descriptor, offset + row * stored.row_bytes + (start - tile) * pixel, part)


def _entry(file: TiffFile, layout: Layout, entry: int) -> tuple[int, int]:
    """Return where a stored tile begins and how long it is; in a sparse file both may be 0.

    Such a tile was never written, and is all zeros.
    """
    offset, length = layout.offsets.entry(entry), layout.byte_counts.entry(entry)
    if offset == 0 or length == 0:
        return 0, 0
    if offset + length > file.size:
        raise Unreadable("the image file is cut short")
    return offset, length


def _fill(descriptor: int, offset: int, room: Raw) -> None:
    """Read straight into an array, which is then the caller's: 12 µs for 256 KiB, as a copy."""
    try:
        count = os.preadv(descriptor, [room.data], offset)
    except OSError as error:
        raise Unreadable("the image cannot be read now") from error
    if count != room.nbytes:
        raise Unreadable("the image file is cut short")


def _shown(samples: Raw, layout: Layout) -> Raw:
    """Return stored samples as an image gives them: colours for indices, white as 255."""
    if layout.palette is not None:
        colors: Raw = layout.palette[samples[..., 0]]
        return colors
    if layout.bits == 1 and layout.photometric == MIN_IS_WHITE:
        return np.uint8(255) - samples
    return samples
