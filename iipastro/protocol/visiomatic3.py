"""VisiOmatic 3's dialect: a query string → a `Job`.  Opens nothing.

Many names are those of IIP, with other meanings: GAM is a display gamma, RGN and PFL count
pixels.  So it is a protocol of its own, behind a path of its own.  As in VisiOmatic 3 the order
of parameters says nothing, one that is given again counts the last time unless it makes a list,
and one that nobody knows is passed over; but a command of IIP is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from ..errors import BadArgument
from ..jobs import (
    ChannelColor,
    Composite,
    Cutout,
    FitsLine,
    FitsPixel,
    Job,
    Objects,
    Output,
    Question,
    Tile,
    VisiomaticInfo,
)
from ..view import Cut, View
from .arguments import c_float, c_int, single, url_decode
from .commands import MODIFIERS, OUTPUTS

Said = Mapping[str, list[str]]  # what each parameter was given, by its name in capitals

COLORMAPS = {"grey": None, "jet": "jet", "cold": "cold", "cool": "cold", "hot": "hot"}
GAMMA, CONTRAST, BRIGHTNESS = (2.2, 0.2, 5.0), (1.0, 0.0, 1000.0), (0.0, -100.0, 100.0)
BINNING = (1.0, 1.0, 65536.0)  # each: unless given, least, most
HEADER = (
    "max-size",
    "tile-size",
    "resolution-number",
    "bits-per-channel",
    "min-max-sample-values",
    "subject",
)

_WHOLE = "([+-]?[0-9]+)"
_REAL = r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
_NUMBER, _CHANNEL = re.compile(_REAL), re.compile(_WHOLE)
_PLACE = re.compile(f"{_WHOLE},{_WHOLE}")
_PLACES = re.compile(f"{_WHOLE},{_WHOLE}:{_WHOLE},{_WHOLE}")
_CUT = re.compile(f"{_WHOLE}:{_REAL},{_REAL}")
_COLOR = re.compile(f"{_WHOLE}:{_REAL},{_REAL},{_REAL}")


def parse(query: str, most_commands: int) -> Job:
    """Return what `query` asks for.

    Raises
    ------
    BadArgument
        No image, or nothing asked of it; a parameter that means nothing, or
        one of IIP that VisiOmatic 3 does not have; too many of them.
    """
    said = _split(query, most_commands)
    image = _last(said, "FIF")
    if not image:
        raise BadArgument("FIF has to name an image")
    view, output = _view(said), _output(said)
    return Job(image, view if isinstance(output, Composite) else View(), output, text=query)


def _split(query: str, most: int) -> Said:
    pieces = [piece for piece in query.split("&") if piece]
    if len(pieces) > most:
        raise BadArgument(f"more than {most} parameters")
    said: dict[str, list[str]] = {}
    for piece in pieces:
        name, _, argument = piece.partition("=")
        name = name.upper()
        if name in _KNOWN:
            said.setdefault(name, []).append(url_decode(argument, plus=name == "FIF"))
        elif name in _OF_IIP:
            raise BadArgument(f"{name} is not of VisiOmatic 3")
    return said


def _last(said: Said, name: str) -> str:
    return said.get(name, [""])[-1]


# ---- numbers


def _numbers(pattern: re.Pattern[str], name: str, text: str) -> tuple[str, ...]:
    match = pattern.fullmatch(text)
    if match is None:
        raise BadArgument(f"{name} makes no sense")
    return match.groups()


def _whole(pattern: re.Pattern[str], said: Said, name: str) -> list[int]:
    return [c_int(number) for number in _numbers(pattern, name, _last(said, name))]


def _number(said: Said, name: str, bounds: tuple[float, float, float]) -> float:
    """Return a number between two bounds; `bounds` begins with what it is unless given."""
    usual, least, most = bounds
    if name not in said:
        return usual
    (text,) = _numbers(_NUMBER, name, _last(said, name))
    value = c_float(text)
    if not least <= value <= most:
        raise BadArgument(f"{name} takes a number from {least:g} to {most:g}")
    return value


def _finite(name: str, *texts: str) -> list[float]:
    numbers = [c_float(text) for text in texts]
    if not all(map(math.isfinite, numbers)):
        raise BadArgument(f"{name} takes numbers of single precision")
    return numbers


def _channels(said: Said) -> tuple[int, ...]:
    texts = said.get("CHAN", ())
    return tuple(c_int(_numbers(_CHANNEL, "CHAN", text)[0]) - 1 for text in texts)


# ---- how pixels are shown


def _view(said: Said) -> View:
    """Return the part of the view that does not wait for the image.

    Colours of channels leave no room for a colour map, as in VisiOmatic 3.
    """
    name = _last(said, "CMP") or "grey"
    if name not in COLORMAPS:
        raise BadArgument(f"CMP takes {', '.join(COLORMAPS)}")
    return View(
        quality=int(_number(said, "QLT", (0, 0, 100))) if "QLT" in said else None,
        gamma=single(1 / _number(said, "GAM", GAMMA)),
        inverted="INV" in said,
        colormap=COLORMAPS[name] if "CHAN" in said else None,
        cuts=tuple(_cut(text) for text in said.get("MINMAX", ())),
    )


def _cut(text: str) -> Cut:
    channel, low, high = _numbers(_CUT, "MINMAX", text)
    return Cut(_from_one("MINMAX", channel), *_finite("MINMAX", low, high))


def _color(text: str) -> ChannelColor:
    channel, *parts = _numbers(_COLOR, "MIX", text)
    return ChannelColor(_from_one("MIX", channel), *_finite("MIX", *parts))


def _from_one(name: str, channel: str) -> int:
    number = c_int(channel) - 1
    if number < 0:
        raise BadArgument(f"{name} counts channels from 1")
    return number


# ---- what is wanted


def _output(said: Said) -> Output:
    for name, read in ANSWERS.items():
        if name in said:
            return read(said)
    raise BadArgument(f"nothing is asked for: {', '.join(ANSWERS)}")


def _objects(_: Said) -> Output:
    return Objects(tuple(Question(name) for name in HEADER), versioned=True)


def _info(said: Said) -> Output:
    return VisiomaticInfo(_last(said, "FIF").rstrip("/").rpartition("/")[2])


def _line(said: Said) -> Output:
    column, row, last_column, last_row = _whole(_PLACES, said, "PFL")
    return FitsLine((column, row), (last_column, last_row), _channels(said))


def _pixel(said: Said) -> Output:
    column, row = _whole(_PLACE, said, "VAL")
    return FitsPixel(column, row, _channels(said))


def _tile(said: Said) -> Output:
    level, index = _whole(_PLACE, said, "JTL")
    if min(level, index) < 0:
        raise BadArgument("level and tile count from 0")
    return _composite(said, Tile(level, index))


def _cutout(said: Said) -> Output:
    left, top, right, bottom = (number - 1 for number in _whole(_PLACES, said, "RGN"))
    return _composite(said, Cutout(left, top, right, bottom, int(_number(said, "BIN", BINNING))))


def _composite(said: Said, part: Tile | Cutout) -> Composite:
    """Return a picture: of the first channel named, or of all of them, each in its colour."""
    channels = _channels(said)
    if channels and channels[0] < 0:
        raise BadArgument("CHAN counts channels from 1")
    colors = {color.channel: color for color in map(_color, said.get("MIX", ()))}
    return Composite(
        part,
        channels[0] if channels else None,
        () if channels else tuple(sorted(colors.values())),
        _number(said, "BRT", BRIGHTNESS),
        _number(said, "CNT", CONTRAST),
    )


ANSWERS: dict[str, Callable[[Said], Output]] = {  # the first one that is asked for is given
    "OBJ": _objects,
    "INFO": _info,
    "PFL": _line,
    "VAL": _pixel,
    "JTL": _tile,
    "RGN": _cutout,
}
_MODIFIERS = ("FIF", "BIN", "CHAN", "CMP", "CNT", "GAM", "INV", "BRT", "QLT", "MINMAX", "MIX")
_KNOWN = {*ANSWERS, *_MODIFIERS}
_OF_IIP = {row.name for row in MODIFIERS} | {row.name.upper() for row in OUTPUTS}
