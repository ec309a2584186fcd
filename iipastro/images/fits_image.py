"""One image of a FITS file: how its samples are stored, and what they are shown as.

An image has two axes; further ones make it a cube, whose planes are channels
unless one is chosen.  Axes of length 1 count for nothing, wherever they are
behind the second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import NotFound, TooLarge, Unservable
from ..geometry import Size
from .decode import to_native
from .fits_header import Header
from .selection import Selection
from .source import Raw

MAX_SIDE = 2**31 - 1
MAX_ROW_BYTES = 64 << 20  # of one row, all planes: rows are read whole for cuts and lower levels
MAX_PACKED_BYTES = 16 << 20  # of one tile of a compressed image, unpacked: 0.2 s of GZIP
UNPACKED = ("RICE_1", "RICE_ONE", "GZIP_1", "GZIP_2", "PLIO_1", "NOCOMPRESS")
SIGN_BITS = {8: -(2.0**7), 16: 2.0**15, 32: 2.0**31}  # BITPIX → BZERO (FITS 4.0 §5.2.5)
STORED = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
FLIPPED = {8: "i1", 16: "u2", 32: "u4"}  # BITPIX → what BZERO turns the samples into


@dataclass(frozen=True)
class FitsImage:
    """How an image is stored in its HDU."""

    header: Header
    size: Size
    planes: tuple[int, ...]  # those that are shown, from 0; each is a channel
    cube: tuple[int, ...]  # lengths of the axes behind the second
    bits: int  # BITPIX
    scale: float  # BSCALE
    zero: float  # BZERO
    blank: int | None  # BLANK, of an integer image

    @property
    def stored(self) -> np.dtype[Any]:
        """The type of the samples in the file."""
        return np.dtype(STORED[self.bits])

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of what is shown: the integers of the file, or float32."""
        if self.scale == 1 and self.blank is None:
            if self.zero == 0 and self.bits in SIGN_BITS:
                return self.stored.newbyteorder("=")
            if self.zero == SIGN_BITS.get(self.bits):
                return np.dtype(FLIPPED[self.bits])
        return np.dtype(np.float32)

    def shown(self, stored: Raw) -> Raw:
        """Return stored samples, which are written over, as physical values (FITS 4.0 §5.3).

        Integers that need no scaling stay integers; BLANK becomes NaN; values
        beyond float32 become infinite.
        """
        dtype = self.dtype
        if self.plain:
            return to_native(stored)
        if dtype.kind in "iu":
            shown = to_native(stored).view(dtype)
            shown ^= np.array(1 << (self.bits - 1), dtype=f"u{dtype.itemsize}").view(dtype)
            return shown
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = stored
            if (self.scale, self.zero) != (1, 0):
                scaled = stored * np.float64(self.scale) + np.float64(self.zero)
            values = scaled.astype(np.float32)
        if self.blank is not None:
            values[stored == self.blank] = np.nan
        return values

    @property
    def tile(self) -> Size:
        """The size of the tiles of a packed image; those at an edge may be smaller."""
        width = self.header.integer("ZTILE1", self.size.width)
        height = self.header.integer("ZTILE2", 1)
        return Size(min(width, self.size.width), min(height, self.size.height))

    @property
    def plain(self) -> bool:
        """Whether the samples are shown as they are stored, but for their byte order."""
        return self.dtype == self.stored.newbyteorder("=") and self.scale == 1 and self.zero == 0


def choose(headers: Iterable[Header], selection: Selection) -> tuple[Header, Header]:
    """Return the header of the image that is asked for, and that of the primary.

    Without a selection: of the first HDU that holds an image.  Raises
    NotFound for an HDU that is not there, Unservable where there is no image.
    """
    primary = None
    for header in headers:
        primary = primary or header
        if selection.hdu is None and not selection.name:
            if _holds_image(header):
                return header, primary
        elif _is_meant(header, selection):
            return header, primary
    if selection.hdu is None and not selection.name:
        raise Unservable("the FITS file holds no image")
    raise NotFound("the FITS file has no such HDU")


def _is_meant(header: Header, selection: Selection) -> bool:
    if selection.hdu is not None:
        return header.number == selection.hdu
    version = header.values.get("EXTVER", 1)
    return header.text("EXTNAME").upper() == selection.name and (
        selection.version is None or version == selection.version
    )


def _holds_image(header: Header) -> bool:
    if not header.is_image:
        return False
    axes = header.axes("Z" if header.packed else "")
    return len(axes) >= 2 and all(axes)


def image_of(header: Header, plane: int | None, most_planes: int) -> FitsImage:
    """Return how the image in an HDU is stored.

    Parameters
    ----------
    header : of the HDU.
    plane : of a cube, from 1; None for all.
    most_planes : that are shown as channels of one image.

    Raises
    ------
    Unservable
        No image, or one that is not described well enough.
    NotFound
        No such plane.
    TooLarge
        Too many planes, or rows that would take too much memory.
    """
    if not _holds_image(header):
        raise Unservable(f"HDU {header.number} holds no image")
    prefix = "Z" if header.packed else ""
    axes, bits = header.axes(prefix), header.bits(prefix)
    if max(axes) > MAX_SIDE:
        raise Unservable(f"an axis of HDU {header.number} is too long")
    if header.packed:
        _check_packed(header, len(axes), bits)
    scale = header.real("BSCALE", 1.0)
    if scale == 0:
        raise Unservable(f"BSCALE of HDU {header.number} is 0")
    blank = header.integer("BLANK") if bits > 0 and "BLANK" in header.values else None
    planes = _planes(math.prod(axes[2:]), plane, most_planes)
    if axes[0] * len(planes) * max(4, abs(bits) // 8) > MAX_ROW_BYTES:
        raise TooLarge(f"the rows of HDU {header.number} are too long to be served")
    return FitsImage(
        header,
        Size(axes[0], axes[1]),
        planes,
        axes[2:],
        bits,
        scale,
        header.real("BZERO", 0.0),
        blank,
    )


def _planes(count: int, plane: int | None, most: int) -> tuple[int, ...]:
    if plane is None:
        if count > most:
            raise TooLarge(f"the cube has {count} planes; choose one: name[HDU][1] and so on")
        return tuple(range(count))
    if not 1 <= plane <= count:
        raise NotFound(f"the image has no plane {plane}")
    return (plane - 1,)


def _check_packed(header: Header, axes: int, bits: int) -> None:
    """Refuse tiles that would take too much memory, and a decoder that is not safe.

    That of HCOMPRESS_1 writes beyond its memory when a tile is damaged
    (astropy 8.0: 1 file of some hundred ended the process).
    """
    if header.text("ZCMPTYPE") not in UNPACKED:
        raise Unservable(f"the compression of HDU {header.number} is not served; convert the file")
    first = header.integer("ZNAXIS1")
    tile = [header.integer(f"ZTILE{n}", first if n == 1 else 1) for n in range(1, axes + 1)]
    if min(tile) < 1:
        raise Unservable(f"the tiles of HDU {header.number} are empty")
    if math.prod(tile) * abs(bits) // 8 > MAX_PACKED_BYTES:
        raise TooLarge(f"the tiles of HDU {header.number} are too large; convert the file")
