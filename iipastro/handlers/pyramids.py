"""DeepZoom and Zoomify: the same tiles, counted and described in other ways (spec 9.2, 9.3).

Both halve the image from level to level: a level is `halved` so many times,
and its sides are rounded up.  Where the pyramid has such a level, give or take
the pixel that it lost by rounding, its tiles are those that are stored.
All others are made: of levels that no pyramid has, of pyramids that do not
halve, of the last column that a level rounded down has not, and of an image
that is turned, which is turned as a whole.

Frames: `full` is the image, `lvl` a level as the client counts, `turned` the
same as the client sees it, `src` the level of the pyramid that is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..errors import NotFound
from ..geometry import Box, Plan, Size, grid_of
from ..images.catalog import Opened
from ..images.source import ImageInfo, Level
from ..jobs import GridTile, Job, Sheet, Tile
from ..response import Response, answer
from ..view import View
from .region import serve_plan
from .service import Service
from .tile import serve_tile


def deepzoom_depth(info: ImageInfo) -> int:
    """Return how often the image is halved at level 0: DeepZoom ends at a single pixel."""
    return (max(info.full) - 1).bit_length()


def zoomify_depth(info: ImageInfo) -> int:
    """Return how often the image is halved at level 0: Zoomify ends where it fits into a tile.

    To see whether it does, Zoomify rounds down.
    """
    halved = 0
    while max(info.full) >> halved > _side(info):
        halved += 1
    return halved


def _side(info: ImageInfo) -> int:
    """Return the side of a tile: both take square ones only."""
    return info.levels[-1].tile.width


def deepzoom_sheet(info: ImageInfo, turned: Size) -> str:
    """Return the .dzi document."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n'
        '<Image xmlns="http://schemas.microsoft.com/deepzoom/2008"\r\n'
        f'TileSize="{_side(info)}" Overlap="0" Format="jpg">'
        f'<Size Width="{turned.width}" Height="{turned.height}"/></Image>'
    )


def zoomify_sheet(info: ImageInfo, turned: Size) -> str:
    """Return ImageProperties.xml.  As in the reference, NUMTILES counts the full level alone."""
    columns, rows = grid_of(turned, Size(_side(info), _side(info)))
    return (
        f'<IMAGE_PROPERTIES WIDTH="{turned.width}" HEIGHT="{turned.height}" '
        f'NUMTILES="{columns * rows}" NUMIMAGES="1" VERSION="1.8" '
        f'TILESIZE="{_side(info)}" />'
    )


class Scheme(NamedTuple):
    """How another client counts levels and is told of the image."""

    depth: Callable[[ImageInfo], int]
    sheet: Callable[[ImageInfo, Size], str]  # of an image that shows in this size


SCHEMES = {
    "deepzoom": Scheme(deepzoom_depth, deepzoom_sheet),
    "zoomify": Scheme(zoomify_depth, zoomify_sheet),
}


def serve_grid_tile(job: Job, tile: GridTile, image: Opened, service: Service) -> Response:
    """Answer with a tile given by column and row.  Raises NotFound, TooLarge, Busy."""
    info = image.source.info
    halved = SCHEMES[tile.scheme].depth(info) - tile.level
    if halved < 0:
        raise NotFound(f"no level {tile.level}")
    lvl = Size(_halved(info.full.width, halved), _halved(info.full.height, halved))
    turned, side = _turned(lvl, job.view), _side(info)
    columns, rows = grid_of(turned, Size(side, side))
    if tile.column >= columns or tile.row >= rows:
        raise NotFound(f"no tile {tile.column}, {tile.row}")
    stored = None if job.view.rotation or job.view.flip else _stored(tile, lvl, info)
    if stored is not None:
        return serve_tile(job, stored, image, service)
    left, top = tile.column * side, tile.row * side
    box = Box(left, top, min(side, turned.width - left), min(side, turned.height - top))
    box = _turned_back(box, turned, job.view)
    plan = _plan(box, lvl, halved, [level.size for level in info.levels])
    return serve_plan(job, plan, tile.encoding, image, service)


def _turned(size: Size, view: View) -> Size:
    """Return a size as the client sees it."""
    return Size(size.height, size.width) if view.rotation in (90, 270) else size


def _turned_back(box: Box, turned: Size, view: View) -> Box:
    """Return where a rectangle lies before the image is mirrored, then turned clockwise."""
    left, top, width, height = box
    right, bottom = turned.width - left - width, turned.height - top - height
    if view.rotation == 90:
        left, top, right, bottom = top, right, bottom, left
    elif view.rotation == 180:
        left, top, right, bottom = right, bottom, left, top
    elif view.rotation == 270:
        left, top, right, bottom = bottom, left, top, right
    mirrored = right if view.flip == 1 else left, bottom if view.flip == 2 else top
    return Box(*mirrored, *_turned(Size(width, height), view))


def _halved(length: int, times: int) -> int:
    """Return a length after some halvings, rounded up."""
    return -(-length >> times)


def _stored(tile: GridTile, lvl: Size, info: ImageInfo) -> Tile | None:
    """Return the tile of the pyramid at this place; None where there is none."""
    number = _nearest(info.levels, lvl, _side(info))
    if number is None:
        return None
    columns, rows = grid_of(*info.levels[number])
    if tile.column >= columns or tile.row >= rows:
        return None
    return Tile(number, tile.row * columns + tile.column, tile.encoding)


def _nearest(levels: Sequence[Level], lvl: Size, side: int) -> int | None:
    """Return the level of such tiles that differs by at most a pixel; None if none does."""
    found = [
        (abs(size.width - lvl.width) + abs(size.height - lvl.height), number)
        for number, (size, tile) in enumerate(levels)
        if tile == (side, side)
        and abs(size.width - lvl.width) <= 1
        and abs(size.height - lvl.height) <= 1
    ]
    return min(found)[1] if found else None


def _plan(box: Box, lvl: Size, halved: int, sizes: Sequence[Size]) -> Plan:
    """Return how a rectangle of `lvl` is made: of the smallest level that is not enlarged.

    A pixel that a level lost by rounding is no reason for one twice as large:
    its noise is another one than that of the tiles around.
    """
    enough = (
        number
        for number, (width, height) in enumerate(sizes)
        if width >= lvl.width - 1 and height >= lvl.height - 1
    )
    number = next(enough)
    src, full = sizes[number], sizes[-1]
    left, right = _span(box.left, box.width, halved, (full.width, src.width))
    top, bottom = _span(box.top, box.height, halved, (full.height, src.height))
    src_box = Box(left, top, right - left, bottom - top)
    return Plan(number, src_box, Size(box.width, box.height), means=True)


def _span(start: int, length: int, halved: int, sides: tuple[int, int]) -> tuple[int, int]:
    """Return the pixels from and to which a span reaches, of a side in full and of the source.

    Each end is that of the image's pixel in full, so that tiles neither
    overlap nor gape; at least one pixel lies between.
    """
    full, src = sides
    first, last = start << halved, min((start + length) << halved, full)
    end = (2 * last * src + full) // (2 * full)
    return min((2 * first * src + full) // (2 * full), end - 1), end


def serve_sheet(job: Job, sheet: Sheet, image: Opened, _: Service) -> Response:
    """Answer with the description of the image."""
    info = image.source.info
    text = SCHEMES[sheet.scheme].sheet(info, _turned(info.full, job.view))
    return answer("application/xml", text.encode())
