"""The bytes of TIFF and BigTIFF: heads, directories, and where values go (little-endian).

Pixels are written first, as they come; `write_directories` ends the file.  By
hand, because tifffile adds tags that STIFF does not write, and wants a level
whole before the next.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

BIG = 2**31  # bytes of pixels of the full image from which on a BigTIFF is written (spec 5.7)
BIG_TILES = 7 * 2**29  # bytes of unpacked tiles of all levels, likewise: thin images fill them up
CLASSIC_END = 2**32  # bytes: where the offsets of a classic TIFF end


class Form(NamedTuple):
    """The words of classic TIFF or of BigTIFF."""

    head: bytes  # all before the offset of the first directory
    word: str  # offsets, and the count of values in an entry
    entries: str  # the count of entries in a directory
    offset_type: int


ASCII, SHORT, LONG, RATIONAL, FLOAT, LONG8 = 2, 3, 4, 5, 11, 16
CODES = {SHORT: "H", LONG: "I", RATIONAL: "I", FLOAT: "f", LONG8: "Q"}
CLASSIC = Form(struct.pack("<2sH", b"II", 42), "I", "H", LONG)
BIGTIFF = Form(struct.pack("<2sHHH", b"II", 43, 8, 0), "Q", "Q", LONG8)


class Tag(NamedTuple):
    """An entry of a directory."""

    number: int
    kind: int
    values: Sequence[float] | bytes


def side(number: int, pixels: int) -> Tag:
    """Return a tag that holds a width or a height, in the type that STIFF gives it."""
    return Tag(number, SHORT if pixels < 65536 else LONG, (pixels,))


def text(content: bytes) -> bytes:
    """Return the value of an ASCII tag: it ends in NUL, and holds none before."""
    return content.replace(b"\0", b" ") + b"\0"


def write_head(file: BinaryIO, form: Form) -> None:
    """Write what stands before the pixels; the first directory is not known yet."""
    file.write(form.head + bytes(struct.calcsize("<" + form.word)))


def write_directories(file: BinaryIO, form: Form, directories: Sequence[Sequence[Tag]]) -> None:
    """Write the directories at the end of the file, in their order, and link them.

    Raises OverflowError where a classic TIFF would pass 4 GiB.
    """
    link = len(form.head)
    for tags in directories:
        link = _write_directory(file, form, tags, link)


def _write_directory(file: BinaryIO, form: Form, tags: Sequence[Tag], link: int) -> int:
    """Write a directory and its long values; point `link` to it; return its own link."""
    width = struct.calcsize("<" + form.word)
    entries = []
    for tag in sorted(tags, key=lambda tag: tag.number):
        packed = _packed(tag)
        count = len(tag.values) // 2 if tag.kind == RATIONAL else len(tag.values)
        if len(packed) > width:
            packed = _word(form, _append(file, packed))
        head = struct.pack("<HH" + form.word, tag.number, tag.kind, count)
        entries.append(head + packed.ljust(width, b"\0"))
    body = struct.pack("<" + form.entries, len(entries)) + b"".join(entries)
    start = _append(file, body + bytes(width))
    file.seek(link)
    file.write(_word(form, start))
    file.seek(0, os.SEEK_END)
    return start + len(body)


def _packed(tag: Tag) -> bytes:
    if isinstance(tag.values, bytes):
        return tag.values
    if tag.kind == LONG and max(tag.values) >= CLASSIC_END:
        raise OverflowError("a TIFF that is no BigTIFF cannot hold 4 GiB")
    return struct.pack(f"<{len(tag.values)}{CODES[tag.kind]}", *tag.values)


def _word(form: Form, offset: int) -> bytes:
    if form is CLASSIC and offset >= CLASSIC_END:
        raise OverflowError("a TIFF that is no BigTIFF cannot hold 4 GiB")
    return struct.pack("<" + form.word, offset)


def _append(file: BinaryIO, body: bytes) -> int:
    """Write `body` at an even offset, and return the offset."""
    if file.tell() % 2:
        file.write(b"\0")
    start = file.tell()
    file.write(body)
    return start
