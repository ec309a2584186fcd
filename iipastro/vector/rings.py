"""Rings as RFC 7946 has them: closed, of continuous longitude, the right hand to the outside."""

from __future__ import annotations

import numpy as np

from .draft import Points

_POLE = 90.0


def closed(ring: Points) -> Points:
    """Return a ring that ends where it begins."""
    return ring if (ring[0] == ring[-1]).all() else np.concatenate([ring, ring[:1]])


def oriented(ring: Points, turn: float) -> Points:
    """Return a closed ring that runs counterclockwise for `turn` 1, clockwise for -1."""
    x, y = (ring - ring[0]).T
    area = float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())
    return ring[::-1] if area * turn < 0 else ring


def continuous(path: Points) -> Points:
    """Return a path on the sky whose longitudes never jump from 360 to 0; it begins in [0, 360)."""
    lngs = path[:, 0]
    steps = (np.diff(lngs) + 180) % 360 - 180
    wanted = lngs[0] % 360 + np.concatenate([[0.0], np.cumsum(steps)])
    turns = np.round((wanted - lngs) / 360)
    return np.stack([lngs + 360 * turns, path[:, 1]], axis=-1)


def on_plane(rings: tuple[Points, ...]) -> list[Points]:
    """Return the rings of a polygon in pixels: the first is the outer one, the others holes."""
    return [oriented(closed(ring), -1 if number else 1) for number, ring in enumerate(rings)]


def on_sky(rings: tuple[Points, ...], lng: float) -> list[Points]:
    """Return the rings of a polygon on the sky; all of them near the longitude `lng`.

    A ring about a pole runs through all longitudes.  It is closed along the pole, or along
    the hole that runs about the pole too: so the polygon is right on a plane of longitude and
    latitude as well.
    """
    outer, *holes = (_near(_cut(continuous(closed(ring)), lng), lng) for ring in rings)
    if _runs_around(outer):
        inside = [ring for ring in holes if _runs_around(ring)]
        holes = [ring for ring in holes if not _runs_around(ring)]
        outer = _about_pole(outer, inside[0] if inside else None)
    return [oriented(outer, 1), *(oriented(hole, -1) for hole in holes)]


def _cut(ring: Points, lng: float) -> Points:
    """Return a ring; one about a pole begins opposite to `lng`, where no hole is in the way."""
    if not _runs_around(ring):
        return ring
    start = int(np.abs((ring[:-1, 0] - lng) % 360 - 180).argmin())
    return continuous(closed(np.roll(ring[:-1], -start, axis=0)))


def _near(ring: Points, lng: float) -> Points:
    middle = (ring[:, 0].min() + ring[:, 0].max()) / 2
    return _shifted(ring, lng - middle)


def _shifted(ring: Points, by: float) -> Points:
    """Return a ring moved by the whole turns that are nearest to `by` degrees."""
    moved: Points = ring + np.array([360 * np.round(by / 360), 0.0])
    return moved


def _runs_around(ring: Points) -> bool:
    return abs(float(ring[-1, 0] - ring[0, 0])) > 180


def _about_pole(ring: Points, hole: Points | None) -> Points:
    """Return the ring with the way back to its beginning: along the hole, or along the pole."""
    if hole is None:
        pole = np.copysign(_POLE, ring[:, 1].mean())
        back = np.array([[ring[-1, 0], pole], [ring[0, 0], pole]])
    else:
        same = (hole[-1, 0] > hole[0, 0]) == (ring[-1, 0] > ring[0, 0])
        back = hole[::-1] if same else hole
        back = _shifted(back, ring[-1, 0] - back[0, 0])
    return closed(np.concatenate([ring, back]))
