"""Rings: closed, continuous, the right way round, and right about the poles."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from iipastro.vector.draft import TrueShape
from iipastro.vector.rings import closed, continuous, on_plane, on_sky, oriented
from iipastro.vector.shapes import rounded
from iipastro.vector.sphere import offset_between

SQUARE = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])


def inside(rings, lng, lat):
    """Whether a point lies in a polygon of the plane of longitude and latitude (even-odd)."""
    count = 0
    for ring in rings:
        for (x0, y0), (x1, y1) in itertools.pairwise(ring):
            if (y0 > lat) != (y1 > lat):
                count += x0 + (lat - y0) / (y1 - y0) * (x1 - x0) > lng
    return count % 2 == 1


def area(ring):
    x, y = (ring - ring[0]).T
    return (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2


def test_a_ring_ends_where_it_begins():
    assert closed(SQUARE).tolist() == [*SQUARE.tolist(), [0, 0]]
    assert closed(closed(SQUARE)).shape == (5, 2)


@pytest.mark.parametrize("turn", [1, -1])
def test_a_ring_runs_the_way_that_is_wanted(turn):
    for ring in (closed(SQUARE), closed(SQUARE)[::-1]):
        assert area(oriented(ring, turn)) == 4 * turn


def test_longitudes_go_on_beyond_360_and_below_0():
    path = np.array([[359.5, 0.0], [0.5, 1.0], [1.5, 1.0], [359.0, 0.0]])
    assert continuous(path)[:, 0].tolist() == [359.5, 360.5, 361.5, 359]
    assert continuous(path[1::2])[:, 0].tolist() == [0.5, -1]
    assert continuous(path - np.array([360, 0]))[:, 0].tolist() == [359.5, 360.5, 361.5, 359]


def test_outer_rings_run_counterclockwise_and_holes_clockwise():
    rings = on_plane((SQUARE[::-1], SQUARE / 2))
    assert [area(ring) for ring in rings] == [4, -1]


@pytest.mark.parametrize("lng", [0.0, 0.01, 359.99, 180.0])
def test_a_polygon_lies_about_its_centre(lng):
    shape = TrueShape("circle", (0.5, 0.5), 0.0, (0.1, 0.1))
    rings = on_sky(rounded("icrs", np.array([lng, 20.0]), shape).rings, lng)
    for ring in rings:
        assert np.abs(ring[:, 0] - lng).max() < 0.6
    assert (area(rings[0]) > 0, area(rings[1]) < 0) == (True, True)


@pytest.mark.parametrize("hole", [None, (0.3, 0.3)])
@pytest.mark.parametrize(
    ("lng", "lat"),
    [(10.0, 89.5), (350.0, 89.9), (0.0, 90.0), (77.0, 88.5), (200.0, -89.5), (0.0, -90.0)],
)
def test_a_circle_about_a_pole_is_right_on_the_plane(lng, lat, hole):
    """What lies in the polygon is what is near enough to the centre, whatever the longitude."""
    centre = np.array([lng, lat])
    outline = rounded("icrs", centre, TrueShape("circle", (1.0, 1.0), 0.0, hole))
    rings = on_sky(outline.rings, lng)
    assert all((ring[0] == ring[-1]).all() for ring in rings)
    assert area(rings[0]) > 0
    start = rings[0][:, 0].min()
    rng = np.random.default_rng(3)
    for lng_, depth in zip(rng.uniform(0, 360, 400), rng.uniform(0.02, 3, 400), strict=True):
        place = np.array([[start + (lng_ - start) % 360, np.copysign(90 - depth, lat)]])
        apart = np.hypot(*offset_between(centre[None], place)[0])
        edges = (1.0, *((hole or ())[:1]))
        if min(abs(apart - edge) for edge in edges) < 0.01:  # the sides are chords
            continue
        expected = apart < 1.0 and (hole is None or apart > hole[0])
        turns = (-360, 0, 360)
        assert any(inside(rings, place[0, 0] + turn, place[0, 1]) for turn in turns) == expected


def test_a_polygon_of_corners_about_a_pole_holds_the_pole():
    corners = np.array([[0.0, 80.0], [90.0, 80.0], [180.0, 80.0], [270.0, 80.0]])
    (ring,) = on_sky((corners,), 0.0)
    assert ring[:, 1].max() == 90
    assert np.ptp(ring[:, 0]) == 360
    assert area(ring) == pytest.approx(3600)
