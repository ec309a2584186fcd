"""Brightness, against the formulas worked out in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest

from iipastro.convert.source import ConvertError
from iipastro.convert.stretch import Stretch, make_stretch, within

CUTS = ((0.0, 100.0),)


def shown(values, stretch, cuts=CUTS, dtype="uint8"):
    pixels = np.array(values, dtype=np.float32).reshape(1, -1, len(cuts))
    return make_stretch(stretch, cuts, dtype)(pixels)


@pytest.mark.parametrize(
    ("stretch", "formula"),
    [
        (Stretch("linear"), lambda x: x),
        (Stretch("gamma"), lambda x: x ** (1 / 2.2)),
        (Stretch("gamma", 1.5), lambda x: x ** (1 / 1.5)),
        (Stretch("asinh"), lambda x: math.asinh(x / 0.1) / math.asinh(1 / 0.1)),
        (Stretch("asinh", 0.5), lambda x: math.asinh(x / 0.5) / math.asinh(1 / 0.5)),
    ],
    ids=str,
)
@pytest.mark.parametrize(("dtype", "white"), [("uint8", 255), ("uint16", 65535)])
def test_a_curve_is_its_formula(stretch, formula, dtype, white):
    values = [0, 1, 7, 25, 50, 93, 100]
    expected = [white * formula(value / 100) for value in values]
    found = shown(values, stretch, dtype=dtype)
    assert found.dtype == dtype
    np.testing.assert_allclose(found.ravel(), expected, rtol=0, atol=0.51)


@pytest.mark.parametrize("name", ["linear", "gamma", "asinh", "lupton"])
def test_what_lies_outside_the_cuts_is_black_or_white_and_nan_is_black(name):
    cuts = CUTS * 3 if name == "lupton" else CUTS
    values = np.repeat([-np.inf, -5, 0, 100, np.inf, np.nan], len(cuts))
    found = shown(values, Stretch(name), cuts)[0, :, 0].tolist()
    assert found[:3] == [0, 0, 0]
    assert found[3] >= 254
    assert found[4] >= 254
    assert found[5] == 0


def test_every_channel_has_its_cuts():
    found = shown([50, 50], Stretch("linear"), ((0.0, 100.0), (40.0, 50.0)))
    assert found.ravel().tolist() == [128, 255]


def test_equal_cuts_make_black_and_white():
    assert shown([9, 10, 11], Stretch("linear"), ((10.0, 10.0),)).ravel().tolist() == [0, 0, 255]


def test_values_are_scaled_without_losing_what_float32_holds():
    found = within(np.array([[[1e7 + 1]]], np.float32), ((1e7, 1e7 + 4),))
    assert found.tolist() == [[[0.25]]]


def test_lupton_keeps_the_color_of_what_is_too_bright():
    ((dim, bright),) = shown([2, 1, 0.5, 2000, 1000, 500], Stretch("lupton"), CUTS * 3)
    assert bright[0] == 255
    assert bright[0] > bright[1] > bright[2]
    # f(I) of the mean brightness I, logarithmic from about 1 / sinh(k) on, with f(1) = 1
    k, mean = 10 * math.asinh(0.8), (0.02 + 0.01 + 0.005) / 3
    light = math.asinh(mean * math.sinh(k)) / k
    np.testing.assert_allclose(dim, [255 * light * x / mean for x in (0.02, 0.01, 0.005)], atol=1.1)


@pytest.mark.parametrize(
    ("stretch", "cuts", "dtype", "message"),
    [
        (Stretch("lupton"), CUTS, "uint8", "three channels, not 1"),
        (Stretch("lupton"), CUTS * 3, "uint16", "8 bits"),
        (Stretch("lupton", 501.0), CUTS * 3, "uint8", "500 at most"),
        (Stretch("gamma", 0.0), CUTS, "uint8", "above 0"),
        (Stretch("gamma", -1.0), CUTS, "uint8", "above 0"),
        (Stretch("asinh", math.inf), CUTS, "uint8", "above 0"),
    ],
)
def test_what_fits_not_is_refused(stretch, cuts, dtype, message):
    with pytest.raises(ConvertError, match=message):
        make_stretch(stretch, cuts, dtype)


def test_the_pixels_are_not_written_to():
    pixels = np.array([[[1.0], [np.nan]]], np.float32)
    pixels.flags.writeable = False
    make_stretch(Stretch("asinh"), CUTS, "uint8")(pixels)
