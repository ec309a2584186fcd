"""Sizes, tiles and rectangles of a pyramid.  Integers only; opens nothing.

Frames: `full` is the largest level, `lvl` the level at hand, `out` the answer.
Levels are numbered as on the wire: 0 is the smallest (spec, conventions).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .errors import BadArgument, NotFound
from .view import Fraction

WHOLE = Fraction(0.0, 0.0, 1.0, 1.0)


class Size(NamedTuple):
    """A width and a height, in pixels."""

    width: int
    height: int


class Box(NamedTuple):
    """A rectangle of pixels, from the top left."""

    left: int
    top: int
    width: int
    height: int


def grid_of(lvl: Size, tile: Size) -> Size:
    """Return how many tiles a level has across and down."""
    return Size(-(-lvl.width // tile.width), -(-lvl.height // tile.height))


def tile_box(lvl: Size, tile: Size, index: int) -> Box:
    """Return the pixels that tile `index` covers, cropped to the level.  Raises NotFound."""
    (width, height), (across, down) = lvl, tile
    columns, rows = -(-width // across), -(-height // down)
    if not 0 <= index < columns * rows:
        raise NotFound(f"no tile {index}")
    left, top = index % columns * across, index // columns * down
    return Box(left, top, min(across, width - left), min(down, height - top))


def half_turned(lvl: Size, tile: Size, index: int) -> int:
    """Return the tile that lies where `index` does after half a turn (spec 2.5)."""
    columns, rows = grid_of(lvl, tile)
    return columns * rows - 1 - index


def round_half_up(number: float) -> int:
    """Return C's round() of a number that is not negative."""
    return math.floor(number + 0.5)


# ---- what a region needs (spec 2.7): which level, which of its pixels, scaled to which size


@dataclass(frozen=True)
class Plan:
    """How a region is made."""

    level: int
    source: Box  # pixels of that level; may stand a pixel over its right or bottom edge
    out: Size
    means: bool = False  # a pixel is the mean of those it covers, up to the last halving


def plan_region(
    levels: Sequence[Size], region: Fraction, asked: Size, limit: int, upscaling: bool
) -> Plan:
    """Choose the level, the source rectangle and the size of a CVT answer (spec 2.7, A.2).

    Parameters
    ----------
    levels : the sizes of the pyramid, smallest first.
    region : in fractions of the full image; WHOLE is the whole image.
    asked : WID and HEI; 0 where not given.
    limit : MAX_CVT, the longest side of an answer.
    upscaling : whether an answer may be larger than the level it is made of.

    Raises
    ------
    BadArgument
        The region lies outside the image.
    """
    if not (
        0 <= region.left < 1 and 0 <= region.top < 1 and region.width > 0 and region.height > 0
    ):
        raise BadArgument("the region is outside the image")
    level = _level_for(levels, region, asked)
    if not (asked.width or asked.height):
        level = _level_within(levels, level, region, limit)
    source = _source_box(levels, level, region)
    wanted = _wanted_size(levels[-1], region, source, asked)
    bound = Size(limit, limit)
    if not upscaling:
        bound = Size(min(limit, levels[level].width), min(limit, levels[level].height))
    return Plan(level, source, _keep_aspect(source, wanted, bound))


def _level_for(levels: Sequence[Size], region: Fraction, asked: Size) -> int:
    """Return the smallest level that is not enlarged: with two sizes asked, the coarser one.

    The aspect is kept, so the coarser one is still as large as the answer.
    """
    largest = len(levels) - 1
    level = largest
    for axis, fraction in enumerate((region.width, region.height)):
        target = math.floor(asked[axis] / fraction)
        enough = (n for n, size in enumerate(levels) if size[axis] >= target)
        if target > 0:
            level = min(level, next(enough, largest))
    return level


def _level_within(levels: Sequence[Size], level: int, region: Fraction, limit: int) -> int:
    """Return the largest level, from `level` down, at which the region's sides fit `limit`."""
    while level > 0 and limit < math.trunc(
        max(levels[level].width * region.width, levels[level].height * region.height)
    ):
        level -= 1
    return level


def _source_box(levels: Sequence[Size], level: int, region: Fraction) -> Box:
    """Return the pixels of `level` that the region covers (spec 2.7 step 5)."""
    if region == WHOLE:
        return Box(0, 0, *levels[level])
    halved = 2 ** (len(levels) - 1 - level)
    (left, width), (top, height) = (
        _source_span((full, lvl, halved), start, extent)
        for full, lvl, start, extent in zip(
            levels[-1], levels[level], region[:2], region[2:], strict=True
        )
    )
    return Box(left, top, width, height)


def _source_span(sides: tuple[int, int, int], start: float, extent: float) -> tuple[int, int]:
    """Return first pixel and length on one axis, of a side in full, on the level, and halvings."""
    full, lvl, halved = sides
    reduction = halved if full // halved == lvl else full / lvl
    length = min(round_half_up(extent * lvl), lvl - round_half_up(start * lvl))
    return round_half_up(full * start / reduction), max(1, length)


def _wanted_size(full: Size, region: Fraction, source: Box, asked: Size) -> Size:
    """Return the size of the answer before any limit.

    Without WID and HEI: the full image (spec 2.7 step 6), or a region at the
    scale of the level it is read from (spec 11.3).
    """
    if asked.width and asked.height:
        return asked
    if asked.width:
        return Size(asked.width, round_half_up(source.height * asked.width / source.width))
    if asked.height:
        return Size(round_half_up(source.width * asked.height / source.height), asked.height)
    return full if region == WHOLE else Size(source.width, source.height)


def _keep_aspect(source: Box, wanted: Size, bound: Size) -> Size:
    """Cut `wanted` to `bound`, then to the source's aspect where it is off by 0.5 % or more."""
    width = max(1, min(wanted.width, bound.width))
    height = max(1, min(wanted.height, bound.height))
    across, down = width / source.width, height / source.height
    if across < 0.995 * down:
        height = round_half_up(across * source.height)
    elif across > 1.005 * down:
        width = round_half_up(down * source.width)
    return Size(max(1, width), max(1, height))
