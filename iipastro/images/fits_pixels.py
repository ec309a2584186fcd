"""The pixels of a FITS image, as rectangles of the picture: row 0 is the top, FITS's last row.

Plain images are read with pread, never through a memory map (decision 12).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol

import numpy as np

from ..errors import Unreadable
from ..geometry import Box
from .fits_image import FitsImage
from .source import Identity, Raw

CHEAP_GAP = 5120  # bytes: copying as many costs as much as a call of preadv, 0.4 µs


class Pixels(Protocol):
    """Where the full resolution comes from.  For one thread."""

    def read(self, box: Box) -> Raw:
        """Return a rectangle inside the image: (rows, columns, channels), new, contiguous.

        Raises Unreadable.
        """

    @property
    def identity(self) -> Identity:
        """Which file this is, as it is now."""

    def again(self) -> Pixels:
        """Return the same for another thread; to be closed by itself."""

    def close(self) -> None:
        """Let go of the file."""


Slices = tuple[slice, ...]  # along the axes of an image, the last axis of FITS first


class Held:
    """The tiles that were unpacked last, of whichever image: one place for all of a worker's."""

    def __init__(self) -> None:
        self._owner: object = None
        self._where: Slices = ()
        self._tiles: Raw | None = None

    def tiles(self, owner: object, where: Slices, unpack: Callable[[Slices], Raw]) -> Raw:
        """Return the tiles of `owner` at a place, unpacked now if they are not those held."""
        if self._tiles is None or self._owner is not owner or self._where != where:
            self.release(self._owner)  # before others are made
            self._tiles, self._owner, self._where = unpack(where), owner, where
        return self._tiles

    def release(self, owner: object) -> None:
        """Let go of what is held of an image."""
        if self._owner is owner:
            self._owner, self._where, self._tiles = None, (), None


class PlainPixels:
    """An image that is stored as it is.  Owns its descriptor."""

    def __init__(self, descriptor: int, image: FitsImage):
        self._descriptor = descriptor
        self._image = image

    def read(self, box: Box) -> Raw:
        """Return a rectangle: (rows, columns, channels)."""
        planes = [self._image.shown(self._read_plane(plane, box)) for plane in self._image.planes]
        return planes[0][..., np.newaxis] if len(planes) == 1 else np.stack(planes, axis=-1)

    @property
    def identity(self) -> Identity:
        """Which file this is, as it is now."""
        return identity_of(self._descriptor)

    def again(self) -> PlainPixels:
        """Return the same on a descriptor of its own."""
        return PlainPixels(os.dup(self._descriptor), self._image)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _read_plane(self, plane: int, box: Box) -> Raw:
        """Return stored samples, new, (rows, columns), the top row first."""
        image = self._image
        (width, height), item = image.size, image.stored.itemsize
        bottom = height - box.top - box.height  # FITS's number of the last row of the box
        start = image.header.data + (plane * height + bottom) * width * item
        if (width - box.width) * item <= CHEAP_GAP:
            rows = np.empty((box.height, width), dtype=image.stored)
            self._fill(rows.view(np.uint8).reshape(-1).data, start)
            inside = rows[::-1, box.left : box.left + box.width]
            return np.ascontiguousarray(inside)
        rows = np.empty((box.height, box.width), dtype=image.stored)
        self._fill_rows(rows, start + box.left * item, width * item)
        return rows

    def _fill_rows(self, rows: Raw, start: int, step: int) -> None:
        """Read each row by itself, the last one first: 160 µs for 256 rows of 1 KiB."""
        room = rows.view(np.uint8).reshape(-1).data
        length = len(room) // rows.shape[0]
        try:
            for at in range(len(room) - length, -1, -length):
                if os.preadv(self._descriptor, (room[at : at + length],), start) != length:
                    raise Unreadable("the image file is cut short")
                start += step
        except OSError as error:
            raise Unreadable("the image cannot be read now") from error

    def _fill(self, room: memoryview, start: int) -> None:
        try:
            count = os.preadv(self._descriptor, (room,), start)
        except OSError as error:
            raise Unreadable("the image cannot be read now") from error
        if count != len(room):
            raise Unreadable("the image file is cut short")


def identity_of(descriptor: int) -> Identity:
    """Return which file is open."""
    status = os.fstat(descriptor)
    return Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
