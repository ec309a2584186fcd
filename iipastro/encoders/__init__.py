"""8-bit pixels → the bytes of a file: one row per format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from . import avif, jpeg, png, tiff, webp
from .options import Bytes, Options

__all__ = ["ENCODERS", "Encoder", "Options"]


class Encoder(NamedTuple):
    """A format: its MIME type, the suffix of its files, and what makes them."""

    mime: str
    suffix: str
    encode: Callable[[Bytes, Options], bytes]


ENCODERS: Mapping[str, Encoder] = {
    "jpeg": Encoder("image/jpeg", "jpg", jpeg.encode),
    "png": Encoder("image/png", "png", png.encode),
    "webp": Encoder("image/webp", "webp", webp.encode),
    "avif": Encoder("image/avif", "avif", avif.encode),
    "tiff": Encoder("image/tiff", "tif", tiff.encode),
}
