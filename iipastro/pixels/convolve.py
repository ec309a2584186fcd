"""Small convolutions: edges, smoothing, sharpening."""

from __future__ import annotations

import math

import numpy as np

from .scene import Pixels


def convolve(pixels: Pixels, kernel: tuple[float, ...]) -> Pixels:
    """Replace each value by the weighted sum of those around it (spec 3.5).

    Parameters
    ----------
    pixels : float32, (rows, columns, channels)
        Not written.  Edges are repeated outwards.
    kernel : an odd square, row by row
        Laid over the picture as it is written, not turned.  Divided by its sum
        if that is greater than 0.

    Returns
    -------
    float32, (rows, columns, channels)
        A new array.
    """
    side = math.isqrt(len(kernel))
    margin = side // 2
    padded = np.pad(pixels, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    total = sum(kernel)
    weights = np.array(kernel, dtype=np.float32) / np.float32(total if total > 0 else 1)
    summed = np.zeros_like(pixels)
    rows, columns = pixels.shape[:2]
    for place in np.flatnonzero(weights):
        down, right = divmod(int(place), side)
        summed += weights[place] * padded[down : down + rows, right : right + columns]
    return summed
