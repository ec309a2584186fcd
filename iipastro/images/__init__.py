"""Files as images: names become descriptors, descriptors sources, sources tiles of pixels.

`catalog.Catalog` is the way in; `source` says what an image is to the rest of the server.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from ..errors import Refused, Unservable
from .directory import read_exactly
from .source import ImageSource
from .tiff import TiffSource

MAGIC_BYTES = 10  # no image is shorter (spec 5.1)


def _refuse(message: str) -> Callable[[int], ImageSource]:
    """Return a function that refuses a format that is known and not served."""

    def opener(descriptor: int) -> ImageSource:
        os.close(descriptor)
        raise Unservable(message)

    return opener


NO_JPEG2000 = _refuse("JPEG 2000 images are not served; convert them to a tiled TIFF pyramid")
NO_JPEG = _refuse("JPEG images are not served; convert them to a tiled TIFF pyramid")

FORMATS: dict[bytes, Callable[[int], ImageSource]] = {  # first bytes → open (spec 5.1)
    b"II\x2a\0": TiffSource.open,
    b"MM\0\x2a": TiffSource.open,
    b"II\x2b\0": TiffSource.open,
    b"MM\0\x2b": TiffSource.open,
    b"\0\0\0\x0cjP  \r\n": NO_JPEG2000,
    b"\xff\x4f\xff\x51": NO_JPEG2000,
    b"\xff\xd8\xff": NO_JPEG,
}


def open_source(descriptor: int) -> ImageSource:
    """Return the image in an open file, whose descriptor is taken over, also in failure.

    Raises Unservable for what is no image that we serve, Unreadable where the
    file cannot be read.
    """
    try:
        first = read_exactly(descriptor, 0, min(MAGIC_BYTES, os.fstat(descriptor).st_size))
    except Refused:
        os.close(descriptor)
        raise
    for magic, opener in FORMATS.items():
        if len(first) == MAGIC_BYTES and first.startswith(magic):
            return opener(descriptor)
    os.close(descriptor)
    raise Unservable("not an image that this server knows")
