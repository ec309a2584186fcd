import math

import numpy as np
import pytest

from iipastro.pixels import tone


def column(*values):
    return np.array(values, dtype=np.float32).reshape(-1, 1, 1)


@pytest.mark.parametrize(
    ("power", "expected"),
    [
        (2, [0, 0, 0.25, 1, 4]),
        (0.5, [0, 0, math.sqrt(0.5), 1, math.sqrt(2)]),
        (0, [1, 1, 1, 1, 1]),
    ],
)
def test_gamma_is_a_power_of_what_is_above_0(power, expected):
    found = tone.gamma(column(-3, 0, 0.5, 1, 2), power)
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-6)


@pytest.mark.parametrize("operation", [lambda p: tone.gamma(p, 0.4), tone.logarithm, tone.invert])
def test_curves_work_in_place(operation):
    pixels = column(0.1, 0.7)
    assert operation(pixels) is pixels
    assert pixels.dtype == np.float32


def test_the_logarithm_keeps_0_and_1_and_lifts_what_is_between():
    found = tone.logarithm(column(-1, 0, 1 / 255, 0.5, 1)).ravel()
    expected = [0, 0, 0.125, math.log(128.5) / math.log(256), 1]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert found[-1] == 1


def test_inversion_goes_beyond_0_and_1():
    assert tone.invert(column(-1, 0, 0.25, 1, 2)).ravel().tolist() == [2, 1, 0.75, 0, -1]
