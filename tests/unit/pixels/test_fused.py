import numpy as np
import pytest

from iipastro.geometry import Size
from iipastro.pixels import fused, kernels, lut, resample
from iipastro.pixels.scene import Resize, Scene
from iipastro.view import View


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    kernels.warm_up()


def powers(values, power):
    """The compiled power law by itself."""
    tone = kernels._tone(lut.curve_of(View(gamma=power), Scene(())), True)
    rows = np.array([values, values], np.float32)
    fused._log(rows, (0, 1), len(values), tone)
    fused._exp(rows, 1, len(values))
    return rows[1]


@pytest.mark.parametrize("power", [0.2, 0.4545, 1 / 2.2, 0.5, 1.5, 2.0, 5.0])
def test_a_power_is_right_to_a_thousandth_of_a_level(power):
    values = np.concatenate([np.linspace(1e-6, 1, 100_001), np.geomspace(1e-30, 1, 1001)])
    values = values.astype(np.float32)
    expected = values.astype(np.float64) ** power
    assert np.abs(powers(values, power) - expected).max() * 255 < 1e-3


def test_powers_of_what_is_above_the_high_cut_keep_their_size():
    values = np.geomspace(1, 1e6, 1000).astype(np.float32)
    expected = values.astype(np.float64) ** 0.4545
    np.testing.assert_allclose(powers(values, 0.4545), expected, rtol=3e-6)


@pytest.mark.parametrize("power", [0.2, 5.0])
def test_nought_and_what_is_below_it_stay_dark(power):
    values = np.array([0, -0.0, -1, -1e30, -np.inf, 1e-45])
    assert (powers(values, power) * 255 * 16 < 1).all()
    assert (np.float32(1) - powers(values[:5], power) == 1).all()


def shown(kernel, *arguments, shape):
    out = np.zeros(shape, np.uint8)
    with np.errstate(all="ignore"):
        kernel(*arguments, out)
    return out


def sky(shape):
    samples = np.random.default_rng(3).normal(300, 400, shape).astype(np.float32)
    samples[0, 0] = np.nan
    samples.flags.writeable = False
    return samples


@pytest.mark.parametrize("view", [View(gamma=0.5), View(), View(inverted=True, logarithmic=True)])
@pytest.mark.parametrize("rows", [1, 3])
def test_python_says_what_the_compiler_makes(view, rows):
    """What the compiler is given, run by the interpreter: for a debugger, and for coverage."""
    mix = ((1.0, 0.5), (0, 0, 1), (1,))[:rows]
    mixing, finish, _ = kernels._recipe(((0.0, 900.0),) * 3, mix, lut.curve_of(view, Scene(())))
    samples = sky((5, 7, 3))
    found = shown(fused.show, samples, mixing, finish, shape=(5, 7, rows))
    again = shown(fused.show.py_func, samples, mixing, finish, shape=(5, 7, rows))
    assert np.abs(found.astype(int) - again).max() <= 1  # a compiler may join product and sum
    assert np.unique(found).size > 2


def test_python_says_what_the_compiler_makes_at_another_size():
    curve = lut.curve_of(View(gamma=0.5), Scene(()))
    mixing, finish, _ = kernels._recipe(((0.0, 900.0),), (), curve)
    grid = resample.samples_of(Resize(Size(7, 5), Size(11, 4), 0, 0, 4, smooth=True))
    samples = sky((5, 7, 1))
    found = shown(fused.show_resampled, samples, mixing, grid, finish, shape=(4, 11, 1))
    again = shown(fused.show_resampled.py_func, samples, mixing, grid, finish, shape=(4, 11, 1))
    assert np.abs(found.astype(int) - again).max() <= 1
    assert np.unique(found).size > 2
