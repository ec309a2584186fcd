"""Zoomify: a path → what is wanted (spec 9.3)."""

from __future__ import annotations

from ..errors import BadArgument
from ..jobs import Sheet
from .grids import grid_tile
from .outputs import Wanted

_SHEET, _GROUP = "ImageProperties.xml", "TileGroup"


def zoomify(argument: str) -> Wanted:
    """Zoomify=<image>/ImageProperties.xml or <image>/TileGroup<g>/<level>-<column>-<row>.<suffix>.

    The number of the group is of no use to us: it only says in which folder a file would lie.
    """
    path, _, last = argument.rpartition("/")
    if last == _SHEET:
        return Wanted(Sheet("zoomify"), path)
    image, _, group = path.rpartition("/")
    numbers = last.split("-")
    if not group.startswith(_GROUP) or len(numbers) != 3:
        raise BadArgument(
            "Zoomify takes <image>/ImageProperties.xml or <image>/TileGroup<g>/<level>-<x>-<y>.jpg"
        )
    return Wanted(grid_tile("zoomify", *numbers), image)
