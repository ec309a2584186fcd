import numpy as np
import pytest

from iipastro.pixels import levels

F = np.float32


def test_the_gain_is_one_over_the_width_in_float32():
    lows, gains = levels.ramps(((0, 3), (2, -2), (1, 1), (0, 1e-31), (0, -1e-31)))
    assert lows.tolist() == [0, 2, 1, 0, 0]
    assert gains.tolist() == [F(1) / F(3), F(-0.25), F(1e30), F(1e30), F(1e30)]


def test_each_channel_has_its_own_cuts():
    raw = np.full((2, 2, 3), 10, dtype=np.int16)
    pixels = levels.normalize(raw, ((0, 10), (0, 20), (10, 20)))
    assert pixels.dtype == np.float32
    assert pixels[1, 1].tolist() == [1, 0.5, 0]


def test_nothing_is_clipped():
    raw = np.array([[[-5], [25]]], dtype=np.float32)
    assert levels.normalize(raw, ((0, 10),)).ravel().tolist() == [F(-5) * F(0.1), 2.5]


def test_normalising_never_writes_what_it_is_given():
    raw = np.array([[[np.nan], [1]]], dtype=np.float32)
    raw.flags.writeable = False
    pixels = levels.normalize(raw, ((0, 1),))
    assert pixels.ravel().tolist() == [0, 1]
    assert not np.shares_memory(raw, pixels)


@pytest.mark.parametrize(
    ("value", "contrast", "byte"),
    [
        (0.999, 1, 254),  # 254.745: truncated, not rounded
        (1, 1, 255),
        (np.nextafter(F(1), F(0)), 1, 254),
        (np.nan, 1, 255),
        (np.inf, 1, 255),
        (-np.inf, 1, 0),
        (-0.0, 1, 0),
        (0.5, 1.5, 191),
        (0.5, 0.7, 89),  # 255 * 0.5 * f32(0.7) = 89.249998
    ],
)
def test_a_byte_is_truncated_and_cut(value, contrast, byte):
    assert levels.to_bytes(np.full((1, 1, 1), value, dtype=np.float32), contrast).item() == byte


def test_the_product_is_that_of_float64_rounded_to_float32():
    # spec 3.2, literally: f32(f64(n) * 255 * f64(c)), one value at a time
    values = np.random.default_rng(4).uniform(0, 1.4, 2000).astype(np.float32)
    for contrast in (1.0, 0.7, 1.1, 1 / 3):
        products = [F(float(n) * 255.0 * float(F(contrast))) for n in values]
        expected = [255 if not t < 255 else int(t) for t in products]
        found = levels.to_bytes(values.reshape(-1, 1, 1).copy(), contrast)
        assert found.ravel().tolist() == expected
