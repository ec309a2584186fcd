"""The headers of a FITS file, read with pread: cards, and where the data are (FITS 4.0 §3, §4).

Only what is needed to find and to read images is understood; everything else
is kept as cards.  Every number is checked before it is used, so whatever the
bytes are, the result is a list of HDUs, or a Refused.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import TooLarge, Unreadable, Unservable
from .directory import read_exactly
from .fits_cards import (
    BLOCK,
    CARD,
    LONGEST_AXIS,
    MAX_AXES,
    SAMPLE_BITS,
    Value,
    data_bytes,
    inherited,
    value_of,
)

CHUNK = 16 * BLOCK  # that is read at a time
MAX_HDUS = 1000
END = b"END     "
BLANK_CARD = b" " * CARD
KEYWORDS = frozenset(
    b"SIMPLE XTENSION BITPIX NAXIS PCOUNT GCOUNT GROUPS BSCALE BZERO BLANK EXTNAME EXTVER INHERIT"
    b" FILTER ZIMAGE ZBITPIX ZNAXIS ZCMPTYPE".split()
)
NUMBERED = re.compile(rb"(?:NAXIS|ZNAXIS|ZTILE)[1-9][0-9]{0,2}")


@dataclass(frozen=True)
class Header:
    """The header of one HDU."""

    number: int  # of the HDU; 0 is the primary
    cards: bytes  # of 80 characters each, without END and the blanks before it
    values: dict[str, Value]  # of the keywords above
    data: int  # where the data begin

    def integer(self, keyword: str, default: int | None = None) -> int:
        """Return a whole number.  Raises Unservable where it is none, or absent and needed."""
        value = self.values.get(keyword, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Unservable(f"{keyword} of HDU {self.number} is missing or no whole number")
        return value

    def real(self, keyword: str, default: float) -> float:
        """Return a finite number.  Raises Unservable where it is none."""
        value = self.values.get(keyword, default)
        if isinstance(value, (bool, str)) or value is None or not math.isfinite(value):
            raise Unservable(f"{keyword} of HDU {self.number} is no number")
        return float(value)

    def text(self, keyword: str) -> str:
        """Return a text, empty where there is none."""
        value = self.values.get(keyword)
        return value if isinstance(value, str) else ""

    def axes(self, prefix: str = "") -> tuple[int, ...]:
        """Return the lengths of the axes, NAXIS1 first; of the packed image with "Z"."""
        count = self.integer(f"{prefix}NAXIS")
        if not 0 <= count <= MAX_AXES:
            raise Unservable(f"{prefix}NAXIS of HDU {self.number} is out of range")
        axes = tuple(self.integer(f"{prefix}NAXIS{axis}") for axis in range(1, count + 1))
        if not all(0 <= length <= LONGEST_AXIS for length in axes):
            raise Unservable(f"an axis of HDU {self.number} is out of range")
        return axes

    def bits(self, prefix: str = "") -> int:
        """Return BITPIX: bits of a sample, negative for floats."""
        bits = self.integer(f"{prefix}BITPIX")
        if bits not in SAMPLE_BITS:
            raise Unservable(f"{prefix}BITPIX of HDU {self.number} is {bits}")
        return bits

    @property
    def is_image(self) -> bool:
        """Whether the HDU is of a kind that holds an array, or a packed one."""
        if self.values.get("ZIMAGE") is True and self.text("XTENSION") == "BINTABLE":
            return True
        return self.number == 0 or self.text("XTENSION") in ("IMAGE", "IUEIMAGE")

    @property
    def packed(self) -> bool:
        """Whether the image is in a table, compressed tile by tile (FITS 4.0 §10)."""
        return self.is_image and self.number > 0 and self.text("XTENSION") == "BINTABLE"

    @property
    def data_bytes(self) -> int:
        """Bytes of the data, without the filling (FITS 4.0 eq. 2)."""
        axes, groups = self.axes(), self.integer("GCOUNT", 1)
        extra = self.integer("PCOUNT", 0)
        if groups < 0 or extra < 0:
            raise Unservable(f"PCOUNT or GCOUNT of HDU {self.number} is out of range")
        if not axes:
            return 0
        return data_bytes(axes, self.bits(), extra, groups, self.values.get("GROUPS") is True)


def read_headers(descriptor: int, most_bytes: int) -> Iterator[Header]:
    """Yield the headers of a FITS file, in order, the primary's at least.

    A file that ends in the middle of an extension's header has one HDU less.

    Parameters
    ----------
    descriptor : of the file.
    most_bytes : that all headers together may take.

    Raises
    ------
    Unservable
        No FITS file, or one whose headers contradict themselves.
    TooLarge
        More headers than are read.
    Unreadable
        The file fails.
    """
    size = os.fstat(descriptor).st_size
    start, number, room = 0, 0, most_bytes
    while start < size:
        if number == MAX_HDUS:
            raise TooLarge(f"the FITS file has more than {MAX_HDUS} HDUs")
        header = _read_header(descriptor, number, start, (size, room))
        if header is None or not _is_hdu(header):
            break
        yield header
        room -= header.data - start
        start = header.data + -(-header.data_bytes // BLOCK) * BLOCK
        number += 1
    if number == 0:
        raise Unservable("not a standard FITS file")


def _is_hdu(header: Header) -> bool:
    if header.number == 0:
        return header.values.get("SIMPLE") is True
    return header.cards.startswith(b"XTENSION=") and bool(header.text("XTENSION"))


def _read_header(
    descriptor: int, number: int, start: int, limits: tuple[int, int]
) -> Header | None:
    """Return the header that begins at `start`; None where it has no end.

    `limits` are the size of the file, and the bytes that may be read.
    """
    size, room = limits
    content, values = bytearray(), dict[str, Value]()
    while True:
        if len(content) >= room:
            raise TooLarge("the headers of the FITS file are too long")
        count = min(CHUNK, size - start - len(content))
        if count < CARD:
            if number == 0:
                raise Unreadable("the FITS file is cut short")
            return None
        before = len(content)
        content += read_exactly(descriptor, start + before, count // CARD * CARD)
        if number > 0 and before == 0 and not content.startswith(b"XTENSION="):
            return None  # special records (FITS 4.0 §3.5), or filling
        end = _read_cards(content, before, values)
        if end is not None:
            cards = bytes(content[:end])
            while cards.endswith(BLANK_CARD):
                cards = cards[:-CARD]
            return Header(number, cards, values, start + (end // BLOCK + 1) * BLOCK)


def _read_cards(content: bytearray, first: int, values: dict[str, Value]) -> int | None:
    """Take the values from the cards at `first` and behind; return where END is."""
    for at in range(first, len(content), CARD):
        keyword = bytes(content[at : at + 8])
        if keyword == END:
            return at
        name = keyword.rstrip()
        if name in KEYWORDS or NUMBERED.fullmatch(name):
            values.setdefault(name.decode(), value_of(bytes(content[at : at + CARD])))
    return None


# ---- what a client is told of a header


def subject_of(header: Header, primary: Header, cards: bytes | None = None) -> bytes:
    """Return the cards of an image as a converter would pass them on, without END.

    An extension that says INHERIT = T has those of the primary as well, but
    for the ones that it has itself, or that describe data (FITS 4.0 appendix K).
    With FILTER comes the card CHAN0001 by which clients name the channel
    (spec 5.7).  `cards` are the unpacked image's own where it is compressed.
    """
    own = header.cards if cards is None else cards
    if header.number and header.values.get("INHERIT") is True:
        own += b"".join(inherited(_split(own), _split(primary.cards)))
    label = (header.text("FILTER") or primary.text("FILTER")).replace("'", "''")
    if label and b"CHAN0001=" not in own:
        own += f"CHAN0001= '{label:<8}'".encode("ascii", "replace")[:CARD].ljust(CARD)
    return own


def _split(cards: bytes) -> list[bytes]:
    return [cards[at : at + CARD] for at in range(0, len(cards), CARD)]
