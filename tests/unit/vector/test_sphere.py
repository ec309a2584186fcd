"""Offsets on the sphere, beside astropy's."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from iipastro.vector.sphere import offset, offset_between

CENTRES = [
    (0.0, 0.0),
    (359.999, 12.0),
    (210.8, 54.3),
    (10.0, 89.99),
    (123.0, -89.9999),
    (5.0, 90.0),
]


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("distance", [1e-6, 0.01, 1.0, 45.0, 89.0])
def test_offsets_are_those_of_astropy(centre, distance):
    angles = np.arange(0, 360, 30.0)
    east, north = distance * np.sin(np.radians(angles)), distance * np.cos(np.radians(angles))
    ours = offset(np.array([centre]), np.stack([east, north], axis=-1))
    sky = SkyCoord(*centre, unit="deg")
    theirs = sky.directional_offset_by(angles * sky.ra.unit, distance * sky.ra.unit)
    apart = SkyCoord(*ours.T, unit="deg").separation(theirs)
    near_pole = abs(centre[1]) > 89.999  # where astropy finds latitudes as arcsines
    assert apart.deg.max() < (1e-6 if near_pole else 1e-10)
    assert sky.separation(SkyCoord(*ours.T, unit="deg")).deg == pytest.approx(distance, rel=1e-8)
    assert ((ours[:, 0] >= 0) & (ours[:, 0] < 360)).all()


@pytest.mark.parametrize("centre", CENTRES[:5])
def test_the_way_back_is_the_offset(centre):
    offsets = np.array([[1e-5, 0.0], [0.0, -2e-5], [30.0, 40.0], [-3.0, 1.0]])
    centres = np.array([centre])
    there = offset(centres, offsets)
    np.testing.assert_allclose(offset_between(centres, there), offsets, rtol=1e-8, atol=1e-12)


def test_a_degree_to_the_north_is_a_degree_of_latitude():
    assert offset(np.array([[40.0, 10.0]]), np.array([[0.0, 1.0]])) == pytest.approx(
        np.array([[40.0, 11.0]])
    )
