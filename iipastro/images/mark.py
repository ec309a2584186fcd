"""The picture of the watermark: a small PNG or TIFF file with alpha, read through Pillow."""

from __future__ import annotations

import struct
import warnings

import numpy as np
from PIL import Image

from ..errors import Unservable
from .source import Raw

MOST_PIXELS = 1 << 24
MODES = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa"})  # of 8 bits

_DAMAGE = (OSError, ValueError, SyntaxError, TypeError, EOFError, struct.error)


def read_mark(path: str) -> Raw:
    """Return the picture in a file of the server: uint8, (rows, columns, RGB and alpha).

    A picture without alpha is opaque.

    Raises
    ------
    Unservable
        No PNG or TIFF file of 8 bits, or one of more than 16 million pixels.
    OSError
        The file cannot be opened.
    """
    with open(path, "rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of tags in disorder: pixels count
        try:
            with Image.open(file, formats=("PNG", "TIFF")) as picture:
                return _checked(picture)
        except _DAMAGE as error:
            raise Unservable("no PNG or TIFF file that can be read") from error


def _checked(picture: Image.Image) -> Raw:
    if picture.width * picture.height > MOST_PIXELS:
        raise Unservable("the mark has too many pixels")
    if picture.mode not in MODES:
        raise Unservable("the mark has other samples than of 8 bits")
    return np.array(picture.convert("RGBA"))
