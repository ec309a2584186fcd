"""Where the levels of a pyramid end."""

from __future__ import annotations

from ..geometry import Size
from ..images.halving import level_sizes

STIFF_SMALLEST = 256  # pixels: STIFF's PYRAMID_MINSIZE


def down_as_stiff(full: Size, _: int) -> list[Size]:
    """Return the sizes of the levels where STIFF stops: while 256 pixels are left."""
    sizes = [full]
    while max(sizes[-1]) // 2 >= STIFF_SMALLEST and min(sizes[-1]) >= 2:
        sizes.append(Size(sizes[-1].width // 2, sizes[-1].height // 2))
    return sizes


LEVELS = {"tile": level_sizes, "stiff": down_as_stiff}  # by full size and tile
