"""AVIF, through imagecodecs: pillow-simd has none."""

from __future__ import annotations

from typing import Any

import imagecodecs
import numpy as np

from ..errors import Refused
from .options import Bytes, Options, check_sides

SIDE_LIMIT = 65535  # of the format
FASTEST = 10


def encode(pixels: Bytes, options: Options) -> bytes:
    """Return an AVIF file: 4:2:0 for colours, one channel for grey (spec 4.2).

    Parameters
    ----------
    pixels : uint8, (rows, columns, 1 or 3)
    options : quality 0 to 100, cut to that; 100 and -1: without loss.  The
        library takes neither a profile nor XMP.

    Raises
    ------
    TooLarge
        A side is longer than 65535.
    """
    check_sides(pixels, SIDE_LIMIT)
    lossless = not 0 <= options.quality < 100
    grey = pixels.shape[2] == 1
    if grey and not lossless:  # the library writes a single channel without loss, whatever is asked
        pixels = np.repeat(pixels, 3, axis=2)
    try:
        return bytes(
            imagecodecs.avif_encode(
                np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels),
                level=None if lossless else options.quality,
                speed=FASTEST,
                pixelformat=_format(grey, lossless),
                numthreads=1,
            )
        )
    except (imagecodecs.AvifError, ImportError, ValueError, MemoryError) as error:
        raise Refused("the picture cannot be written as AVIF") from error


def _format(grey: bool, lossless: bool) -> Any:
    """Return how colours are stored; by member, as the names differ between versions."""
    formats = imagecodecs.AVIF.PIXEL_FORMAT
    if grey:
        return formats.YUV400
    return formats.YUV444 if lossless else formats.YUV420
