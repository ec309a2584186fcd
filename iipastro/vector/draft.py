"""What readers hand on: a feature in the frame of its input, or why there is none."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Points = np.ndarray[Any, np.dtype[np.float64]]  # (n, 2): degrees, or FITS pixels from 1
PIXEL = "pixel"  # the frame of FITS pixels: the centre of the first one is 1, 1
PHYSICAL = "physical"  # ds9's pixels of the original image: LTV and LTM lead to it
NO_POINTS: Points = np.empty((0, 2))


class InputError(Exception):
    """The input as a whole cannot be used."""


class TrueShape(NamedTuple):
    """What a polygon stands for.

    Lengths are in degrees on the sky, else in pixels; the angle in degrees is that of the first
    axis: from north to east on the sky, from the first pixel axis to the second one else.
    """

    kind: str  # circle, ellipse or box
    half: tuple[float, float]  # radius twice, semi-axes, or half the sides
    angle: float = 0.0
    inner: tuple[float, float] | None = None  # the same, of the hole of an annulus


class Outline(NamedTuple):
    """A geometry in one frame."""

    kind: str  # of GeoJSON: Point, LineString or Polygon
    rings: tuple[Points, ...]  # one; of a polygon the outer one, then holes; not closed
    controls: Points = NO_POINTS  # with a shape: centre, end of the first and of the second axis
    shape: TrueShape | None = None


class Draft(NamedTuple):
    """A feature as it was read."""

    number: int  # of the line or row
    id: int | str
    frame: str
    outline: Outline
    properties: dict[str, Any]


class BadRow(NamedTuple):
    """A line or row of which no feature can be made."""

    number: int
    reason: str
