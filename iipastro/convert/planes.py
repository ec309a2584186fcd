"""The pixels of one plane of an HDU as float32, by rectangles, in the order of FITS.

FITS standard 4.0: sections 4.4.2.5 (BSCALE, BZERO, BLANK), 5.2.5 (unsigned
integers), 10 (compressed images, which astropy decompresses).
"""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..geometry import Size
from ..images.fits_cards import BLOCK, CARD
from .files import InputFile
from .hdus import Hdu, Shape, shape_of
from .header import Header
from .source import ConvertError, Floats

CHUNK = 1 << 20  # bytes read at a time: they stay in the cache of the processor
SECTION = 1 << 21  # compressed pixels read at a time: each time costs astropy milliseconds
MAX_TILES = 256 << 20  # bytes of a row of compressed tiles
KEPT_ROWS = 16  # compressed tiles that are higher are kept, as the next strip wants them again
Raw = np.ndarray[Any, Any]  # (rows, columns), as in the file


class Plane(Protocol):
    """A two-dimensional image.  Threads may read at the same time."""

    @property
    def size(self) -> Size:
        """The width and the height."""

    def read_into(self, target: Floats, row: int, column: int) -> None:
        """Fill a float32 array of two axes with the pixels from there on.

        Row 0 is the first of FITS: the lowest.  Raises ConvertError.
        """


@dataclass(frozen=True)
class Scaling:
    """What numbers of the file mean: value = zero + scale x number."""

    scale: float
    zero: float
    blank: int | None  # the integer that stands for no value
    unsigned: bool  # integers of the file are read as unsigned ones ...
    sign: int = 0  # ... after these bits are turned round


def scaling_of(hdu: Hdu, bits: int, unsigned: bool) -> Scaling:
    """Return what the header says.  Raises ConvertError for a scale of 0 or not a number.

    An unsigned integer has BSCALE = 1 and half the range of its type as
    BZERO: turning the sign bit is the same, and exact to the last bit.
    """
    scale, zero = hdu.header.number("BSCALE", 1.0), hdu.header.number("BZERO", 0.0)
    if scale == 0:
        raise ConvertError(f"{hdu.name}: BSCALE is 0: all pixels would be equal")
    blank = _blank_of(hdu.header) if bits > 0 else None
    half = 1 << (bits - 1) if bits > 8 else 0
    if half and scale == 1 and zero == half:
        return Scaling(1.0, 0.0, blank, True, half)
    return Scaling(scale, zero, blank, unsigned and bits > 8 and zero == 0)


def _blank_of(header: Header) -> int | None:
    for key in ("BLANK", "ZBLANK"):
        if key in header:
            return header.integer(key)
    return None


def convert(raw: Raw, scaling: Scaling, target: Floats) -> None:
    """Write the values of raw numbers to `target`; blanks are NaN.

    Computed in float64 where the numbers are scaled, rounded once.  What is
    too large for float32 is infinite.
    """
    blank = None if scaling.blank is None else raw == scaling.blank
    values = raw
    if scaling.unsigned:
        values = raw.view(raw.dtype.str.replace("i", "u"))
        if scaling.sign:
            values = values ^ values.dtype.type(scaling.sign)
    with np.errstate(over="ignore", invalid="ignore"):
        if scaling.scale != 1 or scaling.zero != 0:
            values = values.astype(np.float64)
            values *= scaling.scale
            values += scaling.zero
        np.copyto(target, values, casting="unsafe")
    if blank is not None:
        target[blank] = np.nan


class Image(NamedTuple):
    """An open image HDU."""

    planes: tuple[Plane, ...]
    cards: tuple[bytes, ...]  # of the header, as it was before the image was compressed
    close: Callable[[], None]


def open_image(file: InputFile, hdu: Hdu, unsigned: bool) -> Image:
    """Open the planes of an image HDU.  Raises ConvertError for what cannot be read."""
    shape = shape_of(hdu)
    file.require(hdu.start + hdu.length, hdu.name)
    scaling = scaling_of(hdu, shape.bits, unsigned)
    numbers = range(shape.planes)
    if hdu.compressed:
        tiles = Tiles(file, hdu)
        compressed = tuple(CompressedPlane(tiles, number, scaling) for number in numbers)
        return Image(compressed, tiles.cards(), tiles.close)
    raw = tuple(RawPlane(file, hdu, shape, scaling, number) for number in numbers)
    return Image(raw, hdu.header.cards, lambda: None)


