"""How pixels are to be shown: what the setters of a query add up to.

A `View` is a value: made once per request, never changed, hashable, and part
of every cache key.  The conventions of the wire (channels counted from 1, C
number prefixes, texts) end in `protocol`; here channels count from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Cut(NamedTuple):
    """The values shown as black and white in one channel, or in all (None)."""

    channel: int | None
    low: float
    high: float


class Fraction(NamedTuple):
    """A rectangle in fractions of the full image, from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class View:
    """What a query asks of the pixels, at the defaults of spec 2.1."""

    quality: int | None = None  # 0 to 100; None: what the configuration says
    compression: str | None = None  # of a TIFF answer; None: what the configuration says
    contrast: float = 1.0  # a gain, applied last
    gamma: float = 1.0  # the exponent itself
    logarithmic: bool = False  # instead of a power
    inverted: bool = False
    colormap: str | None = None  # a column of pixels.color.COLORMAPS
    palette: str = "color"  # color, gray or binary (COL)
    equalized: bool = False  # CNT=eq
    stretched: bool = False  # CNT=stretch
    light: tuple[int, int] | None = None  # hill shading: azimuth and altitude, degrees
    mix: tuple[tuple[float, ...], ...] = ()  # a row per output channel; (): none
    kernel: tuple[float, ...] = ()  # an odd square, row by row; (): none
    cuts: tuple[Cut, ...] = ()  # in the order given: the last one of a channel counts
    flip: int = 0  # 0 none, 1 left to right, 2 top to bottom
    rotation: int = 0  # clockwise: 0, 90, 180 or 270
    region: Fraction | None = None  # None: the whole image
    width: int = 0  # of the answer; 0: not asked for
    height: int = 0
    angles: tuple[int, int] = (0, 90)  # which member of a sequence
    layers: int = 0  # of JPEG 2000: read, and without effect on other images

    @cached_property
    def text(self) -> str:
        """All of it in words, for keys: made once for all tiles of a page."""
        return repr(self)
