"""Tiles by column and row, as viewers of other protocols ask for them (spec 9.2, 9.3)."""

from __future__ import annotations

from ..errors import BadArgument
from ..jobs import GridTile
from .arguments import c_int

_ENCODINGS = {"png": "png", "webp": "webp", "avif": "avif", "tif": "tiff", "tiff": "tiff"}


def grid_tile(scheme: str, level: str, column: str, last: str) -> GridTile:
    """Return the tile of an address; `last` is `<row>.<suffix>`.

    The suffix says how it is encoded: an unknown one, or none, is JPEG.

    Raises
    ------
    BadArgument
        A negative number.
    """
    suffix = last.rpartition(".")[2].lower()
    encoding = _ENCODINGS.get(suffix, "jpeg")
    tile = GridTile(scheme, c_int(level), c_int(column), c_int(last), encoding)
    if min(tile.level, tile.column, tile.row) < 0:
        raise BadArgument("level, column and row count from 0")
    return tile
