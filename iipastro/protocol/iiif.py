"""IIIF Image API 2.1 and 3.0: a path → what is wanted.  Opens nothing.

What depends on the image is left as it is written: handlers know its size.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from ..errors import BadArgument
from ..jobs import IiifImage, IiifInfo, IiifRedirect, IiifRegion, IiifSize
from .arguments import url_decode
from .outputs import ENCODINGS, Wanted

# Counts of digits are bounds: no text becomes a number of thousands of digits.
_DECIMAL = r"[0-9]{1,9}(?:\.[0-9]{1,20})?|\.[0-9]{1,20}"
_FOUR = ",".join([f"({_DECIMAL})"] * 4)
_PIXELS = re.compile(",".join(["([0-9]{1,9})"] * 4))
_PERCENT = re.compile(f"pct:{_FOUR}")
_SIZE = re.compile(
    rf"(?P<full>full)|(?P<caret>\^?)(?:(?P<max>max)|pct:(?P<percent>{_DECIMAL})"
    r"|(?P<confined>!?)(?P<width>[0-9]{0,9}),(?P<height>[0-9]{0,9}))"
)
_ROTATION = re.compile(r"(!?)(0|90|180|270|360)(?:\.0{1,20})?")
_SHOWN: dict[str, dict[str, Any]] = {  # quality: changes of the view
    "default": {},
    "native": {},
    "color": {"palette": "color"},
    "gray": {"palette": "gray"},
    "grey": {"palette": "gray"},
    "bitonal": {"palette": "binary"},
}
FORMATS = {suffix: ENCODINGS[suffix] for suffix in ("jpg", "png", "webp", "avif", "tif")}
_OLD = ("native", "grey")  # qualities of version 1, which iipsrv takes (spec 9.1)
_BOTH, _TWO, _THREE = frozenset((2, 3)), frozenset((2,)), frozenset((3,))

INFO = "/info.json"
PARAMETERS = 4  # region, size, rotation, quality.format
_PARTS = {IiifImage: PARAMETERS, IiifInfo: 1, IiifRedirect: 0}  # of a path, behind an identifier


def iiif(path: str, version: int = 0) -> Wanted:
    """Return what `path` asks for: an image, its info.json, or where that is.

    Parameters
    ----------
    path : identifier, and what is wanted of it, as they come in a URL.
        Slashes of an identifier may be there as they are.
    version : 2 or 3 of the Image API; 0: as the server and the client agree.

    Raises
    ------
    BadArgument
        Four parameters that make no sense in any version.
    """
    if path.endswith(INFO):
        return Wanted(IiifInfo(version), _identifier(path.removesuffix(INFO)))
    parts = path.rsplit("/", PARAMETERS)
    if len(parts) <= PARAMETERS:  # fewer: a part of an identifier, or all of it
        return Wanted(IiifRedirect(version), _identifier(path.removesuffix("/")))
    region, size, rotation, file = (url_decode(part).lower() for part in parts[1:])
    quality, _, suffix = file.partition(".")
    versions = _size_versions(size) & _file_versions(quality, suffix)
    if not versions or quality not in _SHOWN or (suffix or "jpg") not in FORMATS:
        raise BadArgument("the last part is quality.format, such as default.jpg")
    image = IiifImage(
        _region(region), _size(size), FORMATS[suffix or "jpg"], version, versions=versions
    )
    return Wanted(image, _identifier(parts[0]), {**_SHOWN[quality], **_turn(rotation)})


def base_of(path: str, output: IiifImage | IiifInfo | IiifRedirect) -> str:
    """Return what stands before the words of an output, as it is written.

    Of a path that `iiif` takes that is the identifier.
    """
    parts = _PARTS[type(output)]
    return path.rsplit("/", parts)[0] if parts else path.removesuffix("/")


def _identifier(text: str) -> str:
    return url_decode(text, plus=True)


def _size_versions(size: str) -> frozenset[int]:
    """Return the versions that know such a size."""
    if size == "full":
        return _TWO
    return _THREE if size.startswith("^") else _BOTH


def _file_versions(quality: str, suffix: str) -> frozenset[int]:
    return _BOTH if suffix and quality not in _OLD else _TWO


def _region(text: str) -> IiifRegion:
    if text in ("full", "square"):
        return IiifRegion(text)
    pixels, percent = _PIXELS.fullmatch(text), _PERCENT.fullmatch(text)
    if pixels is not None:
        region = IiifRegion("pixels", tuple(int(number) for number in pixels.groups()))
    elif percent is not None:
        region = IiifRegion("percent", tuple(Fraction(number) for number in percent.groups()))
    else:
        raise BadArgument("the region is full, square, x,y,w,h or pct:x,y,w,h")
    if not (region.numbers[2] and region.numbers[3]):
        raise BadArgument("the region has no pixels")
    return region


def _size(text: str) -> IiifSize:
    match = _SIZE.fullmatch(text)
    sides = match.group("width", "height") if match is not None else ("", "")
    words = ("full", "max", "percent")
    if match is None or not (any(sides) or any(match.group(*words))):
        raise BadArgument("the size is max, w,  ,h  w,h  !w,h or pct:n")
    if (match["confined"] and not all(sides)) or any(side and not int(side) for side in sides):
        raise BadArgument("the size has no pixels")
    return IiifSize(
        int(sides[0] or 0),
        int(sides[1] or 0),
        Fraction(match["percent"]) if match["percent"] else None,
        confined=bool(match["confined"]),
        upscaled=bool(match["caret"]),
    )


def _turn(text: str) -> dict[str, int]:
    """Return the changes of the view: mirrored first, then turned clockwise."""
    match = _ROTATION.fullmatch(text)
    if match is None:
        raise BadArgument("the rotation is a multiple of 90 from 0 to 360, ! before it mirrors")
    return {"flip": int(bool(match[1])), "rotation": int(match[2]) % 360}
