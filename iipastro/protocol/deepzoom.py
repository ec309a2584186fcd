"""DeepZoom: a path → what is wanted (spec 9.2)."""

from __future__ import annotations

from ..errors import BadArgument
from ..jobs import Sheet
from .grids import grid_tile
from .outputs import Wanted

_SHEET, _TILES = ".dzi", "_files/"


def deepzoom(argument: str) -> Wanted:
    """DeepZoom=<image>.dzi or <image>_files/<level>/<column>_<row>.<suffix>."""
    if argument.endswith(_SHEET):
        return Wanted(Sheet("deepzoom"), argument.removesuffix(_SHEET))
    image, found, address = argument.rpartition(_TILES)
    level, _, place = address.partition("/")
    column, _, last = place.partition("_")
    if not found:
        raise BadArgument("DeepZoom takes <image>.dzi or <image>_files/<level>/<x>_<y>.jpg")
    return Wanted(grid_tile("deepzoom", level, column, last), image)
