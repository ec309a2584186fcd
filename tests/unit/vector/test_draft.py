"""What readers hand on."""

from __future__ import annotations

from iipastro.vector.draft import NO_POINTS, TrueShape


def test_no_points_can_be_joined_with_points():
    assert NO_POINTS.shape == (0, 2)


def test_a_shape_has_no_hole_unless_one_is_given():
    assert TrueShape("circle", (1.0, 1.0)) == ("circle", (1.0, 1.0), 0.0, None)
