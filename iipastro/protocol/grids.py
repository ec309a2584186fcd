"""Tiles by column and row, as viewers of other protocols ask for them (spec 9.2, 9.3)."""

from __future__ import annotations

import re

from ..errors import BadArgument
from ..jobs import GridTile
from .arguments import c_int
from .outputs import ENCODINGS

_WHOLE = re.compile("[0-9]+")


def grid_tile(scheme: str, level: str, column: str, last: str) -> GridTile:
    """Return the tile of an address; `last` is `<row>.<suffix>`.

    The suffix says how it is encoded: an unknown one, or none, is JPEG.

    Raises
    ------
    BadArgument
        Anything but whole numbers.
    """
    row, _, suffix = last.partition(".")
    if not all(map(_WHOLE.fullmatch, (level, column, row))):
        raise BadArgument("level, column and row are numbers that count from 0")
    encoding = ENCODINGS.get(suffix.lower(), "jpeg")
    return GridTile(scheme, c_int(level), c_int(column), c_int(row), encoding)
