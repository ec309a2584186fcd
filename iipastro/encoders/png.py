"""PNG."""

from __future__ import annotations

from typing import Any

from PIL.PngImagePlugin import PngInfo

from .options import Bytes, Options, check_sides
from .pillow import save

SIDE_LIMIT = 2**31 - 1  # of the format
XMP_KEYWORD = "XML:com.adobe.xmp"


def encode(pixels: Bytes, options: Options) -> bytes:
    """Return a PNG file of uint8 `pixels`, (rows, columns, 1 or 3).

    `options.quality` is the deflate level, 0 (none) to 9, cut to that: 1 is
    several times faster than 9.
    """
    check_sides(pixels, SIDE_LIMIT)
    more: dict[str, Any] = {}
    if options.icc:
        more["icc_profile"] = options.icc
    if options.xmp:
        texts = PngInfo()
        texts.add_itxt(XMP_KEYWORD, options.xmp.decode("utf-8", "replace"))
        more["pnginfo"] = texts
    return save(pixels, "PNG", compress_level=min(9, max(0, options.quality)), **more)
