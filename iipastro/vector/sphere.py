"""Offsets on the sphere, in degrees: exact at any distance and near the poles."""

from __future__ import annotations

import numpy as np

from .draft import Points


def offset(centres: Points, offsets: Points) -> Points:
    """Return the points at `offsets` (east, north; degrees) from `centres`: all (..., 2).

    The length of an offset is the distance on the great circle, its direction the position
    angle at the centre.  Longitudes are 0 to 360.
    """
    ahead, east, north = _axes(centres)
    distance = np.radians(np.hypot(offsets[..., 0], offsets[..., 1]))[..., None]
    angle = np.arctan2(offsets[..., 0], offsets[..., 1])[..., None]
    across = np.sin(angle) * east + np.cos(angle) * north
    x, y, z = np.moveaxis(np.cos(distance) * ahead + np.sin(distance) * across, -1, 0)
    lngs = np.degrees(np.arctan2(y, x)) % 360
    return np.stack([lngs, np.degrees(np.arctan2(z, np.hypot(x, y)))], axis=-1)


def offset_between(centres: Points, points: Points) -> Points:
    """Return the offsets (east, north; degrees) that lead from `centres` to `points`."""
    ahead, east, north = _axes(centres)
    aim = _axes(points)[0]
    to_east, to_north = (aim * east).sum(-1), (aim * north).sum(-1)
    angle = np.arctan2(to_east, to_north)
    distance = np.degrees(np.arctan2(np.hypot(to_east, to_north), (aim * ahead).sum(-1)))
    return np.stack([distance * np.sin(angle), distance * np.cos(angle)], axis=-1)


def _axes(points: Points) -> tuple[Points, Points, Points]:
    """Return the unit vectors to points, and those to the east and north of them: (..., 3)."""
    lng, lat = np.radians(points[..., 0]), np.radians(points[..., 1])
    nought = np.zeros_like(lng)
    ahead = np.stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)], -1)
    east = np.stack([-np.sin(lng), np.cos(lng), nought], -1)
    north = np.stack([-np.sin(lat) * np.cos(lng), -np.sin(lat) * np.sin(lng), np.cos(lat)], -1)
    return ahead, east, north
