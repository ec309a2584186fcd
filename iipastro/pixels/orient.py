"""Mirrors and quarter turns of the finished picture."""

from __future__ import annotations

import numpy as np

from .scene import Bytes


def orient(pixels: Bytes, flip: int, rotation: int) -> Bytes:
    """Return the picture mirrored, then turned clockwise (spec 3.2, "Flip", "Rotation").

    Parameters
    ----------
    pixels : (rows, columns, channels)
        Not written; the answer may be a view of it.
    flip : 0 none, 1 left to right, 2 top to bottom
    rotation : degrees; any multiple of 90, negative too.  Others change nothing.
    """
    if not flip and not rotation:
        return pixels
    if flip == 1:
        pixels = pixels[:, ::-1]
    elif flip == 2:
        pixels = pixels[::-1]
    quarters, rest = divmod(rotation % 360, 90)
    return pixels if rest else np.rot90(pixels, -quarters)
