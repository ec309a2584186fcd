"""DeepZoom and Zoomify: the same tiles, counted and described in other ways (spec 9.2, 9.3)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from ..errors import NotFound
from ..geometry import grid_of
from ..images.catalog import Opened
from ..images.source import ImageInfo
from ..jobs import GridTile, Job, Sheet, Tile
from ..response import Response, answer
from .service import Service
from .tile import serve_tile


def deepzoom_level(level: int, info: ImageInfo) -> int:
    """Return the pyramid's level: DeepZoom counts from a single pixel, so small ones are shared."""
    depth = math.ceil(math.log2(max(info.full)))
    count = len(info.levels)
    return min(count - 1, max(0, level - (depth - count) - 1))


def zoomify_level(level: int, info: ImageInfo) -> int:
    """Return the pyramid's level: Zoomify starts at the largest one smaller than a tile."""
    return level + _discarded(info)


def _discarded(info: ImageInfo) -> int:
    small = [
        level
        for level in info.levels
        if level.size.width < level.tile.width and level.size.height < level.tile.height
    ]
    return max(0, len(small) - 1)


def deepzoom_sheet(info: ImageInfo) -> str:
    """Return the .dzi document."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n'
        '<Image xmlns="http://schemas.microsoft.com/deepzoom/2008"\r\n'
        f'TileSize="{info.levels[-1].tile.width}" Overlap="0" Format="jpg">'
        f'<Size Width="{info.full.width}" Height="{info.full.height}"/></Image>'
    )


def zoomify_sheet(info: ImageInfo) -> str:
    """Return ImageProperties.xml."""
    columns, rows = grid_of(*info.levels[-1])
    return (
        f'<IMAGE_PROPERTIES WIDTH="{info.full.width}" HEIGHT="{info.full.height}" '
        f'NUMTILES="{columns * rows}" NUMIMAGES="1" VERSION="1.8" '
        f'TILESIZE="{info.levels[-1].tile.width}" />'
    )


class Scheme(NamedTuple):
    """How another client counts levels and is told of the image."""

    level: Callable[[int, ImageInfo], int]
    sheet: Callable[[ImageInfo], str]


SCHEMES = {
    "deepzoom": Scheme(deepzoom_level, deepzoom_sheet),
    "zoomify": Scheme(zoomify_level, zoomify_sheet),
}


def serve_grid_tile(job: Job, tile: GridTile, image: Opened, service: Service) -> Response:
    """Answer with a tile given by column and row.  Raises NotFound."""
    info = image.source.info
    level = SCHEMES[tile.scheme].level(tile.level, info)
    if not 0 <= level < len(info.levels):
        raise NotFound(f"no level {tile.level}")
    across, _ = grid_of(*info.levels[level])
    if tile.column >= across:
        raise NotFound(f"no tile {tile.column}, {tile.row}")
    stored = Tile(level, tile.row * across + tile.column, tile.encoding)
    return serve_tile(job, stored, image, service)


def serve_sheet(_: Job, sheet: Sheet, image: Opened, __: Service) -> Response:
    """Answer with the description of the image."""
    text = SCHEMES[sheet.scheme].sheet(image.source.info)
    return answer("application/xml", text.encode())
