"""What goes into an encoder besides the pixels, and what all of them check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadArgument, TooLarge

Bytes = np.ndarray[Any, np.dtype[np.uint8]]  # (rows, columns, 1 or 3)


@dataclass(frozen=True)
class Options:
    """How a picture is written.  An encoder passes over what its format does not have."""

    quality: int  # in the scale of the format
    icc: bytes = b""
    xmp: bytes = b""
    compression: str = "deflate"  # of TIFF
    codec: str = "turbo"  # of JPEG: a row of jpeg.CODECS


def check_sides(pixels: Bytes, limit: int) -> None:
    """Raise BadArgument for a picture without pixels, TooLarge for a side beyond `limit`."""
    rows, columns = pixels.shape[:2]
    if not rows or not columns:
        raise BadArgument("the picture has no pixels")
    if max(rows, columns) > limit:
        raise TooLarge(f"this format holds at most {limit} pixels a side")
