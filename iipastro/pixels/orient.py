"""Mirrors and quarter turns of the finished picture."""

from __future__ import annotations

import numpy as np

from .scene import Bytes


def orient(pixels: Bytes, flip: int, rotation: int) -> Bytes:
    """Return the picture mirrored, then turned clockwise (spec 3.2, "Flip", "Rotation").

    Parameters
    ----------
    pixels : (rows, columns, channels)
        Not written; the answer itself where nothing changes.
    flip : 0 none, 1 left to right, 2 top to bottom
    rotation : degrees; any multiple of 90, negative too.  Others change nothing.

    Notes
    -----
    A view would not do: that of a strip of one pixel counts as contiguous
    whatever its strides, and libjpeg-turbo refuses it.
    """
    turned = pixels
    if flip == 1:
        turned = turned[:, ::-1]
    elif flip == 2:
        turned = turned[::-1]
    quarters, rest = divmod(rotation % 360, 90)
    if quarters and not rest:
        turned = np.rot90(turned, -quarters)
    return pixels if turned is pixels else turned.copy()
