"""Outlines of shapes: vertices beside astropy, sizes by hand."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from iipastro.vector.draft import PIXEL, TrueShape
from iipastro.vector.shapes import (
    VERTICES,
    fault_of,
    line,
    outlines,
    point,
    polygon,
    restated,
    rounded,
)


def circle(frame, lng, lat, radius):
    return rounded(frame, np.array([lng, lat]), TrueShape("circle", (radius, radius)))


@pytest.mark.parametrize("place", [(10.0, 0.0), (0.0, 20.0), (359.999, -70.0), (33.0, 89.999)])
@pytest.mark.parametrize("radius", [2.8e-4, 0.5, 20.0])
def test_every_vertex_of_a_circle_on_the_sky_is_one_radius_away(place, radius):
    (ring,) = circle("icrs", *place, radius).rings
    assert len(ring) == VERTICES
    centre = SkyCoord(*place, unit="deg")
    expected = centre.directional_offset_by(
        np.arange(VERTICES) * (360 / VERTICES) * u.deg, radius * u.deg
    )
    vertices = SkyCoord(*ring.T, unit="deg")
    assert vertices.separation(expected).deg.max() < (1e-7 if place[1] > 89 else 1e-10)
    assert centre.separation(vertices).deg == pytest.approx(radius, rel=1e-9)


def test_an_ellipse_on_the_sky_points_from_north_to_east():
    shape = TrueShape("ellipse", (0.02, 0.01), 30.0)
    outline = rounded("icrs", np.array([100.0, 60.0]), shape)
    centre = SkyCoord(100, 60, unit="deg")
    ring = SkyCoord(*outline.rings[0].T, unit="deg")
    apart, angle = centre.separation(ring).deg, centre.position_angle(ring).deg
    assert apart.max() == pytest.approx(0.02)
    assert apart.min() == pytest.approx(0.01)
    assert angle[apart.argmax()] % 180 == pytest.approx(30, abs=1e-6)
    assert outline.shape == shape


def test_an_ellipse_in_pixels_points_from_x_to_y():
    (ring,) = rounded(PIXEL, np.array([100.0, 50.0]), TrueShape("ellipse", (4.0, 2.0), 90.0)).rings
    np.testing.assert_allclose(ring[0], [100, 54], atol=1e-12)
    np.testing.assert_allclose(ring[VERTICES // 4], [98, 50], atol=1e-12)


def test_a_box_in_pixels_has_its_corners():
    (ring,) = rounded(PIXEL, np.array([10.0, 20.0]), TrueShape("box", (3.0, 1.0))).rings
    assert ring.tolist() == [[13, 21], [7, 21], [7, 19], [13, 19]]


def test_a_box_on_the_sky_is_measured_on_great_circles():
    (ring,) = rounded("icrs", np.array([40.0, 60.0]), TrueShape("box", (0.3, 0.1), 90.0)).rings
    corners = SkyCoord(*ring.T, unit="deg")
    sides = corners.separation(np.roll(corners, -1)).deg
    np.testing.assert_allclose(sides, [0.6, 0.2, 0.6, 0.2], rtol=1e-4)
    assert (ring[0, 0] > 40, ring[0, 1] < 60) == (True, True)  # east, then a quarter further: south


def test_an_annulus_has_a_hole():
    outline = rounded(PIXEL, np.array([0.0, 0.0]), TrueShape("circle", (4.0, 4.0), 0.0, (1.0, 1.0)))
    assert [np.hypot(*ring.T).round(9).max() for ring in outline.rings] == [4, 1]


def test_many_are_drawn_at_once():
    shapes = [TrueShape("circle", (r, r)) for r in (1.0, 2.0)]
    one, two = outlines(PIXEL, np.array([[0.0, 0.0], [100.0, 0.0]]), shapes)
    assert (one.rings[0][0].tolist(), two.rings[0][0].tolist()) == ([1, 0], [102, 0])
    assert outlines(PIXEL, np.empty((0, 2)), []) == []


@pytest.mark.parametrize(
    ("frame", "shape", "fault"),
    [
        (PIXEL, TrueShape("circle", (0.0, 0.0)), "greater than 0"),
        (PIXEL, TrueShape("ellipse", (1.0, -1.0)), "greater than 0"),
        (PIXEL, TrueShape("circle", (np.nan, np.nan)), "greater than 0"),
        (PIXEL, TrueShape("ellipse", (1.0, np.inf)), "greater than 0"),
        (PIXEL, TrueShape("ellipse", (1.0, 1.0), np.nan), "angles numbers"),
        (PIXEL, TrueShape("circle", (1.0, 1.0), 0.0, (1.0, 1.0)), "the hole"),
        (PIXEL, TrueShape("circle", (1.0, 1.0), 0.0, (0.0, 0.0)), "greater than 0"),
        ("icrs", TrueShape("circle", (90.0, 90.0)), "half of the sky"),
        ("icrs", TrueShape("box", (64.0, 64.0)), "half of the sky"),
        ("icrs", TrueShape("box", (63.0, 63.0)), ""),
        ("icrs", TrueShape("ellipse", (89.0, 89.0)), ""),
        (PIXEL, TrueShape("circle", (5000.0, 5000.0)), ""),
    ],
)
def test_a_shape_that_cannot_be_drawn_says_why(frame, shape, fault):
    assert fault in fault_of(frame, shape)
    assert bool(fault) == bool(fault_of(frame, shape))
    if fault:
        with pytest.raises(ValueError, match=fault):
            rounded(frame, np.zeros(2), shape)


def test_points_lines_and_polygons_are_what_they_are_given():
    corners = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 0.0]])
    assert point(corners[:1]).rings[0].tolist() == [[1, 2]]
    assert (line(corners[:2]).kind, polygon(corners).kind) == ("LineString", "Polygon")
    with pytest.raises(ValueError, match="two ends"):
        line(corners[:1])
    with pytest.raises(ValueError, match="three corners"):
        polygon(corners[:2])


# ---- what becomes of a shape


def test_a_circle_that_is_scaled_stays_a_circle():
    controls = np.array([[5.0, 5.0], [5.0, 8.0], [2.0, 5.0]])
    new = restated(TrueShape("circle", (1.0, 1.0), 0.0, (0.5, 0.5)), controls, sky=False)
    assert new == TrueShape("circle", (3, 3), 0.0, (1.5, 1.5))


def test_a_circle_that_is_stretched_becomes_an_ellipse():
    controls = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    new = restated(TrueShape("circle", (1.0, 1.0)), controls, sky=False)
    assert (new.kind, new.half, new.angle) == ("ellipse", (2, 1), 90)


def test_the_axes_of_a_sheared_ellipse_are_its_true_ones():
    """By hand: of x² + 2y² … the shear (1, 0), (1, 1) has the singular values φ and 1/φ."""
    controls = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    new = restated(TrueShape("ellipse", (1.0, 1.0)), controls, sky=False)
    golden = (1 + 5**0.5) / 2
    assert new.half == pytest.approx((golden, 1 / golden))
    assert new.angle == pytest.approx(np.degrees(np.arctan(1 / golden)))


def test_the_hole_turns_with_the_axes():
    shape = TrueShape("ellipse", (1.0, 4.0), 0.0, (0.5, 1.0))
    new = restated(shape, np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 4.0]]), sky=False)
    assert (new.half, new.inner, new.angle) == ((4, 1), (1, 0.5), 90)


def test_a_box_keeps_the_order_of_its_sides():
    new = restated(TrueShape("box", (1.0, 4.0)), np.array([[0.0, 0], [0, -2], [8, 0]]), sky=False)
    assert (new.kind, new.half, new.angle) == ("box", (2, 8), 270)


def test_an_angle_on_the_sky_counts_from_north_to_east():
    shape = TrueShape("ellipse", (0.02, 0.01), 30.0)
    outline = rounded("icrs", np.array([100.0, 60.0]), shape)
    new = restated(shape, outline.controls, sky=True)
    assert new.half == pytest.approx(shape.half)
    assert new.angle == pytest.approx(30)
