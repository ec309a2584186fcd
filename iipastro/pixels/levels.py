"""Samples to the range between the cuts, and back to bytes: both ends of the pipeline."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .scene import Bytes, Cuts, Pixels, Raw


class Ramps(NamedTuple):
    """What normalisation subtracts, and multiplies with, per channel: float32, (channels,)."""

    lows: Pixels
    gains: Pixels


def ramps(cuts: Cuts) -> Ramps:
    """Return the low cuts and the gains 1 / (high - low) (spec 3.2, "Normalisation").

    Equal cuts have the gain 1e30: a picture of two levels.  High below low
    gives a falling ramp.
    """
    both = np.array(cuts, dtype=np.float32).reshape(-1, 2)
    lows, widths = both[:, 0].copy(), both[:, 1] - both[:, 0]
    gains = np.full_like(widths, 1e30)
    np.divide(np.float32(1), widths, out=gains, where=np.abs(widths) > np.float32(1e-30))
    return Ramps(lows, gains)


def normalize(raw: Raw, cuts: Cuts) -> Pixels:
    r"""Map each channel so that its low cut is 0 and its high cut 1: :math:`(x - low) k`.

    Parameters
    ----------
    raw : any integer or float type, (rows, columns, channels)
        Never written: it may belong to a cache.  Integers count by value; a
        float64 beyond the range of float32 counts as infinite.
    cuts : one pair per channel

    Returns
    -------
    float32, (rows, columns, channels)
        A new array.  Not clipped.  NaN and infinite samples are 0, the low cut.

    Notes
    -----
    Spec 3.2, "Normalisation"; vectors in spec A.1.
    """
    pixels: Pixels = raw.astype(np.float32)
    holes = ~np.isfinite(pixels) if raw.dtype.kind == "f" else None
    lows, gains = ramps(cuts)
    for channel in range(pixels.shape[2]):
        plane = pixels[:, :, channel]
        np.subtract(plane, lows[channel], out=plane)
        np.multiply(plane, gains[channel], out=plane)
    if holes is not None and holes.any():
        pixels[holes] = 0
    return pixels


def to_bytes(pixels: Pixels, contrast: float) -> Bytes:
    r"""Multiply by the contrast and by 255, cut to a byte, and drop the fraction.

    Parameters
    ----------
    pixels : float32, (rows, columns, channels)
        Written over.
    contrast : float
        A gain, rounded to float32; 0, negative, NaN and infinite ones too.

    Returns
    -------
    uint8, (rows, columns, channels)
        255 for all that is not less than 255, NaN included.

    Notes
    -----
    Spec 3.2, "Contrast and quantisation".  The product is rounded once to
    float64 and then to float32: n and contrast have 24 bits and 255 has 8, so
    255 * contrast is exact and the order of the factors changes nothing.
    """
    gain = np.float64(255) * np.float64(np.float32(contrast))
    np.multiply(pixels, gain, out=pixels, dtype=np.float64, casting="same_kind")
    np.fmin(pixels, np.float32(255), out=pixels)
    np.maximum(pixels, np.float32(0), out=pixels)
    return pixels.astype(np.uint8)