class RawPlane:
    """A plane as it lies in the file."""

    def __init__(self, file: InputFile, hdu: Hdu, shape: Shape, scaling: Scaling, number: int):
        self.size = shape.size
        self._file = file
        self._scaling = scaling
        kind = "u" if shape.bits == 8 else "if"[shape.bits < 0]
        self._dtype = np.dtype(f">{kind}{abs(shape.bits) // 8}")
        self._row_bytes = shape.size.width * self._dtype.itemsize
        self._start = hdu.start + number * shape.size.height * self._row_bytes

    def read_into(self, target: Floats, row: int, column: int) -> None:
        """Fill `target` with the pixels from there on."""
        rows, columns = target.shape
        step = max(1, min(rows, CHUNK // self._row_bytes))
        buffer = np.empty((step, self.size.width), self._dtype)
        for first in range(0, rows, step):
            raw = buffer[: min(step, rows - first)]
            start = self._start + (row + first) * self._row_bytes
            self._file.read_into([raw.view(np.uint8).data.cast("B")], start)
            part = raw[:, column : column + columns]
            convert(part, self._scaling, target[first : first + len(raw)])


class CompressedPlane:
    """A plane of an image compressed by tiles."""

    def __init__(self, tiles: Tiles, number: int, scaling: Scaling):
        self.size = Size(*tiles.axes[:2])
        self._tiles = tiles
        self._scaling = scaling
        self._others: tuple[int, ...] = ()  # of the third and the following axes, the last first
        if len(tiles.axes) > 2:
            index = np.unravel_index(number, tiles.axes[:1:-1])
            self._others = tuple(int(position) for position in index)
        self._kept: tuple[int, Raw] | None = None  # a row of high tiles: its number, its pixels
        self._lock = threading.Lock()

    def read_into(self, target: Floats, row: int, column: int) -> None:
        """Fill `target` with the pixels from there on."""
        rows, columns = target.shape
        end = rows  # downwards, as strips follow one another: a kept row of tiles serves both
        while end > 0:
            raw = self._last(row, row + end)[:, column : column + columns]
            convert(raw, self._scaling, target[end - len(raw) : end])
            end -= len(raw)

    def _last(self, first: int, end: int) -> Raw:
        """Return rows up to `end`, from `first` on or from a later one."""
        height = self._tiles.height
        if height <= KEPT_ROWS:
            step = max(1, SECTION // (height * self.size.width)) * height
            return self._read(max(first, (end - 1) // step * step), end)
        band = (end - 1) // height
        start = band * height
        with self._lock:
            if self._kept is None or self._kept[0] != band:
                self._kept = None  # before the next one is in memory
                self._kept = band, self._read(start, start + height)
            return self._kept[1][max(0, first - start) : end - start]

    def _read(self, first: int, end: int) -> Raw:
        rows = slice(first, min(end, self.size.height))
        return self._tiles.read((*self._others, rows, slice(0, self.size.width)))


class Tiles:
    """A compressed image, decompressed by astropy: one opened file for each thread at work."""

    def __init__(self, file: InputFile, hdu: Hdu):
        self.axes = hdu.axes
        self._file = file
        self._hdu = hdu
        self.height = self._tile_height()
        self._idle: list[Any] = []
        self._opening = threading.Lock()  # warnings are caught in one thread at a time
        file.read(hdu.start + hdu.length, BLOCK)  # astropy wants the padding unpacked too

    def _tile_height(self) -> int:
        """Return the rows of a tile.  Raises ConvertError for tiles of too many bytes."""
        header = self._hdu.header
        sides = [header.integer("ZTILE1", self.axes[0])]
        sides += [header.integer(f"ZTILE{n}", 1) for n in range(2, len(self.axes) + 1)]
        if min(sides) < 1:
            raise ConvertError(f"{self._hdu.name}: tiles of {sides} pixels")
        sides = [min(side, axis) for side, axis in zip(sides, self.axes, strict=True)]
        if self.axes[0] * math.prod(sides[1:]) * abs(shape_of(self._hdu).bits) > 8 * MAX_TILES:
            raise ConvertError(f"{self._hdu.name}: a row of its tiles is over {MAX_TILES} bytes")
        tiles = math.prod(-(-axis // side) for side, axis in zip(sides, self.axes, strict=True))
        if header.integer("NAXIS2") != tiles:
            raise ConvertError(f"{self._hdu.name}: {tiles} tiles, {header.integer('NAXIS2')} rows")
        return sides[1]

    def read(self, index: tuple[int | slice, ...]) -> Raw:
        """Return the raw numbers of a section.  Raises ConvertError."""
        with self._reading() as hdu:
            section: Raw = np.asarray(hdu.section[index])
        return section

    def cards(self) -> tuple[bytes, ...]:
        """Return the header that the image had before it was compressed."""
        with self._reading() as hdu:
            text = hdu.header.tostring(endcard=False, padding=False).encode("ascii", "replace")
        return tuple(text[at : at + CARD] for at in range(0, len(text), CARD))

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        """Lend the HDU to a thread; what astropy raises for damage becomes a ConvertError."""
        try:
            opened = self._idle.pop()
        except IndexError:
            opened = self._open()
        try:
            yield opened[self._hdu.number]
        except BaseException as error:
            from ..images.fits_packed import FAULTS  # noqa: PLC0415

            opened.close()
            if isinstance(error, FAULTS):
                raise ConvertError(f"{self._hdu.name}: cannot be decompressed: {error}") from None
            raise
        self._idle.append(opened)

    def _open(self) -> Any:
        """Open the file by astropy, up to the HDU; what it warns of we check ourselves."""
        from astropy.io import fits  # noqa: PLC0415  takes longer than many a conversion

        from ..images.fits_packed import FAULTS, guard  # noqa: PLC0415

        with self._opening, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                opened = fits.open(self._file.path, do_not_scale_image_data=True, memmap=True)
            except FAULTS as error:
                raise ConvertError(f"{self._hdu.name}: {error}") from None
            try:
                if not isinstance(opened[self._hdu.number], fits.CompImageHDU):
                    raise ValueError("astropy finds no image in it")
                guard(opened[self._hdu.number])
            except FAULTS as error:
                opened.close()
                raise ConvertError(f"{self._hdu.name}: {error}") from None
        return opened

    def close(self) -> None:
        """Let go of what astropy opened."""
        while self._idle:
            self._idle.pop().close()
