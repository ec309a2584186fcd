"""The directories of a TIFF or BigTIFF file, walked with pread.

Opening costs the same for a file of any size: tables of tile offsets and byte
counts are not read, only located; `TagArray.entry` reads what it needs when it
is needed.  Nothing is mapped: a file that is cut short while it is open gives a
short read, never a SIGBUS (docs/decisions/0009).  Every number is checked
against the size of the file before it is used, so whatever the bytes are, the
result is a directory, `Unservable` or `Unreadable` (TIFF 6.0 pp. 13-16).
"""

from __future__ import annotations

import os
import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from ..errors import Unreadable, Unservable

MAX_DIRECTORIES = 64
MAX_TAGS = 4096  # in one directory
MAX_VALUE_BYTES = 16 << 20  # of one tag read as a whole
MAX_NUMBERS = 1 << 16  # of one tag read as numbers
SHORT_TABLE = 1 << 14  # bytes: 2048 tiles; small images, of which many are open, have less
SUB_DIRECTORIES = 330

NUMBER_FORMATS = {  # type of a tag → struct format of one number (TIFF 6.0 p. 15, BigTIFF)
    1: "B",
    3: "H",
    4: "I",
    5: "II",
    6: "b",
    8: "h",
    9: "i",
    10: "ii",
    11: "f",
    12: "d",
    13: "I",
    16: "Q",
    17: "q",
    18: "Q",
}
VALUE_BYTES = {2: 1, 7: 1, **{code: struct.calcsize(f"={f}") for code, f in NUMBER_FORMATS.items()}}
RATIONALS = frozenset({5, 10})
OFFSETS = frozenset({3, 4, 13, 16, 18})  # unsigned, and wide enough for an offset or a count
INTEGERS = OFFSETS | {1, 6, 8, 9, 17}
BYTES = frozenset({1, 2, 7})
TYPECODES = {2: "H", 4: "I", 8: "Q"}  # of `array`, for an offset or a count of so many bytes


class Tag(NamedTuple):
    """One entry of a directory: where its values are."""

    type: int
    values: int  # how many
    offset: int  # of the first one, in the file


@dataclass(frozen=True)
class TiffFile:
    """An open TIFF file: its descriptor, its size when it was opened, its two conventions."""

    descriptor: int
    size: int
    order: Literal["<", ">"]
    big: bool

    def read(self, offset: int, count: int) -> bytes:
        """Return `count` bytes.  Raises Unservable beyond the end, Unreadable if they are gone."""
        if offset + count > self.size:
            raise Unservable("the TIFF file points beyond its own end")
        return read_exactly(self.descriptor, offset, count)

    def directories(self) -> Iterator[Directory]:
        """Yield the directories of the top-level chain, the first one at least."""
        start = self.read(8, 8) if self.big else self.read(4, 4)
        seen: set[int] = set()
        offset = int.from_bytes(start, byte_order(self.order))
        while offset:
            if offset in seen:
                raise Unservable("the TIFF directories form a loop")
            if len(seen) == MAX_DIRECTORIES:
                raise Unservable(f"the TIFF file has more than {MAX_DIRECTORIES} directories")
            seen.add(offset)
            directory, offset = read_directory(self, offset)
            yield directory
        if not seen:
            raise Unservable("the TIFF file has no directory")


@dataclass(frozen=True)
class TagArray:
    """A table of whole numbers in the file: a short one is read once, a long one entry by entry.

    To read an entry costs 2.5 µs, twice for a tile; the table of 100k x 100k pixels has a megabyte.
    """

    descriptor: int
    offset: int
    count: int
    width: int  # bytes of an entry
    order: Literal["little", "big"]

    def entry(self, index: int) -> int:
        """Return entry `index`, from 0 to count - 1.  Raises Unreadable."""
        if self.count * self.width <= SHORT_TABLE:
            return self._entries[index]
        at = self.offset + index * self.width
        return int.from_bytes(read_exactly(self.descriptor, at, self.width), self.order)

    @cached_property
    def _entries(self) -> array[int]:
        """All entries; five times smaller than an array of NumPy where there are few."""
        data = read_exactly(self.descriptor, self.offset, self.count * self.width)
        entries = array(TYPECODES[self.width], data)
        if self.order != sys.byteorder:
            entries.byteswap()
        return entries


