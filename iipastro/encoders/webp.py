"""WebP: the fastest method, as the reference uses it (spec 4.2)."""

from __future__ import annotations

import numpy as np

from .options import Bytes, Options, check_sides
from .pillow import save

SIDE_LIMIT = 16383  # of the format


def encode(pixels: Bytes, options: Options) -> bytes:
    """Return a WebP file of uint8 `pixels`, (rows, columns, 1 or 3); grey is stored as RGB.

    `options.quality` is 0 to 100, cut to that, or -1: without loss.  Raises
    TooLarge if a side is longer than 16383.
    """
    check_sides(pixels, SIDE_LIMIT)
    lossless = options.quality < 0
    return save(
        pixels if pixels.shape[2] == 3 else np.repeat(pixels, 3, axis=2),
        "WEBP",
        quality=0 if lossless else min(100, options.quality),  # without loss: effort
        lossless=lossless,
        method=0,
        icc_profile=options.icc,
        xmp=options.xmp,
    )
