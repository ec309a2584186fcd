"""The options of the subcommand `convert`, and what their words mean."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

# Words and numbers that other modules hold too: the command line is read without loading NumPy,
# and a test holds them equal.
TILE = 256  # pixels
COMPRESSIONS = ("none", "lzw", "deflate", "zstd")
PREDICTORS = ("none", "horizontal", "float")
LEVELS = ("tile", "stiff")
CURVES = ("linear", "gamma", "asinh", "lupton")

LOWS = {  # what the low cut may be, and its level where none is given
    "greylevel": (0.001,),
    "quantile": (0.001,),
    "percentile": (0.1,),
    "zscale": (),
    "manual": (),
}
HIGHS = {"quantile": (0.999,), "percentile": (99.9,), "zscale": (), "manual": ()}
SAMPLES = ("float32", "uint16", "uint8")
BIGTIFF = {"auto": None, "always": True, "never": False}


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return number


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 6 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, not {text!r}")
    return int(text)


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(_number(word) for word in text.split(","))


def _counts(text: str) -> tuple[int, ...]:
    return tuple(_count(word) for word in text.split(","))


def _names(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


def _choice(text: str, names: tuple[str, ...]) -> tuple[str, str]:
    """Return the name before a colon, and what follows it."""
    name, _, rest = text.partition(":")
    if name not in names:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(names)}, not {name!r}")
    return name, rest


def _rule(usual: Mapping[str, tuple[float, ...]]) -> Callable[[str], Any]:
    def read(text: str) -> tuple[str, tuple[float, ...]]:
        name, rest = _choice(text, tuple(usual))
        if name == "manual" and not rest:
            raise argparse.ArgumentTypeError("expected manual:VALUE, or a value per channel")
        if name == "zscale" and rest:
            raise argparse.ArgumentTypeError("zscale takes no level")
        return name, _numbers(rest) if rest else usual[name]

    return read


def _compression(text: str) -> tuple[str, int | None]:
    name, rest = _choice(text, COMPRESSIONS)
    return name, _count(rest) if rest else None


def _stretch(text: str) -> tuple[str, float | None]:
    name, rest = _choice(text, CURVES)
    return name, _number(rest) if rest else None


# ---- the table


class Row(NamedTuple):
    """An option or argument: for argparse, and for the page of the command line."""

    name: str
    help: str
    more: Mapping[str, Any]


ROWS = (
    Row(
        "inputs",
        "The FITS files: a channel each, or for each plane.",
        {"metavar": "INPUT", "nargs": "*"},
    ),
    Row(
        "-o",
        "The file to write; an older one is replaced when the new one is whole.",
        {"metavar": "OUTPUT", "dest": "output"},
    ),
    Row(
        "--hdu",
        "The HDU to read, by number (0 is the first) or name. May be repeated:"
        " a channel each. Default: the first image.",
        {"metavar": "HDU", "action": "append", "default": []},
    ),
    Row(
        "--planes",
        "The planes of a cube, from 1. Default: all.",
        {"metavar": "N,N", "type": _counts, "default": ()},
    ),
    Row(
        "--mosaic",
        "The extensions of a file are parts of one image, placed by DETSEC or WCS.",
        {"metavar": "detsec|wcs", "choices": ("detsec", "wcs"), "default": ""},
    ),
    Row(
        "--channels",
        "The names of the channels. Default: from the headers.",
        {"metavar": "NAME,NAME", "type": _names, "default": ()},
    ),
    Row(
        "--label-key",
        "The keyword that names a channel. Default: FILTER.",
        {"metavar": "KEY", "default": "FILTER"},
    ),
    Row(
        "--flags",
        "A flag map: pixels that are not 0 there become NaN. One for all inputs, or"
        " repeated for each.",
        {"metavar": "FILE", "action": "append", "default": []},
    ),
    Row(
        "--blank-value",
        "The value of pixels that have none. Default: they stay NaN.",
        {"metavar": "VALUE", "type": _number},
    ),
    Row("--unsigned", "Integers are unsigned.", {"action": "store_true"}),
    Row("--any-wcs", "Take channels whose coordinates differ.", {"action": "store_true"}),
    Row(
        "--low",
        "The low display cut, RULE or RULE:LEVEL, with a level for all channels or one"
        " for each. Default: greylevel:0.001.",
        {"metavar": "|".join(LOWS), "type": _rule(LOWS), "default": "greylevel"},
    ),
    Row(
        "--high",
        "The high display cut, in the same way. Default: quantile:0.999.",
        {"metavar": "|".join(HIGHS), "type": _rule(HIGHS), "default": "quantile"},
    ),
    Row(
        "--sky-level",
        "The sky of all channels or of each, from which the low cut is found. Default: estimated.",
        {"metavar": "V,V", "type": _numbers, "default": ()},
    ),
    Row(
        "--sample",
        "What pixels become: float32 keeps the values, the others burn the stretch"
        " in. Default: float32.",
        {"metavar": "|".join(SAMPLES), "choices": SAMPLES, "default": SAMPLES[0]},
    ),
    Row(
        "--stretch",
        "The stretch that is burnt in: gamma:2.2, asinh:0.1, linear or lupton:8"
        " (three channels, red first). Default: gamma.",
        {"metavar": "NAME[:STRENGTH]", "type": _stretch, "default": "gamma"},
    ),
    Row(
        "--compression",
        "How tiles are packed, with a level: zstd:3, deflate:6. Default: none.",
        {"metavar": f"{'|'.join(COMPRESSIONS)}[:LEVEL]", "type": _compression, "default": "none"},
    ),
    Row(
        "--predictor",
        "What makes samples pack better; float is for float32. Default: none.",
        {"metavar": "|".join(PREDICTORS), "choices": PREDICTORS, "default": "none"},
    ),
    Row(
        "--tile",
        f"The side of a tile in pixels, a multiple of 16. Default: {TILE}.",
        {"metavar": "PIXELS", "type": _count, "default": TILE},
    ),
    Row(
        "--levels",
        "Where the levels end: tile, at one tile; stiff, where STIFF stops. Default: tile.",
        {"metavar": "|".join(LEVELS), "choices": LEVELS, "default": "tile"},
    ),
    Row(
        "--bigtiff",
        "Whether to write a BigTIFF. Default: auto, from 2 GiB of pixels or 3.5 GiB of tiles on.",
        {"metavar": "|".join(BIGTIFF), "choices": tuple(BIGTIFF), "default": "auto"},
    ),
    Row(
        "--threads",
        "Threads of a conversion. Default: one for each core.",
        {"metavar": "N", "type": _count, "default": 0},
    ),
    Row(
        "--batch",
        "Convert all of a list: INPUT… -> OUTPUT or INPUT,…,OUTPUT in each line.",
        {"metavar": "LIST"},
    ),
    Row(
        "--jobs",
        "Files of the list that are converted at a time. Default: one for each core.",
        {"metavar": "N", "type": _count, "default": 0},
    ),
    Row(
        "--scheduler",
        "Convert the list on the workers of this Dask scheduler.",
        {"metavar": "ADDRESS"},
    ),
    Row("--quiet", "Show no progress.", {"action": "store_true"}),
)
