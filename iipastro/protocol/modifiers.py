"""The setters: each reads its argument and returns what changes in the view (spec 2.4).

The wire's conventions end here: channels counted from 1, degrees of any size,
texts for modes.  `so_far` holds the changes of the commands before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..view import Cut, Fraction
from .arguments import c_float, c_floats, c_int, c_ints

Changes = Mapping[str, Any]

COLORMAPS = ("hot", "cold", "jet", "red", "green", "blue")
COMPRESSIONS = ("none", "lzw", "deflate", "jpeg", "webp", "zstd")
KERNELS = {  # spec 3.5, row by row
    "sobel": (-1, 0, 1, -2, 0, 2, -1, 0, 1),
    "prewitt": (1, 0, -1, 1, 0, -1, 1, 0, -1),
    "scharr": (-3, 0, 3, -10, 0, 10, -3, 0, 3),
    "laplace": (-1, -1, -1, -1, 8, -1, -1, -1, -1),
    "gaussian": (1, 2, 1, 2, 4, 2, 1, 2, 1),
    "sharpen": (0, -1, 0, -1, 5, -1, 0, -1, 0),
    "emboss": (-2, -1, 0, -1, 1, 1, 0, 1, 2),
}
_SQUARES = (1, 9, 25)


def qlt(argument: str, _: Changes) -> Changes:
    """QLT=[codec:]<n>: quality, and for TIFF answers the compression."""
    codec, colon, number = argument.rpartition(":")
    quality = {"quality": min(100, max(0, c_int(number)))}
    if colon and codec.lower() in COMPRESSIONS:
        return quality | {"compression": codec.lower()}
    return quality


def minmax(argument: str, so_far: Changes) -> Changes:
    """MINMAX=<channel from 1, or - for all>:<low>,<high>, once per channel."""
    channel, colon, pair = argument.partition(":")
    low, comma, high = (pair if colon else argument).partition(",")
    number = None if channel == "-" else c_int(channel) - 1
    if number is not None and number < 0:
        return {}
    cut = Cut(number, c_float(low), c_float(high if comma else low))
    return {"cuts": (*so_far.get("cuts", ()), cut)}


def cnt(argument: str, _: Changes) -> Changes:
    """CNT=<gain>, or eq, or stretch."""
    word = argument.lower()
    if word in ("eq", "equalization"):
        return {"equalized": True, "contrast": 1.0}
    if word in ("st", "stretch"):
        return {"stretched": True, "contrast": 1.0}
    return {"contrast": c_float(argument)}


def gam(argument: str, _: Changes) -> Changes:
    """GAM=<power>, or log."""
    if argument.lower() in ("log", "logarithm"):
        return {"logarithmic": True, "gamma": 1.0}
    return {"logarithmic": False, "gamma": c_float(argument)}


def inv(_: str, __: Changes) -> Changes:
    """INV, alone."""
    return {"inverted": True}


def cmp(argument: str, _: Changes) -> Changes:
    """CMP=<name>: an unknown one, grey among them, is none."""
    name = argument.lower()
    return {"colormap": name if name in COLORMAPS else None}


def ctw(argument: str, so_far: Changes) -> Changes:
    """CTW=<a,b,…;c,d,…;…>: rows are output channels; a second CTW adds rows."""
    rows = argument.strip(" []").split(";")
    matrix = tuple(tuple(c_floats(row)) for row in rows if row)
    return {"mix": (*so_far.get("mix", ()), *matrix)}


def shd(argument: str, _: Changes) -> Changes:
    """SHD=<azimuth>,<altitude>, both needed."""
    angles = c_ints(argument)
    return {"light": (angles[0], angles[1])} if len(angles) >= 2 else {}


def rot(argument: str, _: Changes) -> Changes:
    """ROT=[!]<degrees>: only quarter turns act; !180 is a flip top to bottom."""
    mirrored = argument.startswith("!")
    degrees = c_float(argument.removeprefix("!"))
    turn = math.trunc(degrees) % 360 if math.isfinite(degrees) else 0
    if mirrored and turn == 180:
        return {"flip": 2, "rotation": 0}
    return {"flip": int(mirrored), "rotation": turn if turn % 90 == 0 else 0}


def col(argument: str, _: Changes) -> Changes:
    """COL=<gray|binary>: anything else is colour."""
    name = argument.lower()
    return {"palette": {"grey": "gray", "gray": "gray", "binary": "binary"}.get(name, "color")}


def cnv(argument: str, _: Changes) -> Changes:
    """CNV=<name>, or [k1,k2,…], an odd square of at most 25 values; else none."""
    numbers = c_floats(argument.strip("[] ")) if argument[:1] in "[+-.0123456789" else []
    kernel = KERNELS.get(argument.lower()) or numbers
    usable = len(kernel) in _SQUARES and all(map(math.isfinite, kernel))
    return {"kernel": tuple(map(float, kernel))} if usable else {}


def wid(argument: str, _: Changes) -> Changes:
    """WID=<pixels>: 0 and less are as if not given."""
    return {"width": max(0, c_int(argument))}


def hei(argument: str, _: Changes) -> Changes:
    """HEI=<pixels>: 0 and less are as if not given."""
    return {"height": max(0, c_int(argument))}


def rgn(argument: str, _: Changes) -> Changes:
    """RGN=<left>,<top>,<width>,<height> in fractions of the full image, cut to it."""
    numbers = c_floats(argument)
    if len(numbers) < 4 or not all(map(math.isfinite, numbers[:4])):
        return {}
    left, top, width, height = numbers[:4]
    if width <= 0 or height <= 0:
        return {}
    left, top = min(1.0, max(0.0, left)), min(1.0, max(0.0, top))
    return {"region": Fraction(left, top, min(width, 1.0 - left), min(height, 1.0))}


def sds(argument: str, _: Changes) -> Changes:
    """SDS=<horizontal>,<vertical>: the member of a sequence; one number stands for both."""
    angles = c_ints(argument)
    return {"angles": (angles[0], angles[1] if len(angles) > 1 else angles[0])}


def lyr(argument: str, _: Changes) -> Changes:
    """LYR=<n>: quality layers of JPEG 2000."""
    return {"layers": max(0, c_int(argument))}


def icc(_: str, __: Changes) -> Changes:
    """ICC=<any>: does nothing."""
    return {}
