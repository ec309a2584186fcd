"""Region files of ds9 → drafts.  The package `regions` reads the shapes, line by line.

Line by line, so that a bad one has a number; `global` lines, composites and the frame that
holds so far are put before each.
"""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .draft import PHYSICAL, PIXEL, BadRow, Draft, InputError, Outline, Points, TrueShape
from .shapes import line, point, polygon, rounded

FRAMES = {  # ds9's name → ours
    "icrs": "icrs",
    "fk5": "fk5",
    "j2000": "fk5",
    "fk4": "fk4",
    "b1950": "fk4",
    "galactic": "galactic",
    "ecliptic": "ecliptic",
    "image": PIXEL,
    "physical": PHYSICAL,
}
OTHER_FRAMES = ("linear", "amplifier", "detector", "tile", "wcs")
_COMMAND = re.compile(
    r"""(?: text \s* = \s* (?: \{[^}]*\} | "[^"]*" | '[^']*' ) | [^;] )+""",
    re.VERBOSE | re.IGNORECASE,
)
_WORD = re.compile(r"#?\s*[-+]?\s*([a-z0-9]+)\s*(\(?)", re.IGNORECASE)
_PLAIN = (str, int, float, bool, list)


def read_ds9(path: str, frame: str | None) -> Iterator[Draft | BadRow]:
    """Yield the regions of a file, and the lines of which none can be made.

    `frame` is that of regions before the file names one; None: those are bad.
    Raises InputError if the file cannot be read.
    """
    try:
        import regions  # noqa: F401, PLC0415
    except ImportError as error:
        raise InputError(
            "region files of ds9 need the package regions: pip install 'iipastro[regions]'"
        ) from error
    state = _State(frame)
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            for number, text in enumerate(file, 1):
                for command in _COMMAND.findall(text.strip()):
                    yield from state.take(number, command.strip())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


class _State:
    """What earlier lines of a file say of later ones."""

    def __init__(self, frame: str | None):
        self._frame = frame
        self._unknown = "no frame is named before it"
        self._globals: list[str] = []
        self._composite = ""
        self._count = 0

    def take(self, number: int, command: str) -> Iterator[Draft | BadRow]:
        """Yield what a command makes: nothing, a region, several (annuli), or a bad line."""
        matched = _WORD.match(command)
        word = matched[1].lower() if matched else ""
        if command.startswith("#") and not (matched and matched[2]):
            return
        if word == "global":
            self._globals.append(command)
        elif word in FRAMES:
            self._frame = FRAMES[word]
        elif word.startswith(OTHER_FRAMES):
            self._frame, self._unknown = None, f"the frame {word} is not known"
        elif word == "composite":
            self._composite = command
        elif word:
            yield from self._shape(number, command)
        elif command:
            yield BadRow(number, f"{command[:40]!r} is no region")

    def _shape(self, number: int, command: str) -> Iterator[Draft | BadRow]:
        frame = self._frame
        try:
            for region in self._parsed(command):
                self._count += 1
                outline = _outline(region, frame or PIXEL)
                yield Draft(number, self._count, frame or PIXEL, outline, _properties(region))
        except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
            yield BadRow(number, f"{command[:40]!r} cannot be read: {error}")

    def _parsed(self, command: str) -> list[Any]:
        """Return the regions of a line.  Raises ValueError if there are none."""
        from regions import Regions  # noqa: PLC0415  no other format needs it

        if self._frame is None:
            raise ValueError(self._unknown)
        name = {PIXEL: "image", PHYSICAL: "image"}.get(self._frame, self._frame)
        before = [*self._globals, name, self._composite]
        if "||" not in command:
            self._composite = ""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = list(Regions.parse("\n".join([*before, command]), format="ds9"))
        if not found:
            raise ValueError(str(caught[-1].message) if caught else "no region that is known")
        return found


# ---- regions as outlines


def _outline(region: Any, frame: str) -> Outline:
    """Return the outline of a region.  Raises ValueError for coordinates that are none."""
    kind = type(region).__name__.removesuffix("Region").removesuffix("Sky").removesuffix("Pixel")
    outline = OUTLINES[kind](region, frame)
    if not all(np.isfinite(ring).all() for ring in outline.rings):
        raise ValueError("its coordinates are not all numbers")
    return outline


def _points(places: Any, frame: str) -> Points:
    """Return the coordinates of a region, (n, 2): degrees, or FITS pixels from 1."""
    if frame in {PIXEL, PHYSICAL}:
        found = np.stack([np.atleast_1d(places.x), np.atleast_1d(places.y)], axis=-1) + 1.0
    else:
        lnglat = places.spherical
        found = np.stack([np.atleast_1d(lnglat.lon.deg), np.atleast_1d(lnglat.lat.deg)], axis=-1)
    return np.asarray(found, dtype=np.float64)


def _number(size: Any) -> float:
    """Return a size in degrees or pixels, or an angle in degrees."""
    return float(size.to_value("deg") if hasattr(size, "to_value") else size)


def _halves(region: Any, which: str) -> tuple[float, float]:
    """Return the radius twice, or half the width and the height, of a part of a region."""
    if hasattr(region, f"{which}radius"):
        radius = _number(getattr(region, f"{which}radius"))
        return radius, radius
    return (
        _number(getattr(region, f"{which}width")) / 2,
        _number(getattr(region, f"{which}height")) / 2,
    )


def _about_centre(kind: str) -> Callable[[Any, str], Outline]:
    """Return a function that draws a shape, or an annulus of it."""

    def draw(region: Any, frame: str) -> Outline:
        centre = _points(region.center, frame)[0]
        angle = _number(getattr(region, "angle", 0.0))
        if frame not in {PIXEL, PHYSICAL} and kind != "circle":
            angle = (angle - 90) % 360  # ds9 counts from the west on the sky (east is left)
        annulus = hasattr(region, "outer_width") or hasattr(region, "outer_radius")
        half = _halves(region, "outer_" if annulus else "")
        inner = _halves(region, "inner_") if annulus else None
        return rounded(frame, centre, TrueShape(kind, half, angle, inner))

    return draw


OUTLINES: dict[str, Callable[[Any, str], Outline]] = {  # every shape that `regions` reads
    "Point": lambda region, frame: point(_points(region.center, frame)),
    "Text": lambda region, frame: point(_points(region.center, frame)),
    "Line": lambda region, frame: line(
        np.concatenate([_points(region.start, frame), _points(region.end, frame)])
    ),
    "Polygon": lambda region, frame: polygon(_points(region.vertices, frame)),
    "Circle": _about_centre("circle"),
    "CircleAnnulus": _about_centre("circle"),
    "Ellipse": _about_centre("ellipse"),
    "EllipseAnnulus": _about_centre("ellipse"),
    "Rectangle": _about_centre("box"),
    "RectangleAnnulus": _about_centre("box"),
}


def _properties(region: Any) -> dict[str, Any]:
    """Return the attributes of a region: label and color by these names, all others by theirs."""
    given = {**region.visual, **region.meta}
    label = str(getattr(region, "text", None) or given.pop("text", "") or "")
    color = given.pop("color", None) or given.get("edgecolor")
    properties = {
        name: value
        for name, value in given.items()
        if isinstance(value, _PLAIN) and name not in {"default_style", "facecolor", "edgecolor"}
    }
    if "include" in properties:
        properties["include"] = bool(properties["include"])
    if color:
        properties["color"] = str(color)
    if label:
        properties |= {"label": label, "description": html.escape(label)}
    return properties
