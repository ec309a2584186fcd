"""What an administrator wants to know of an image before it is put on a page."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import NamedTuple

from .errors import Unservable, printable
from .geometry import Size, grid_of
from .images import decode, open_source
from .images.cuts import tagged_cuts
from .images.directory import open_file
from .images.fits import FitsSource
from .images.source import ImageInfo, ImageSource
from .images.tiff import SMAX, SMIN

_CARD = 80  # characters of a FITS header card
_LARGEST_OVERVIEW = 511  # pixels of a side: the most that STIFF leaves (spec 5.7)
_LOGIN_NAME = re.compile(rb"[a-z_][a-z0-9_.-]{0,31}")  # as useradd allows it


class Report(NamedTuple):
    """Facts as (name, text), and warnings in plain words."""

    facts: list[tuple[str, str]]
    warnings: list[str]


def check_image(path: str) -> Report:
    """Open an image as the server does and read a tile of each level.

    `path` is one of the file system, not of a request.  Raises Refused for an
    image that cannot be served, OSError for a file that cannot be opened.
    """
    descriptor = _opened(path)
    decode.warm_up()  # so that what is compiled is kept for the next time
    with closing(open_source(descriptor)) as source:
        fits = isinstance(source, FitsSource)  # of which only the largest level is in the file
        for level in range(len(source.info.levels))[-1 if fits else 0 :]:
            _read_last_tile(source, level)
        warnings = [warning(source.info) for warning in WARNINGS]
        if not fits:
            warnings.append(_sampled_cuts(path, source.info))
        return Report(list(_facts(source.info)), [text for text in warnings if text])


def _opened(path: str) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unservable("not a regular file")
    return descriptor


def _read_last_tile(source: ImageSource, level: int) -> None:
    """Read the tile that a file cut short lacks first."""
    columns, rows = grid_of(*source.info.levels[level])
    source.read_tile(level, columns * rows - 1)


# ---- facts


def _facts(info: ImageInfo) -> Iterator[tuple[str, str]]:
    yield "size", f"{_by(info.full)} pixels"
    yield "channels", f"{info.channels}, {info.dtype.name}, {info.bits} bits in the file"
    yield "color", info.color
    for number, level in enumerate(info.levels):
        tiles = _by(grid_of(level.size, level.tile))
        yield f"level {number}", f"{_by(level.size)}, {tiles} tiles of {_by(level.tile)}"
    for number, cut in enumerate(info.cuts, 1):
        yield f"cuts of channel {number}", f"{cut.low:.9g} to {cut.high:.9g}"
    for name, value in info.metadata.items():
        yield name, f"{len(value)} bytes"
    yield "color profile", f"{len(info.icc)} bytes" if info.icc else "none"


def _by(size: Size) -> str:
    return f"{size.width} x {size.height}"


# ---- warnings: each takes the facts and returns a sentence, or nothing


def _level_sizes(info: ImageInfo) -> str:
    wanted = [
        Size(info.full.width >> halvings, info.full.height >> halvings)
        for halvings in reversed(range(len(info.levels)))
    ]
    wrong = [
        f"level {number} is {_by(level.size)} where clients expect {_by(size)}"
        for number, (level, size) in enumerate(zip(info.levels, wanted, strict=True))
        if level.size != size
    ]
    return "; ".join(wrong)


def _overview(info: ImageInfo) -> str:
    level = info.levels[0]
    if max(level.size) <= _LARGEST_OVERVIEW:
        return ""
    columns, rows = grid_of(*level)
    return (
        f"the smallest level is {_by(level.size)}: every overview is made of"
        f" {columns * rows} tiles; more levels would make it cheap"
    )


def _latpole(info: ImageInfo) -> str:
    header = info.metadata.get("subject", b"")
    cards = [header[start : start + 7] for start in range(0, len(header), _CARD)]
    if b"LATPOLE" not in cards:
        return ""
    return (
        "the FITS header holds a LATPOLE card, at which VisiOmatic 2 stops:"
        " set hide_latpole = yes in [images]"
    )


def _author(info: ImageInfo) -> str:
    author = info.metadata.get("author", b"").strip(b"\0 ")
    if not _LOGIN_NAME.fullmatch(author):
        return ""
    name = printable(author.decode("ascii"))
    return f'OBJ=author tells everybody "{name}", which may be a login name'


WARNINGS: tuple[Callable[[ImageInfo], str], ...] = (_level_sizes, _overview, _latpole, _author)


def _sampled_cuts(path: str, info: ImageInfo) -> str:
    """Warn of cuts that nobody chose.  Looks into the file: the facts do not tell."""
    descriptor = _opened(path)
    try:
        first = next(open_file(descriptor).directories())
        tags = first.numbers(SMIN), first.numbers(SMAX)
    finally:
        os.close(descriptor)
    if tagged_cuts(tags, info.dtype, info.bits, info.channels) is not None:
        return ""
    return (
        "SMinSampleValue and SMaxSampleValue are missing or of no use:"
        " the cuts are percentiles of sampled tiles"
    )
