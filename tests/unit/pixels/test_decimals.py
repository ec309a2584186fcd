import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from iipastro.pixels import decimals as module
from iipastro.pixels.decimals import decimals, warm_up


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    warm_up()


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [  # spec 2.8
        (np.uint16, [0, 65535], "0,65535"),
        (np.uint32, [1234567, 4294967295], "1.23457e+06,4.29497e+09"),
        (np.int16, [-5, 12], "-5,12"),
        (np.float32, [1.5, -2.0], "1.500000000,-2.000000000"),
        (np.float32, [633.989685059], "633.989685059"),
        (np.float32, [np.nan, 1.0, np.inf, -np.inf], "null,1.000000000,null,null"),
    ],
)
def test_values_are_written_as_the_reference_does(dtype, values, expected):
    assert decimals(np.array(values, dtype).reshape(1, -1, 1)).decode() == expected


def by_printf(values):
    return ",".join(f"{value:.9f}" if math.isfinite(value) else "null" for value in values)


@given(arrays(np.float32, st.integers(0, 50), elements=st.floats(width=32)))
def test_floats_are_written_as_printf_writes_them(samples):
    assert decimals(samples).decode() == by_printf(samples.tolist())


def test_halves_of_a_billionth_go_to_the_even_neighbour():
    exact = [2.0**-10, 3 * 2.0**-10, 5 * 2.0**-10, -(2.0**-10), 2.0**-11]  # 0.0009765625 and so on
    assert decimals(np.array(exact, np.float32)) == (
        b"0.000976562,0.002929688,0.004882812,-0.000976562,0.000488281"
    )


@pytest.mark.parametrize("large", [7.9e9, 8e9, 1.2e10, 3.4e38])
def test_the_largest_numbers_keep_their_digits(large):
    samples = np.array([1, np.float32(large), -np.float32(large), np.nan], np.float32)
    assert decimals(samples).decode() == by_printf(samples.tolist())


def test_what_it_writes_is_json():
    samples = np.array([-0.0, np.inf, 0.25], np.float32)
    assert json.loads(b"[%b]" % decimals(samples)) == [0, None, 0.25]


def test_the_compiled_loop_says_in_python_what_it_does_compiled():
    samples = np.array([-1.5, 0, 123456.7, np.nan, 10, 7.9e9], np.float32)
    compiled, interpreted = np.zeros((2, 200), np.uint8)
    with np.errstate(all="ignore"):
        length = module._write(samples, compiled)
        assert module._write.py_func(samples, interpreted) == length
    np.testing.assert_array_equal(compiled, interpreted)
