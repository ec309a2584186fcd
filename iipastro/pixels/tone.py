"""Curves that map one value to one value: power law, logarithm, inversion."""

from __future__ import annotations

import math

import numpy as np

from .scene import Pixels


def gamma(pixels: Pixels, power: float) -> Pixels:
    r"""Apply the power law :math:`y = \max(x, 0)^{g}`.

    Parameters
    ----------
    pixels : float32, (rows, columns, channels)
        Normalised.  Written over.  Not clipped: values below the low cut
        become 0, values above the high cut stay above 1.
    power : float
        The exponent itself, as GAM gives it: a display gamma of 2.2 is
        GAM=0.4545.  1 still cuts at 0, and is not worth a call.  With 0 all is
        1, with a negative one 0 becomes infinite.

    Returns
    -------
    float32, (rows, columns, channels)
        `pixels`.

    Notes
    -----
    Spec 3.2, "Gamma"; vectors in spec A.1.  About two thirds of what a plain
    tile costs before encoding (tests/bench/bench_pixels.py).
    """
    np.maximum(pixels, np.float32(0), out=pixels)
    return np.power(pixels, np.float32(power), out=pixels)


def logarithm(pixels: Pixels) -> Pixels:
    r"""Apply :math:`y = \ln(1 + 255 x) / \ln 256`, which keeps 0 and 1 (spec 3.5).

    Parameters
    ----------
    pixels : float32, (rows, columns, channels)
        Written over.  Values below 0 count as 0, as in `gamma`.

    Returns
    -------
    float32, (rows, columns, channels)
        `pixels`.
    """
    np.maximum(pixels, np.float32(0), out=pixels)
    np.multiply(pixels, np.float32(255), out=pixels)
    np.add(pixels, np.float32(1), out=pixels)
    np.log(pixels, out=pixels)
    return np.divide(pixels, np.float32(math.log(256)), out=pixels)


def invert(pixels: Pixels) -> Pixels:
    """Replace each value by 1 - value, in place.  What was below 0 is then above 1."""
    return np.subtract(np.float32(1), pixels, out=pixels)
