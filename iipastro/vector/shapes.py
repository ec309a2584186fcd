"""Outlines of shapes, in the frame in which they are given, and what becomes of a true shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .draft import PHYSICAL, PIXEL, Outline, Points, TrueShape
from .sphere import offset, offset_between

VERTICES = 64  # of a circle: the sides lie within 0.12 % of the radius
LARGEST = 90.0  # degrees: a circle on the sky is less than half of it
_ROUND = 1e-3  # of the radius: what differs less from a circle is one


def is_sky(frame: str) -> bool:
    """Whether the coordinates of a frame are angles."""
    return frame not in {PIXEL, PHYSICAL}


def point(place: Points) -> Outline:
    """Return a point at `place`, (1, 2)."""
    return Outline("Point", (place,))


def line(places: Points) -> Outline:
    """Return the line through `places`.  Raises ValueError for fewer than two."""
    if len(places) < 2:
        raise ValueError("a line has at least two ends")
    return Outline("LineString", (places,))


def polygon(places: Points) -> Outline:
    """Return the polygon with the corners `places`.  Raises ValueError for fewer than three."""
    if len(places) < 3:
        raise ValueError("a polygon has at least three corners")
    return Outline("Polygon", (places,))


def rounded(frame: str, centre: Points, shape: TrueShape) -> Outline:
    """Return the polygon that stands for a circle, ellipse, box or annulus about `centre`, (2,).

    Raises ValueError for a size that cannot be drawn.
    """
    return outlines(frame, centre[None], [shape])[0]


def outlines(frame: str, centres: Points, shapes: Sequence[TrueShape]) -> list[Outline]:
    """Return the polygons of shapes of one kind, with or without holes, about `centres`, (n, 2).

    Raises ValueError if a size cannot be drawn: see `fault_of`.
    """
    for shape in shapes:
        if fault := fault_of(frame, shape):
            raise ValueError(fault)
    if not shapes:
        return []
    kind = shapes[0].kind
    half = np.array([shape.half for shape in shapes])
    angles = np.array([shape.angle for shape in shapes])
    rings = [_ring(kind, half)]
    if shapes[0].inner is not None:
        rings.append(_ring(kind, np.array([shape.inner for shape in shapes])))
    ends = half[:, None, :] * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    placed = [_placed(frame, centres, angles, along) for along in (ends, *rings)]
    controls, *drawn = placed
    return [
        Outline("Polygon", tuple(ring[number] for ring in drawn), controls[number], shape)
        for number, shape in enumerate(shapes)
    ]


def fault_of(frame: str, shape: TrueShape) -> str:
    """Return why a shape cannot be drawn; nothing if it can."""
    sizes = (*shape.half, *(shape.inner or shape.half))
    if not all(np.isfinite(size) and size > 0 for size in sizes) or not np.isfinite(shape.angle):
        return "sizes have to be greater than 0, and angles numbers"
    if shape.inner and any(i >= o for i, o in zip(shape.inner, shape.half, strict=True)):
        return "the hole is not smaller than the shape"
    reach = np.hypot(*shape.half) if shape.kind == "box" else max(shape.half)
    if is_sky(frame) and reach >= LARGEST:
        return "the shape is larger than half of the sky"
    return ""


def _ring(kind: str, half: Points) -> Points:
    """Return the vertices along the two axes of shapes: (shapes, vertices, 2)."""
    if kind == "box":
        unit = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    else:
        turn = np.arange(VERTICES) * (2 * np.pi / VERTICES)
        unit = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    ring: Points = half[:, None, :] * unit
    return ring


def _placed(frame: str, centres: Points, angles: Points, along: Points) -> Points:
    """Return points of a frame: `along` (shapes, points, 2) is measured along the turned axes."""
    cosine, sine = np.cos(np.radians(angles))[:, None], np.sin(np.radians(angles))[:, None]
    first, second = along[..., 0], along[..., 1]
    if is_sky(frame):  # with north up and east to the left, the second axis is a quarter further
        east = first * sine + second * cosine
        north = first * cosine - second * sine
        return offset(centres[:, None, :], np.stack([east, north], axis=-1))
    turned = np.stack([first * cosine - second * sine, first * sine + second * cosine], axis=-1)
    return centres[:, None, :] + turned


def restated(shape: TrueShape, controls: Points, sky: bool) -> TrueShape:
    """Return a shape as it is in the frame of `controls`: centre and ends of the axes, (3, 2).

    An ellipse keeps its true axes even where the frames are not alike in all directions;
    a circle becomes an ellipse there.  A box keeps the lengths of its sides.
    """
    centre, ends = controls[:1], controls[1:]
    vectors = offset_between(centre, ends) if sky else ends - centre
    if shape.kind == "box":
        half, axis = np.hypot(vectors[:, 0], vectors[:, 1]), vectors[0]
    else:
        turned, half, _ = np.linalg.svd(vectors.T)
        axis = turned[:, 0]
        if half[1] > half[0] * (1 - _ROUND) and shape.kind == "circle":
            radius = float(half.mean())
            return _scaled(shape, TrueShape("circle", (radius, radius)))
    angle = np.degrees(np.arctan2(*axis) if sky else np.arctan2(axis[1], axis[0])) % 360
    kind = "box" if shape.kind == "box" else "ellipse"
    angle = angle % 180 if kind == "ellipse" else angle
    return _scaled(shape, TrueShape(kind, (float(half[0]), float(half[1])), float(angle)))


def _scaled(old: TrueShape, new: TrueShape) -> TrueShape:
    """Return the new shape with the hole of the old one, which is similar to it."""
    if old.inner is None:
        return new
    ratios = [inner / outer for inner, outer in zip(old.inner, old.half, strict=True)]
    if new.kind == "ellipse" and old.half[0] < old.half[1]:  # the longer axis is the first now
        ratios.reverse()
    return new._replace(inner=(new.half[0] * ratios[0], new.half[1] * ratios[1]))
