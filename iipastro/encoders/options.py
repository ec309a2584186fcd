"""What goes into an encoder besides the pixels, and what all of them check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadArgument, TooLarge

Bytes = np.ndarray[Any, np.dtype[np.uint8]]  # (rows, columns, 1 or 3)

METRES_PER_INCH = 0.0254


@dataclass(frozen=True)
class Options:
    """How a picture is written.  An encoder passes over what its format does not have."""

    quality: int  # in the scale of the format
    icc: bytes = b""
    xmp: bytes = b""
    dots_per_metre: tuple[float, float] | None = None
    compression: str = "deflate"  # of TIFF


def check_sides(pixels: Bytes, limit: int) -> None:
    """Raise BadArgument for a picture without pixels, TooLarge for a side beyond `limit`."""
    rows, columns = pixels.shape[:2]
    if not rows or not columns:
        raise BadArgument("the picture has no pixels")
    if max(rows, columns) > limit:
        raise TooLarge(f"this format holds at most {limit} pixels a side")


def dots_per_inch(options: Options) -> tuple[float, float] | None:
    """Return the resolution in dots per inch, None if it is not known."""
    if options.dots_per_metre is None:
        return None
    across, down = options.dots_per_metre
    return across * METRES_PER_INCH, down * METRES_PER_INCH
