"""The HDUs of a FITS file: where their pixels lie, and which of them are images.

FITS standard 4.0, sections 3.3 (blocks), 4.4.1 (mandatory keywords), 7.1
(images), 10.1 (compressed images).  Every number of a header is bounded
before it is used.

The server walks in its own way (`images.fits_header`), as the two want different
things: a converter reads `.gz` too, keeps every card, and refuses what is wrong
with the file, the HDU and the keyword in the message; a server keeps some
twenty keywords, must not name a file, bounds all headers together, and passes
over what it can.  What cards mean is the same for both: `images.fits_cards`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..geometry import Size
from ..images.fits_cards import BLOCK, CARD, LONGEST_AXIS, MAX_AXES, SAMPLE_BITS, data_bytes
from .files import InputFile
from .header import Header
from .source import ConvertError

MAX_HEADER = 10_000_000  # bytes (R22)
MAX_HDUS = 10_000
MAX_LENGTH = 1 << 60  # bytes: what no file has, and a position can still say
MAX_SIDE = 1 << 20  # pixels
MAX_PLANES = 65535  # what SamplesPerPixel of TIFF can say
END = b"END".ljust(CARD)


@dataclass(frozen=True)
class Hdu:
    """A header and where its data lie."""

    number: int  # 0 is the primary
    header: Header
    start: int  # of the data, in bytes
    length: int  # of the data, without padding

    @property
    def name(self) -> str:
        """What messages call it: the file and the number."""
        return self.header.name

    @property
    def extension_name(self) -> str:
        """EXTNAME, in capitals."""
        return self.header.text("EXTNAME").upper()

    @property
    def compressed(self) -> bool:
        """Whether it is a table that holds a tile-compressed image."""
        return self.header.text("XTENSION") == "BINTABLE" and self.header.value("ZIMAGE") is True

    @property
    def axes(self) -> tuple[int, ...]:
        """NAXIS1 and the following ones of the image.  Raises ConvertError."""
        return axes_of(self.header, "Z" if self.compressed else "")

    @property
    def is_image(self) -> bool:
        """Whether it has pixels in two dimensions at least."""
        kind = self.header.text("XTENSION")
        image = kind in ("", "IMAGE", "IUEIMAGE") or self.compressed
        if not image or self.header.value("GROUPS") is True:
            return False
        return len(self.axes) >= 2 and math.prod(self.axes) > 0


@dataclass(frozen=True)
class Shape:
    """What the pixels of an image HDU are."""

    size: Size
    planes: int
    bits: int  # BITPIX


def shape_of(hdu: Hdu) -> Shape:
    """Return the shape of an image: all axes but the first two are planes.

    Axes of length 1 vanish so.  Raises ConvertError for what is no image, or
    too large a one.
    """
    if not hdu.is_image:
        raise ConvertError(f"{hdu.name}: not an image with two axes")
    width, height, *others = hdu.axes
    if max(width, height) > MAX_SIDE:
        raise ConvertError(f"{hdu.name}: {width} x {height} pixels; a side has {MAX_SIDE} at most")
    planes = math.prod(others)
    if planes > MAX_PLANES:
        raise ConvertError(f"{hdu.name}: {planes} planes; TIFF has {MAX_PLANES} channels at most")
    return Shape(Size(width, height), planes, bits_of(hdu.header, "Z" if hdu.compressed else ""))


def bits_of(header: Header, prefix: str = "") -> int:
    """Return BITPIX.  Raises ConvertError for one that FITS does not know."""
    bits = header.integer(prefix + "BITPIX")
    if bits not in SAMPLE_BITS:
        raise ConvertError(
            f"{header.name}: {prefix}BITPIX is {bits}; FITS knows 8 16 32 64 -32 -64"
        )
    return bits


def axes_of(header: Header, prefix: str = "") -> tuple[int, ...]:
    """Return NAXIS1, NAXIS2 and so on.  Raises ConvertError for impossible ones."""
    count = header.integer(prefix + "NAXIS")
    if not 0 <= count <= MAX_AXES:
        raise ConvertError(f"{header.name}: {prefix}NAXIS is {count}")
    axes = tuple(header.integer(f"{prefix}NAXIS{number}") for number in range(1, count + 1))
    for number, axis in enumerate(axes, 1):
        if not 0 <= axis <= LONGEST_AXIS:
            raise ConvertError(f"{header.name}: {prefix}NAXIS{number} is {axis}")
    return axes


def walk(file: InputFile) -> Iterator[Hdu]:
    """Yield the HDUs of a file in turn.  Raises ConvertError for what is not FITS.

    What follows the last HDU and is none is passed over (section 3.5).
    """
    start = 0
    for number in range(MAX_HDUS):
        beginning = file.read(start, CARD)
        if number and beginning[:8] != b"XTENSION":
            return
        if not number and beginning[:9] != b"SIMPLE  =":
            raise ConvertError(f"{file.name}: not a FITS file")
        header, start = read_header(file, start, f"{file.name}[{number}]")
        length = _data_length(header)
        yield Hdu(number, header, start, length)
        start += -(-length // BLOCK) * BLOCK
    raise ConvertError(f"{file.name}: more than {MAX_HDUS} HDUs")


def read_header(file: InputFile, start: int, name: str) -> tuple[Header, int]:
    """Return a header and where its data begin.  Raises ConvertError without END in 10 MB."""
    cards: list[bytes] = []
    for first in range(start, start + MAX_HEADER, BLOCK):
        block = file.read(first, BLOCK)
        if len(block) < BLOCK:
            raise ConvertError(f"{name}: truncated: the header has no END")
        some = [block[at : at + CARD] for at in range(0, BLOCK, CARD)]
        if END in some:
            cards += some[: some.index(END)]
            return Header(cards, name), first + BLOCK
        cards += some
    raise ConvertError(f"{name}: the header has no END in its first {MAX_HEADER} bytes")


def _data_length(header: Header) -> int:
    """Return the bytes of the data (section 4.4.1.1, 6 for random groups)."""
    axes, random = axes_of(header), header.value("GROUPS") is True
    parameters, groups = header.integer("PCOUNT", 0), header.integer("GCOUNT", 1)
    if parameters < 0 or groups < 0:
        raise ConvertError(f"{header.name}: PCOUNT is {parameters}, GCOUNT is {groups}")
    length = data_bytes(axes, bits_of(header), parameters, groups, random)
    if length > MAX_LENGTH:
        raise ConvertError(f"{header.name}: its axes {axes} ask for {length} bytes")
    return length


def find_hdus(file: InputFile, wanted: tuple[str, ...]) -> list[Hdu]:
    """Return the HDUs that are named, in that order; without names the first image.

    A name is a number, 0 the primary HDU, or an EXTNAME in capitals or not.
    Raises ConvertError.
    """
    if not wanted:
        for hdu in walk(file):
            if hdu.is_image:
                return [hdu]
        raise ConvertError(f"{file.name}: no HDU holds an image")
    found: dict[str, Hdu] = {}
    for hdu in walk(file):
        for name in wanted:
            if name not in found and name.upper() in (str(hdu.number), hdu.extension_name):
                found[name] = hdu
        if len(found) == len(set(wanted)):
            break
    for name in wanted:
        if name not in found:
            raise ConvertError(f"{file.name}: no HDU {name}")
    return [found[name] for name in wanted]


def find_images(file: InputFile, wanted: tuple[str, ...]) -> list[Hdu]:
    """Return the HDUs that are named; without names all images.  Raises ConvertError."""
    if wanted:
        return find_hdus(file, wanted)
    images = [hdu for hdu in walk(file) if hdu.is_image]
    if not images:
        raise ConvertError(f"{file.name}: no HDU holds an image")
    return images
