"""TIFF, in strips; tifffile writes it, and is imported only when a client asks for one."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np

from ..errors import BadArgument, Refused
from .options import Bytes, Options, check_sides

SIDE_LIMIT = 2**31 - 1
XMP_TAG = 700

# name on the wire: name in tifffile, least and greatest level; no range: no level
COMPRESSIONS: Mapping[str, tuple[str | None, tuple[int, int] | None]] = {
    "none": (None, None),
    "lzw": ("lzw", None),
    "deflate": ("zlib", (0, 9)),
    "jpeg": ("jpeg", (1, 100)),
    "webp": ("webp", (0, 100)),
    "zstd": ("zstd", (1, 22)),
}


def encode(pixels: Bytes, options: Options) -> bytes:
    """Return a TIFF file, the same for the same pixels: no date, no name of a program.

    Parameters
    ----------
    pixels : uint8, (rows, columns, 1 or 3)
    options : quality is the level of the compression, cut to its range; LZW has none

    Raises
    ------
    BadArgument
        An unknown compression.
    """
    check_sides(pixels, SIDE_LIMIT)
    if options.compression not in COMPRESSIONS:
        raise BadArgument("no such TIFF compression")
    import tifffile  # noqa: PLC0415

    file = BytesIO()
    if options.compression == "webp" and pixels.shape[2] == 1:  # a format of colours only
        pixels = np.repeat(pixels, 3, axis=2)
    grey = pixels.shape[2] == 1
    try:
        tifffile.imwrite(
            file,
            pixels[:, :, 0] if grey else pixels,
            photometric="minisblack" if grey else "rgb",
            metadata=None,
            software=False,
            **_parameters(options),
        )
    except (ValueError, RuntimeError, ImportError, OSError, MemoryError) as error:
        raise Refused("the picture cannot be written as TIFF") from error
    return file.getvalue()


def _parameters(options: Options) -> dict[str, Any]:
    """Return what tifffile calls the compression and the metadata."""
    compression, levels = COMPRESSIONS[options.compression]
    more: dict[str, Any] = {"compression": compression}
    if levels:
        more["compressionargs"] = {"level": min(levels[1], max(levels[0], options.quality))}
    if options.icc:
        more["iccprofile"] = options.icc
    if options.xmp:
        more["extratags"] = [(XMP_TAG, "B", len(options.xmp), options.xmp, True)]
    return more