@dataclass(frozen=True)
class Directory:
    """One TIFF directory: its tags, unread but for the short ones, which stand among them."""

    file: TiffFile
    tags: dict[int, Tag]
    start: int  # where `entries` lie in the file
    entries: bytes

    def number(self, code: int, default: int | None = None) -> int:
        """Return the first value of a tag that holds whole numbers.

        Raises Unservable where it is of another type, or absent without a default.
        """
        tag = self.tags.get(code)
        if tag is None and default is not None:
            return default
        if tag is None or tag.values == 0 or tag.type not in INTEGERS:
            raise Unservable(f"TIFF tag {code} is missing or no whole number")
        value: int = self._unpack(tag, 1)[0]
        return value

    def integers(self, code: int, default: tuple[int, ...]) -> tuple[int, ...]:
        """Return all values of a tag that holds whole numbers, at least one.

        Raises Unservable where it is empty or of another type.
        """
        tag = self.tags.get(code)
        if tag is None:
            return default
        if tag.values == 0 or tag.type not in INTEGERS:
            raise Unservable(f"TIFF tag {code} holds no whole numbers")
        return self._unpack(tag, tag.values)

    def numbers(self, code: int) -> tuple[float, ...]:
        """Return all values of a tag of any number type; () where it is absent or none.

        A fraction with denominator 0 is NaN.
        """
        tag = self.tags.get(code)
        if tag is None or tag.type not in NUMBER_FORMATS:
            return ()
        values = self._unpack(tag, tag.values)
        if tag.type not in RATIONALS:
            return values
        pairs = zip(values[::2], values[1::2], strict=True)
        return tuple(above / below if below else float("nan") for above, below in pairs)

    def content(self, code: int) -> bytes:
        """Return the bytes of a tag of text or of anything; b"" where it is absent."""
        tag = self.tags.get(code)
        if tag is None or tag.type not in BYTES:
            return b""
        return self._read(tag, tag.values)

    def array(self, code: int, count: int) -> TagArray:
        """Return where a table of at least `count` offsets or byte counts is; reads nothing."""
        tag = self.tags.get(code)
        if tag is None or tag.type not in OFFSETS:
            raise Unservable(f"TIFF tag {code} is missing or no table of offsets")
        width = VALUE_BYTES[tag.type]
        if tag.values < count or tag.offset + count * width > self.file.size:
            raise Unservable(f"TIFF tag {code} is too short for the tiles of the image")
        order = byte_order(self.file.order)
        return TagArray(self.file.descriptor, tag.offset, tag.values, width, order)

    def children(self) -> Iterator[Directory]:
        """Yield the directories that tag SubIFDs names."""
        tag = self.tags.get(SUB_DIRECTORIES)
        if tag is None or tag.type not in OFFSETS:
            return
        if tag.values >= MAX_DIRECTORIES:
            raise Unservable(f"the TIFF file has more than {MAX_DIRECTORIES} directories")
        for offset in self._unpack(tag, tag.values):
            yield read_directory(self.file, offset)[0]

    def _unpack(self, tag: Tag, count: int) -> tuple[int, ...]:
        """Return numbers; for a fraction, two."""
        if count > MAX_NUMBERS:
            raise Unservable(f"a TIFF tag holds more than {MAX_NUMBERS} numbers")
        values = self._read(tag, count)
        letters = NUMBER_FORMATS[tag.type]
        return struct.unpack(f"{self.file.order}{count * len(letters)}{letters[0]}", values)

    def _read(self, tag: Tag, count: int) -> bytes:
        length = count * VALUE_BYTES[tag.type]
        if length > MAX_VALUE_BYTES:
            raise Unservable(f"a TIFF tag holds more than {MAX_VALUE_BYTES >> 20} MiB")
        at = tag.offset - self.start
        if 0 <= at <= len(self.entries) - length:
            return self.entries[at : at + length]
        return self.file.read(tag.offset, length)


def open_file(descriptor: int) -> TiffFile:
    """Read the header of a TIFF or BigTIFF file (TIFF 6.0 p. 13).  Raises Unservable."""
    size = os.fstat(descriptor).st_size
    header = read_exactly(descriptor, 0, min(16, size))
    order: Literal["<", ">"] | None = {b"II": "<", b"MM": ">"}.get(header[:2])  # type: ignore[assignment]
    if order is None or size < 10:
        raise Unservable("not a TIFF file")
    version = int.from_bytes(header[2:4], byte_order(order))
    if version not in (42, 43):
        raise Unservable("not a TIFF file")
    if version == 43 and header[4:8] != struct.pack(f"{order}HH", 8, 0):
        raise Unservable("the header of the BigTIFF file is damaged")
    return TiffFile(descriptor, size, order, version == 43)


def read_directory(file: TiffFile, offset: int) -> tuple[Directory, int]:
    """Return the directory at `offset`, and where the next one of its chain is; 0: nowhere."""
    entry, width = ("HHQ8s", 8) if file.big else ("HHI4s", 4)
    head = 8 if file.big else 2
    order = byte_order(file.order)
    count = int.from_bytes(file.read(offset, head), order)
    if count > MAX_TAGS:
        raise Unservable(f"a TIFF directory has more than {MAX_TAGS} tags")
    length = struct.calcsize(f"={entry}")
    table = file.read(offset + head, count * length + width)
    tags = {}
    entries = struct.iter_unpack(f"{file.order}{entry}", table[:-width])
    for where, (code, kind, values, inline) in enumerate(entries):
        value_bytes = VALUE_BYTES.get(kind)
        if value_bytes is None:
            continue  # of a type that is not known: to be skipped (TIFF 6.0 p. 16)
        if values * value_bytes <= width:
            at = offset + head + where * length + length - width
        else:
            at = int.from_bytes(inline, order)
        tags[code] = Tag(kind, values, at)
    return Directory(file, tags, offset + head, table), int.from_bytes(table[-width:], order)


def read_exactly(descriptor: int, offset: int, count: int) -> bytes:
    """Return `count` bytes at `offset`.  Raises Unreadable if the file does not give them."""
    try:
        content = os.pread(descriptor, count, offset)
    except OSError as error:
        raise Unreadable("the image cannot be read now") from error
    if len(content) != count:
        raise Unreadable("the image file is cut short")
    return content


def byte_order(order: Literal["<", ">"]) -> Literal["little", "big"]:
    """Return the byte order under the name that int.from_bytes knows."""
    return "little" if order == "<" else "big"
