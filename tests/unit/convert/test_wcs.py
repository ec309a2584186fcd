from __future__ import annotations

import math

import numpy as np
import pytest

from iipastro.convert.header import Header
from iipastro.convert.source import ConvertError
from iipastro.convert.wcs import corners, drift, linear_of, mapped
from iipastro.geometry import Size

TAN = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.0, "CRVAL2": 2.0}
TAN |= {"CRPIX1": 50.5, "CRPIX2": 40.5, "CDELT1": -0.001, "CDELT2": 0.001}


@pytest.fixture(name="linear")
def _linear(fits_card):
    def make(**more):
        keywords = {key: value for key, value in {**TAN, **more}.items() if value is not None}
        return linear_of(Header([fits_card(*pair) for pair in keywords.items()], "a.fits[0]"))

    return make


def test_without_coordinates_of_the_sky_there_are_none(linear):
    assert linear(CTYPE1=None) is None
    assert linear(CTYPE1="LINEAR") is None
    assert linear(CRVAL1=None) is None


def test_steps_a_matrix_and_a_rotation_say_the_same(linear):
    angle = math.radians(30)
    cosine, sine = math.cos(angle), math.sin(angle)
    turned = linear(CROTA2=30.0)
    pc = linear(PC1_1=cosine, PC1_2=sine, PC2_1=-sine, PC2_2=cosine)
    cd = linear(
        CD1_1=-0.001 * cosine, CD1_2=-0.001 * sine, CD2_1=-0.001 * sine, CD2_2=0.001 * cosine
    )
    assert np.allclose(turned.cd, cd.cd, atol=1e-18)
    assert np.allclose(pc.cd, cd.cd, atol=1e-18)
    assert linear().cd == ((-0.001, 0.0), (0.0, 0.001))


def test_a_distortion_is_passed_over(linear):
    assert linear(CTYPE1="RA---TAN-SIP", CTYPE2="DEC--TAN-SIP") == linear()
    assert linear(CTYPE1="RA---TPV", CTYPE2="DEC--TPV") == linear()
    assert linear(CTYPE1="RA---SIN", CTYPE2="DEC--SIN") != linear()


@pytest.mark.parametrize("more", [{"CDELT1": 0.0}, {"CD1_1": 0.0}])
def test_coordinates_without_an_inverse_are_refused(linear, more):
    with pytest.raises(ConvertError, match=r"a\.fits\[0\]: .* no inverse"):
        linear(**more)


def test_a_number_of_nonsense_is_refused(linear):
    with pytest.raises(ConvertError, match="CRVAL2 is"):
        linear(CRVAL2="north")


def test_pixels_are_found_again_on_a_shifted_grid(linear):
    places = mapped([(1.0, 1.0), (30.0, 20.0)], linear(), linear(CRPIX1=60.5, CRPIX2=20.5))
    assert np.allclose(places, [(11.0, -19.0), (40.0, 0.0)], atol=1e-6)


def test_corners_are_centres_of_pixels():
    assert corners(Size(5, 3)) == [(1, 1), (1, 3), (5, 1), (5, 3)]


def test_the_same_grid_does_not_drift(linear):
    size = Size(100, 80)
    assert drift(linear(), linear(), size) == 0
    assert drift(linear(), linear(CD1_1=-0.001, CD2_2=0.001), size) == 0
    assert drift(linear(), linear(CRPIX1=51.0), size) == pytest.approx(0.5)
    assert drift(linear(), linear(CRVAL2=3.0), size) == pytest.approx(1000, rel=0.01)


def test_another_part_of_the_sky_or_another_system_is_infinitely_far(linear):
    size = Size(100, 80)
    assert drift(linear(), linear(CRVAL1=330.0, CRVAL2=-2.0), size) == math.inf
    galactic = linear(CTYPE1="GLON-TAN", CTYPE2="GLAT-TAN")
    assert drift(linear(), galactic, size) == math.inf
    strange = linear(CTYPE1="RA---XXX", CTYPE2="DEC--XXX")
    assert drift(linear(), strange, size) == math.inf
