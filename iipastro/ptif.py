"""Write a pyramidal TIFF of 32-bit floats as STIFF lays it out (spec 5.3, 5.7).

Each level is a directory of its own, the full image first: contiguous tiles
of 256 pixels without compression, the directory behind its pixels.  Only the
level being averaged is held in memory: a quarter of the image at most.
Written by hand because tifffile adds an ExtraSamples tag that STIFF does not.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from . import __version__
from .geometry import Size

Floats = np.ndarray[Any, np.dtype[np.float32]]  # (rows, columns, channels)
Cuts = tuple[float, float]  # the values shown as black and white

TILE = 256  # pixels; also the rows of a strip
BIG = 2**31  # bytes of pixels from which on a BigTIFF is written


class Pyramid(NamedTuple):
    """What is written, apart from the pixels."""

    size: Size
    cuts: tuple[Cuts, ...]  # one per channel
    describe: Callable[[Size, int], str]  # size of a level, halvings → ImageDescription


class Form(NamedTuple):
    """The words of classic TIFF or of BigTIFF (little-endian)."""

    head: bytes  # all before the offset of the first directory
    word: str  # offsets, and the count of values in an entry
    entries: str  # the count of entries in a directory
    offset_type: int


CLASSIC = Form(struct.pack("<2sH", b"II", 42), "I", "H", 4)
BIGTIFF = Form(struct.pack("<2sHHH", b"II", 43, 8, 0), "Q", "Q", 16)

ASCII, SHORT, LONG, RATIONAL, FLOAT, LONG8 = 2, 3, 4, 5, 11, 16
CODES = {SHORT: "H", LONG: "I", RATIONAL: "I", FLOAT: "f", LONG8: "Q"}

Tag = tuple[int, int, tuple[float, ...] | bytes]  # number, type, values


def level_sizes(full: Size) -> list[Size]:
    """Return the sizes of the levels, largest first: halved, with floor, while 256 are left."""
    sizes = [full]
    while max(sizes[-1]) // 2 >= TILE and min(sizes[-1]) >= 2:
        sizes.append(Size(sizes[-1].width // 2, sizes[-1].height // 2))
    return sizes


def halve(pixels: Floats) -> Floats:
    """Return means of 2 × 2 pixels: (rows // 2, columns // 2, channels), a new array."""
    rows, columns = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    sums = pixels[0:rows:2] + pixels[1:rows:2]
    means: Floats = sums[:, 0:columns:2] + sums[:, 1:columns:2]
    means *= np.float32(0.25)
    return means


def write_pyramid(path: str, pyramid: Pyramid, strips: Iterable[Floats]) -> None:
    """Write the file under a temporary name and put it in place when it is whole.

    Parameters
    ----------
    path : the file; an older one is replaced.
    pyramid : size, cuts and descriptions.
    strips : float32, (256, width, channels) each, from the top; the last may be lower.
    """
    temporary = f"{path}.part"
    try:
        with open(temporary, "wb") as file:
            _write(file, pyramid, strips)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def _write(file: BinaryIO, pyramid: Pyramid, strips: Iterable[Floats]) -> None:
    size, channels = pyramid.size, len(pyramid.cuts)
    form = BIGTIFF if size.width * size.height * channels * 4 >= BIG else CLASSIC
    file.write(form.head)
    link = file.tell()  # where the offset of the next directory belongs
    file.write(bytes(struct.calcsize("<" + form.word)))
    sizes = level_sizes(size)
    for halvings, lvl in enumerate(sizes):
        smaller: list[Floats] = []
        keep = smaller.append if halvings + 1 < len(sizes) else None
        offsets = _write_level(file, strips, keep)
        tags = _tags(pyramid, lvl, halvings)
        link = _write_directory(file, form, _with_tiles(tags, form, offsets, channels), link)
        strips = _cut(smaller)


def _write_level(
    file: BinaryIO, strips: Iterable[Floats], keep: Callable[[Floats], None] | None
) -> list[int]:
    """Write the tiles of a level; give its halved strips to `keep`; return where tiles begin."""
    offsets = []
    for strip in strips:
        for left in range(0, strip.shape[1], TILE):
            offsets.append(file.tell())
            file.write(_whole_tile(strip[:, left : left + TILE]).tobytes())
        if keep:
            keep(halve(strip))
    return offsets


def _whole_tile(pixels: Floats) -> Floats:
    """Return `pixels` as a whole tile: edge tiles are filled up with zeros."""
    missing = TILE - pixels.shape[0], TILE - pixels.shape[1]
    little = pixels.astype("<f4", copy=False)
    return np.pad(little, ((0, missing[0]), (0, missing[1]), (0, 0))) if any(missing) else little


def _cut(halves: list[Floats]) -> Iterator[Floats]:
    """Join halved strips in pairs: strips of a whole row of tiles again."""
    for first in range(0, len(halves), 2):
        yield np.concatenate(halves[first : first + 2])


def _tags(pyramid: Pyramid, lvl: Size, halvings: int) -> list[Tag]:
    """Return STIFF's tags, without those that name a person, a computer or a time."""
    channels = len(pyramid.cuts)
    return [
        (256, SHORT if lvl.width < 65536 else LONG, (lvl.width,)),
        (257, SHORT if lvl.height < 65536 else LONG, (lvl.height,)),
        (258, SHORT, (32,) * channels),
        (259, SHORT, (1,)),  # Compression: none
        (262, SHORT, (34892,)),  # PhotometricInterpretation: linear raw
        (270, ASCII, _text(pyramid.describe(lvl, halvings))),
        (274, SHORT, (1,)),  # Orientation: top left
        (277, SHORT, (channels,)),
        (282, RATIONAL, (72, 1)),
        (283, RATIONAL, (72, 1)),
        (284, SHORT, (1,)),  # PlanarConfiguration: contiguous
        (296, SHORT, (2,)),  # ResolutionUnit: inch
        (305, ASCII, _text(f"iipastro {__version__}")),
        (322, SHORT, (TILE,)),
        (323, SHORT, (TILE,)),
        (339, SHORT, (3,) * channels),  # SampleFormat: float
        (340, FLOAT, tuple(low for low, _ in pyramid.cuts)),
        (341, FLOAT, tuple(high for _, high in pyramid.cuts)),
    ]


def _text(text: str) -> bytes:
    return text.encode("ascii") + b"\0"


def _with_tiles(tags: list[Tag], form: Form, offsets: list[int], channels: int) -> list[Tag]:
    length = TILE * TILE * 4 * channels
    tiles: list[Tag] = [
        (324, form.offset_type, tuple(offsets)),
        (325, LONG, (length,) * len(offsets)),
    ]
    return sorted(tags + tiles)


def _write_directory(file: BinaryIO, form: Form, tags: list[Tag], link: int) -> int:
    """Write a directory and its long values; point `link` to it; return its own link."""
    width = struct.calcsize("<" + form.word)
    entries = []
    for number, kind, values in tags:
        packed = _packed(kind, values)
        count = len(values) // 2 if kind == RATIONAL else len(values)
        if len(packed) > width:
            packed = struct.pack("<" + form.word, _append(file, packed))
        head = struct.pack("<HH" + form.word, number, kind, count)
        entries.append(head + packed.ljust(width, b"\0"))
    body = struct.pack("<" + form.entries, len(entries)) + b"".join(entries)
    start = _append(file, body + bytes(width))
    file.seek(link)
    file.write(struct.pack("<" + form.word, start))
    file.seek(0, os.SEEK_END)
    return start + len(body)


def _packed(kind: int, values: tuple[float, ...] | bytes) -> bytes:
    if isinstance(values, bytes):
        return values
    return struct.pack(f"<{len(values)}{CODES[kind]}", *values)


def _append(file: BinaryIO, body: bytes) -> int:
    """Write `body` at an even offset, and return the offset."""
    if file.tell() % 2:
        file.write(b"\0")
    start = file.tell()
    file.write(body)
    return start
