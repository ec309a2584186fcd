"""The commands that ask for an answer: each reads its argument and returns what is wanted.

None stands for an argument that asks for nothing (spec 2.5, JTLS).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import BadArgument
from ..jobs import Info, Output, Profile, RawTiles, Region, Spectra, Tile, Values
from .arguments import c_int, c_ints

ENCODINGS = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "webp": "webp", "avif": "avif"}
ENCODINGS |= {"tif": "tiff", "tiff": "tiff"}  # by suffix, or as CVT names them

_PLACE = re.compile("[0-9]+,[0-9]+")


class Wanted(NamedTuple):
    """What an output command asks for, and what else it says about the request."""

    output: Output
    image: str | None = None  # named in the command itself
    changes: Mapping[str, Any] = {}  # of the View; never written to


def _tile(argument: str, encoding: str) -> Tile:
    level, comma, index = argument.partition(",")
    numbers = c_int(level), c_int(index if comma else level)
    if min(numbers) < 0:
        raise BadArgument("level and tile count from 0")
    return Tile(*numbers, encoding)


def jtl(argument: str) -> Wanted:
    """JTL=<level>,<tile>."""
    return Wanted(_tile(argument, "jpeg"))


def ptl(argument: str) -> Wanted:
    """PTL=<level>,<tile>."""
    return Wanted(_tile(argument, "png"))


def wtl(argument: str) -> Wanted:
    """WTL=<level>,<tile>."""
    return Wanted(_tile(argument, "webp"))


def atl(argument: str) -> Wanted:
    """ATL=<level>,<tile>."""
    return Wanted(_tile(argument, "avif"))


def ttl(argument: str) -> Wanted:
    """TTL=<level>,<tile>."""
    return Wanted(_tile(argument, "tiff"))


def cvt(argument: str) -> Wanted:
    """CVT=<format>: an unknown one is JPEG."""
    return Wanted(Region(ENCODINGS.get(argument.lower(), "jpeg")))


def pfl(argument: str) -> Wanted:
    """PFL=<level>:<x1>,<y1>[-<x2>,<y2>]."""
    level, _, line = argument.partition(":")
    column, _, rest = line.partition(",")
    row, dash, end = rest[1:].partition("-")  # a sign may stand first
    start = c_int(column), c_int(rest[:1] + row)
    return Wanted(Profile(c_int(level), start, _pair(end) if dash else None))


def _pair(text: str) -> tuple[int, int]:
    column, _, row = text.partition(",")
    return c_int(column), c_int(row)


def val(argument: str) -> Wanted:
    """VAL=<x>,<y>[;<x>,<y>…], in pixels of the full image."""
    places = [place for place in argument.split(";") if place]
    if not places or not all(map(_PLACE.fullmatch, places)):
        raise BadArgument("VAL takes x,y or several with ; between them, counted from 0")
    return Wanted(Values(tuple(_pair(place) for place in places)))


def info(_: str) -> Wanted:
    """INFO, alone."""
    return Wanted(Info())


def spectra(argument: str) -> Wanted:
    """SPECTRA=<level>,<tile>,<x>,<y>, offsets in the tile."""
    numbers = c_ints(argument)
    if len(numbers) < 4 or min(numbers[:4]) < 0:
        raise BadArgument("SPECTRA takes level, tile, x and y, counted from 0")
    return Wanted(Spectra(*numbers[:4]))


def til(argument: str) -> Wanted:
    """TIL=<level>,<first>[-<last>]."""
    level, _, tiles = argument.partition(",")
    first, dash, last = tiles.partition("-")
    number = c_int(first)
    if c_int(level) < 0 or number < 0:
        raise BadArgument("level and tile count from 0")
    last_number = max(number, c_int(last)) if dash else number
    return Wanted(RawTiles(c_int(level), number, last_number))


def jtls(argument: str) -> Wanted | None:
    """JTLS=<x>,<level>,<tile>,<y>: a tile of the member at these angles."""
    numbers = c_ints(argument)
    if len(numbers) < 4:
        return None
    horizontal, level, index, vertical = numbers[:4]
    return Wanted(_tile(f"{level},{index}", "jpeg"), changes={"angles": (horizontal, vertical)})
