"""A FITS image compressed tile by tile (FITS 4.0 §10): the only module that loads astropy.

Sections are read through a position of our own and pread, so that two
readers of one descriptor do not move each other's.
"""

from __future__ import annotations

import io
import os
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.io.fits.verify import VerifyError

from ..errors import Unreadable, Unservable
from ..geometry import Box
from .fits_image import MAX_PACKED_BYTES, FitsImage
from .fits_pixels import Held, Slices, identity_of
from .source import Identity, Raw

try:  # what its decoders raise; since astropy 7 the first
    from astropy.io.fits.hdu.compressed._compression import CfitsioException
except ImportError:
    from astropy.io.fits._tiled_compression._compression import CfitsioException

FAULTS = (  # all that astropy was seen to raise for damaged files
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError,
    OverflowError, MemoryError, EOFError, AssertionError, ZeroDivisionError, zlib.error,
    VerifyError, CfitsioException,
)  # fmt: skip
SLACK = 64 << 20  # bytes that packed data may be longer than twice the image
LARGE_TILE = 1 << 18  # bytes, unpacked: such tiles are kept, smaller ones unpacked again
GZIP = b"\x1f\x8b"
GZIP_SLACK = 1 << 16  # bytes


class _File(io.RawIOBase):
    """A descriptor as a file for reading, with its own position.  Owns the descriptor."""

    def __init__(self, descriptor: int):
        super().__init__()
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self._at = 0
        self.mode = "rb"

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read anywhere."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place and return it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def readinto(self, room: Any) -> int:
        """Read what fits in a buffer; return how much that was."""
        count = os.preadv(self._descriptor, (room,), self._at)
        self._at += count
        return count

    def close(self) -> None:
        """Close the descriptor.  Closing twice is allowed."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()


class PackedPixels:
    """An image that is compressed tile by tile (Pixels).  Owns its descriptor, also in failure."""

    def __init__(self, descriptor: int, image: FitsImage, held: Held):
        self._descriptor = descriptor
        self._image = image
        self._held = held  # whole tiles, MAX_PACKED_BYTES at most
        self._file = _File(descriptor)
        try:
            self._hdu = self._opened()
        except BaseException:
            self._file.close()
            raise

    def read(self, box: Box) -> Raw:
        """Return a rectangle: (rows, columns, channels)."""
        bottom = self._image.size.height - box.top - box.height
        rows = slice(bottom, bottom + box.height)
        shape = (box.height, box.width, len(self._image.planes))
        room = np.empty(shape, dtype=self._image.dtype)
        for left, right in self._pieces(box):
            for channel, plane in enumerate(self._image.planes):
                stored = self._section((*self._place(plane), rows, slice(left, right)))
                shown = self._image.shown(stored)
                room[:, left - box.left : right - box.left, channel] = shown
        return room

    def _pieces(self, box: Box) -> Iterator[tuple[int, int]]:
        """Yield the columns that are read together: of tiles that are kept, one by one."""
        tile = self._image.tile
        tile_bytes = tile.width * tile.height * self._image.stored.itemsize
        width = tile.width * (1 if self._keeps else max(1, MAX_PACKED_BYTES // tile_bytes))
        left, end = box.left, box.left + box.width
        while left < end:
            right = min(end, (left // width + 1) * width)
            yield left, right
            left = right

    @property
    def _keeps(self) -> bool:
        return int(np.prod(self._hdu.tile_shape)) * self._image.stored.itemsize >= LARGE_TILE

    @property
    def identity(self) -> Identity:
        """Which file this is, as it is now."""
        return identity_of(self._descriptor)

    def again(self) -> PackedPixels:
        """Return the same on a descriptor of its own."""
        return PackedPixels(os.dup(self._descriptor), self._image, Held())

    def close(self) -> None:
        """Close the file."""
        self._held.release(self)
        self._file.close()

    @property
    def cards(self) -> bytes:
        """The cards of the image, as they were before it was compressed, without END.

        Raises Unservable where they cannot be told.
        """
        try:
            with _quiet():
                text: str = self._hdu.header.tostring(sep="", endcard=False, padding=False)
        except FAULTS as error:
            number = self._image.header.number
            raise Unservable(f"the header of HDU {number} is damaged") from error
        return text.encode("latin-1", "replace").rstrip(b" ").ljust(-(-len(text) // 80) * 80)

    def _opened(self) -> Any:
        header, image = self._image.header, self._image
        unpacked = image.size.width * image.size.height * image.stored.itemsize
        if header.data_bytes > 2 * unpacked * max(1, int(np.prod(image.cube))) + SLACK:
            raise Unservable(f"HDU {header.number} is packed into more than it holds")
        try:
            with _quiet():
                hdus = fits.open(
                    io.BufferedReader(self._file), memmap=False, do_not_scale_image_data=True
                )
                hdu = hdus[header.number]
        except FAULTS as error:
            raise Unservable(f"HDU {header.number} cannot be unpacked") from error
        shape = (*reversed(image.cube), image.size.height, image.size.width)
        if not isinstance(hdu, fits.CompImageHDU) or tuple(hdu.shape) != shape:
            raise Unservable(f"HDU {header.number} is no compressed image")
        guard(hdu)
        return hdu

    def _place(self, plane: int) -> tuple[int, ...]:
        """Return the index of a plane along the axes behind the second, the last axis first."""
        return tuple(int(at) for at in np.unravel_index(plane, tuple(reversed(self._image.cube))))

    def _section(self, where: tuple[int | slice, ...]) -> Raw:
        """Return stored samples of a plane, new, in the type of the file, the top row first."""
        wanted = tuple(at if isinstance(at, slice) else slice(at, at + 1) for at in where)
        whole = self._whole(wanted)
        if not self._keeps or _size(whole) * self._image.stored.itemsize > MAX_PACKED_BYTES:
            stored = self._unpacked(wanted)
        else:
            tiles = self._held.tiles(self, whole, self._unpacked)
            pairs = [(part, at.start) for part, at in zip(wanted, whole, strict=True)]
            inside = tuple(slice(part.start - at, part.stop - at) for part, at in pairs)
            stored = tiles[inside]
        plane = stored.reshape(stored.shape[-2:])
        return plane[::-1].astype(self._image.stored, order="C")

    def _whole(self, wanted: Slices) -> Slices:
        """Return the tiles that hold a section."""
        axes = zip(wanted, self._hdu.tile_shape, self._hdu.shape, strict=True)
        return tuple(
            slice(part.start // tile * tile, min(length, -(-part.stop // tile) * tile))
            for part, tile, length in axes
        )

    def _unpacked(self, where: Slices) -> Raw:
        """Return a section as astropy gives it.  Raises Unreadable."""
        try:
            with _quiet():
                section = np.asarray(self._hdu.section[where])
        except FAULTS as error:
            raise Unreadable("a tile of the image is damaged") from error
        if section.shape != tuple(part.stop - part.start for part in where):
            raise Unreadable("a tile of the image is damaged")
        return section


def _size(where: Slices) -> int:
    return int(np.prod([part.stop - part.start for part in where]))


def guard(hdu: Any) -> None:
    """Let nothing be read from a packed HDU that gunzips to more than a tile.

    astropy gunzips without a limit: one kilobyte may become a megabyte.  It
    reads tiles one by one, but all of them at once where it needs them all.
    """
    table, most = hdu._bintable, 8 * int(np.prod(hdu.tile_shape)) + GZIP_SLACK
    read, heap = table._get_raw_data, (table.header["PCOUNT"], table._data_offset + table._theap)

    def read_guarded(shape: Any, code: Any, offset: int) -> Any:
        content: Raw = read(shape, code, offset)
        return _Heap(content, most) if (shape, offset) == heap else _checked(content, most)

    table._get_raw_data = read_guarded


class _Heap:
    """The tiles of an image, of which astropy takes slices."""

    def __init__(self, content: Raw, most: int):
        self._content, self._most = content, most

    def __getitem__(self, part: slice) -> Raw:
        return _checked(self._content[part], self._most)


def _checked(content: Raw, most: int) -> Raw:
    """Return what is in a file, unless it gunzips to more than `most` bytes."""
    if content.dtype == np.uint8 and content[:2].tobytes() == GZIP:
        _check_gzip(content.tobytes(), most)
    return content


def _check_gzip(content: bytes, most: int) -> None:
    """Raise ValueError for what gunzips to more than `most` bytes; errors are left to others."""
    while content.startswith(GZIP):
        member = zlib.decompressobj(wbits=31)
        try:
            most -= len(member.decompress(content, most + 1))
        except zlib.error:
            return
        if most < 0:
            raise ValueError("a tile is longer than it may be")
        content = member.unused_data


def _quiet() -> warnings.catch_warnings[None]:
    """Return a context in which astropy keeps its warnings of odd headers to itself."""
    return warnings.catch_warnings(action="ignore")
