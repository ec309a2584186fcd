"""Files as images: names become descriptors, descriptors sources, sources tiles of pixels.

`catalog.Catalog` is the way in; `source` says what an image is to the rest of the server.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from ..errors import Refused, Unservable
from .directory import read_exactly
from .fits import FitsOptions, FitsSource
from .selection import WHOLE_FILE, Selection
from .source import ImageSource
from .tiff import TiffSource

MAGIC_BYTES = 10  # no image is shorter (spec 5.1)

Opener = Callable[[int, Selection, FitsOptions], ImageSource]  # takes the descriptor over


def _open_tiff(descriptor: int, selection: Selection, _: FitsOptions) -> ImageSource:
    """Open a TIFF file, which holds one image only."""
    if selection != WHOLE_FILE:
        os.close(descriptor)
        raise Unservable("only FITS files have HDUs to choose from")
    return TiffSource.open(descriptor)


def _refuse(message: str) -> Opener:
    """Return a function that refuses a format that is known and not served."""

    def opener(descriptor: int, _: Selection, __: FitsOptions) -> ImageSource:
        os.close(descriptor)
        raise Unservable(message)

    return opener


NO_JPEG2000 = _refuse("JPEG 2000 images are not served; convert them to a tiled TIFF pyramid")
NO_JPEG = _refuse("JPEG images are not served; convert them to a tiled TIFF pyramid")
NO_GZIP = _refuse("gzipped files are not served: unpack or convert them")

FORMATS: dict[bytes, Opener] = {  # first bytes → open (spec 5.1)
    b"II\x2a\0": _open_tiff,
    b"MM\0\x2a": _open_tiff,
    b"II\x2b\0": _open_tiff,
    b"MM\0\x2b": _open_tiff,
    b"SIMPLE  =": FitsSource.open,
    b"\0\0\0\x0cjP  \r\n": NO_JPEG2000,
    b"\xff\x4f\xff\x51": NO_JPEG2000,
    b"\xff\xd8\xff": NO_JPEG,
    b"\x1f\x8b": NO_GZIP,
}


def open_source(
    descriptor: int, selection: Selection = WHOLE_FILE, fits: FitsOptions | None = None
) -> ImageSource:
    """Return the image in an open file, whose descriptor is taken over, also in failure.

    Parameters
    ----------
    descriptor : of a regular file.
    selection : which image of a FITS file.
    fits : how FITS files are served; None: without a folder for their levels.

    Raises
    ------
    NotFound
        The file has no such image.
    Unservable
        No image that we serve.
    TooLarge
        More than the options allow.
    Unreadable
        The file cannot be read.
    """
    try:
        first = read_exactly(descriptor, 0, min(MAGIC_BYTES, os.fstat(descriptor).st_size))
    except Refused:
        os.close(descriptor)
        raise
    for magic, opener in FORMATS.items():
        if len(first) == MAGIC_BYTES and first.startswith(magic):
            return opener(descriptor, selection, fits or FitsOptions())
    os.close(descriptor)
    raise Unservable("not an image that this server knows")
