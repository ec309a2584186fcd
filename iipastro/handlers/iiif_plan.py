"""Which pixels make a IIIF answer, and of which size: exact, in whole numbers.

Frames: `box` is the region in pixels of the full image, `lvl` the level that
is read, `out` the answer before it is turned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from ..errors import BadArgument
from ..geometry import Box, Plan, Size, grid_of, tile_box
from ..images.source import Level
from ..jobs import IiifRegion, IiifSize


def box_of(full: Size, region: IiifRegion) -> Box:
    """Return the pixels of a region, cropped to the image (Image API 3.0, 4.1).

    Of a percentage the edges are rounded, so that neighbours meet.

    Raises BadArgument for one that lies outside.
    """
    if region.kind == "full":
        return Box(0, 0, *full)
    if region.kind == "square":
        side = min(full)
        return Box((full.width - side) // 2, (full.height - side) // 2, side, side)
    left, top, width, height = region.numbers
    if region.kind == "percent":
        across, down = Fraction(full.width, 100), Fraction(full.height, 100)
        spans = _edges(left, width, across), _edges(top, height, down)
    else:
        spans = (int(left), int(left + width)), (int(top), int(top + height))
    (left, right), (top, bottom) = spans
    if left >= full.width or top >= full.height:
        raise BadArgument("the region is outside the image")
    return Box(left, top, min(right, full.width) - left, min(bottom, full.height) - top)


def _edges(start: int | Fraction, extent: int | Fraction, scale: Fraction) -> tuple[int, int]:
    first, last = rounded(start * scale), rounded((start + extent) * scale)
    return first, max(last, first + 1)


def rounded(number: Fraction) -> int:
    """Return the nearest whole number, the larger of two."""
    return _nearest(number.numerator, number.denominator)


def _nearest(number: int, divisor: int) -> int:
    """Return the whole number nearest to a quotient, the larger of two."""
    return (2 * number + divisor) // (2 * divisor)


def size_of(box: Box, size: IiifSize, most: int, upscaling: bool) -> Size:
    """Return the size of an answer (Image API 3.0, 4.2).

    Parameters
    ----------
    box : the region.
    size : as it was asked for.
    most : the longest side of an answer.
    upscaling : whether this request may be answered larger than the region.

    Raises
    ------
    BadArgument
        Larger than the region or than the longest side, or without pixels.
    """
    region = Size(box.width, box.height)
    out = _wanted(region, size, most)
    if not min(out):
        raise BadArgument("the size has no pixels")
    if not upscaling and (out.width > region.width or out.height > region.height):
        raise BadArgument("the size is larger than the region")
    if max(out) > most:
        raise BadArgument(f"the size is larger than {most} pixels")
    return out


def _wanted(region: Size, size: IiifSize, most: int) -> Size:
    if size.percent is not None:
        across, down = (rounded(side * size.percent / 100) for side in region)
        return Size(across, down)
    if size.width and size.height and not size.confined:
        return Size(size.width, size.height)
    if size.width and size.height:
        return _fitted(region, Size(min(size.width, most), min(size.height, most)))
    if size.width or size.height:
        # the other side of a thin strip is a pixel at least: viewers ask for them at their edges
        return Size(
            size.width or max(1, _nearest(region.width * size.height, region.height)),
            size.height or max(1, _nearest(region.height * size.width, region.width)),
        )
    if size.upscaled or max(region) > most:
        return _fitted(region, Size(most, most))
    return region


def _fitted(region: Size, bound: Size) -> Size:
    """Return the largest size of the region's aspect within a bound."""
    if bound.width * region.height <= bound.height * region.width:
        return Size(bound.width, max(1, _nearest(region.height * bound.width, region.width)))
    return Size(max(1, _nearest(region.width * bound.height, region.height)), bound.height)


def sides_of(box: Box, out: Size) -> tuple[int, ...]:
    """Return which sides of an answer decide: 0 the width, 1 the height.

    The other side follows from that one, with its rounding.  Whether it does is
    seen by the size, not by the words, which are others in a canonical URL.
    """
    region = Size(box.width, box.height)
    for side, size in enumerate((IiifSize(width=out.width), IiifSize(height=out.height))):
        if _wanted(region, size, max(out)) == out:
            return (side,)
    return 0, 1


@lru_cache(maxsize=1024)  # 40 µs of a tile
def plan_of(levels: tuple[Size, ...], box: Box, out: Size) -> Plan:
    """Choose the level, and its pixels, that make a region of a size.

    That is the level whose scale is nearest to the one asked for, of those
    that need not be enlarged.  Clients round up: where a level has 618
    columns of 1237, half a size is 619 to them, and comes from that level too.
    Only sides that do not follow from the other one decide.
    """
    factors = reductions(levels)
    region, sides = Size(box.width, box.height), sides_of(box, out)
    longer = max(sides, key=lambda side: out[side])  # it says more of the scale
    wanted = Fraction(out[longer], region[longer])
    best, level = Fraction(0), len(levels) - 1
    for number, reduction in enumerate(factors):
        if any(out[side] > -(-region[side] // reduction[side]) for side in sides):
            continue
        near = wanted * reduction[longer]
        near = min(near, 1 / near)
        if near >= best:
            best, level = near, number
    return Plan(level, _on_level(levels[level], factors[level], box), out)


@lru_cache(maxsize=256)  # of so many images: 100 µs each
def reductions(levels: tuple[Size, ...]) -> tuple[tuple[Fraction, Fraction], ...]:
    """Return how many pixels of the full level make one of each level, across and down.

    A whole number where the sizes allow for one: that is how the level was made.
    """
    return tuple(_reduction(levels, number) for number in range(len(levels)))


def _reduction(levels: Sequence[Size], number: int) -> tuple[Fraction, Fraction]:
    factor = scale_factor(levels, number)
    if factor:
        return Fraction(factor), Fraction(factor)
    full, lvl = levels[-1], levels[number]
    return Fraction(full.width, lvl.width), Fraction(full.height, lvl.height)


def scale_factor(levels: Sequence[Size], number: int) -> int:
    """Return the whole number by which a level is smaller than the full one; 0: there is none."""
    full, lvl = levels[-1], levels[number]
    ratio = Fraction(full.width, lvl.width)
    halved, power = len(levels) - 1 - number, round(math.log2(ratio))
    for factor in (2**halved, 2**power, rounded(ratio)):
        if all(
            small in (large // factor, -(-large // factor))
            for large, small in zip(full, lvl, strict=True)
        ):
            return factor
    return 0


def _on_level(lvl: Size, reduction: tuple[Fraction, Fraction], box: Box) -> Box:
    """Return the pixels of a level that a region covers, at least one."""
    (left, right), (top, bottom) = (
        _span(start, extent, factor, side)
        for start, extent, factor, side in zip(box[:2], box[2:], reduction, lvl, strict=True)
    )
    return Box(left, top, right - left, bottom - top)


def _span(start: int, extent: int, factor: Fraction, side: int) -> tuple[int, int]:
    first = min(rounded(start / factor), side - 1)
    return first, min(max(rounded((start + extent) / factor), first + 1), side)


def tile_of(plan: Plan, level: Level) -> int | None:
    """Return the stored tile that is the answer as it is, None where none is."""
    size, tile = level
    box = plan.source
    across, _ = grid_of(size, tile)
    index = box.top // tile.height * across + box.left // tile.width
    return index if plan.out == box[2:] and tile_box(size, tile, index) == box else None
