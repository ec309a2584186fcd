"""Which image of a file is meant: FITS's extended file names, as far as we take them.

`image.fits[2]` is HDU 2, 0 the primary; `image.fits[SCI]` and `image.fits[SCI,2]` go by EXTNAME
and EXTVER, in any case of letters; a second pair of brackets chooses a plane of a cube, from 1
on: `image.fits[0][3]`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

PARTS = re.compile(
    r"(?P<file>.*[^\]/])"
    r"\[(?:(?P<number>[0-9]{1,9})|(?P<name>[^\[\],/]{1,68})(?:,(?P<version>[0-9]{1,9}))?)\]"
    r"(?:\[(?P<plane>[1-9][0-9]{0,9})\])?",
    re.DOTALL,
)


class Selection(NamedTuple):
    """What is in brackets; without any, the first image of the file."""

    hdu: int | None = None
    name: str = ""  # EXTNAME in upper case
    version: int | None = None  # EXTVER
    plane: int | None = None  # from 1


WHOLE_FILE = Selection()


def split_selection(name: str) -> tuple[str, Selection] | None:
    """Return the name of the file and what is chosen of it; None for a name without brackets."""
    found = PARTS.fullmatch(name)
    if found is None:
        return None
    numbers = [found[key] and int(found[key]) for key in ("number", "version", "plane")]
    number, version, plane = (value if isinstance(value, int) else None for value in numbers)
    return found["file"], Selection(number, (found["name"] or "").upper(), version, plane)
