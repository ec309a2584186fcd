"""Pillow, or a pillow-simd in its place: only calls that both have."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image

from ..errors import Refused
from .options import Bytes


def save(pixels: Bytes, name: str, **parameters: Any) -> bytes:
    """Return the file that Pillow makes of `pixels` in the format `name`.  Raises Refused."""
    file = BytesIO()
    try:
        picture = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
        picture.save(file, name, **parameters)
    except (OSError, ValueError, SystemError, MemoryError) as error:
        raise Refused(f"the picture cannot be written as {name}") from error
    return file.getvalue()
