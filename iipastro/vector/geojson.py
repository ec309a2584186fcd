"""Features as RFC 7946 text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from .draft import PIXEL, BadRow, Draft, InputError, Points, TrueShape
from .rings import continuous, on_plane, on_sky
from .shapes import restated
from .wcs import Target, converted

_DECIMALS = {True: 9, False: 6}  # of degrees (4 microarcseconds), and of pixels
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_SIZES = {"circle": "radius", "ellipse": "semi_axes", "box": "size"}


def head(frame: str, source: str) -> str:
    """Return how a collection begins, up to its first feature."""
    facts: dict[str, Any] = {"frame": frame, "units": "pixel" if frame == PIXEL else "deg"}
    if frame == PIXEL:
        facts["first_pixel"] = [1, 1]
    member = _text({**facts, "source": source})
    return f'{{"type": "FeatureCollection",\n"iipastro": {member},\n"features": ['


TAIL = "\n]}\n"


def features(drafts: Sequence[Draft], target: Target) -> Iterator[str | BadRow]:
    """Yield drafts as texts of features, and those that have no place in the target's frame."""
    for draft, points in zip(drafts, _all_converted(drafts, target), strict=True):
        if isinstance(points, str):
            yield BadRow(draft.number, points)
        elif not np.isfinite(points).all():
            yield BadRow(draft.number, "outside of the projection of the image")
        else:
            yield _feature(draft, points, target.frame)


def _all_converted(drafts: Sequence[Draft], target: Target) -> Iterator[Points | str]:
    """Yield all points of each draft in the target's frame: (n, 2), or why there are none."""
    found: dict[str, Iterator[Points] | str] = {}
    for frame in {draft.frame for draft in drafts}:
        parts = [(d.outline.controls, *d.outline.rings) for d in drafts if d.frame == frame]
        try:
            points = converted(np.concatenate([p for part in parts for p in part]), frame, target)
        except InputError as error:
            found[frame] = str(error)
        else:
            ends = np.cumsum([sum(map(len, part)) for part in parts])
            found[frame] = iter(np.split(points, ends[:-1]))
    for draft in drafts:
        one = found[draft.frame]
        yield one if isinstance(one, str) else next(one)


def _feature(draft: Draft, points: Points, frame: str) -> str:
    sky = frame != PIXEL
    outline = draft.outline
    if outline.kind == "Point":  # what catalogues are made of: a million of them has to be quick
        return _written(draft, _rounded(points[0], sky), draft.properties)
    lengths = [len(outline.controls), *map(len, outline.rings)]
    controls, *rings = np.split(points, np.cumsum(lengths[:-1]))
    coordinates = _coordinates(outline.kind, rings, controls, sky)
    properties = draft.properties
    if outline.shape is not None:
        same = draft.frame == frame
        shape = outline.shape if same else restated(outline.shape, controls, sky)
        properties = {**properties, "shape": _shape(shape, _rounded(controls[0], sky))}
    return _written(draft, coordinates, properties)


def _written(draft: Draft, coordinates: Any, properties: dict[str, Any]) -> str:
    return _text(
        {
            "type": "Feature",
            "id": draft.id,
            "geometry": {"type": draft.outline.kind, "coordinates": coordinates},
            "properties": properties,
        }
    )


def _coordinates(kind: str, rings: Sequence[Points], controls: Points, sky: bool) -> Any:
    first = rings[0]
    if kind == "LineString":
        return _rounded(continuous(first) if sky else first, sky)
    middle = controls[0] if len(controls) else first[0]
    polygon = on_sky(tuple(rings), middle[0] % 360) if sky else on_plane(tuple(rings))
    return [_rounded(ring, sky) for ring in polygon]


def _rounded(points: Points, sky: bool) -> Any:
    """Return points as lists; a single one on the sky has its longitude in [0, 360)."""
    if points.ndim > 1:
        return np.round(points, _DECIMALS[sky]).tolist()
    x, y = (round(number, _DECIMALS[sky]) for number in points.tolist())
    return [x % 360, y] if sky else [x, y]


def _shape(shape: TrueShape, centre: Any) -> dict[str, Any]:
    """Return what a polygon stands for, in the frame of the collection."""
    result: dict[str, Any] = {"type": shape.kind, "center": centre}
    for prefix, half in (("", shape.half), ("inner_", shape.inner)):
        if half is not None:
            result[prefix + _SIZES[shape.kind]] = _size(shape.kind, half)
    if shape.kind != "circle":
        result["angle"] = round(shape.angle, 6)
    return result


def _size(kind: str, half: tuple[float, float]) -> Any:
    if kind == "circle":
        return round(half[0], 12)
    factor = 2 if kind == "box" else 1
    return [round(factor * size, 12) for size in half]


def _text(value: Any) -> str:
    """Return JSON.  Raises ValueError for NaN, which no reader of a table lets through."""
    return _ENCODER.encode(value)


def joined(texts: Iterable[str]) -> Iterator[str]:
    """Yield features with what stands between them."""
    between = "\n"
    for text in texts:
        yield between + text
        between = ",\n"
