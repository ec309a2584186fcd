import math

import numpy as np
import pytest

from iipastro.pixels.shade import shade


def shaded(normal, light):
    return shade(np.array([[normal]], dtype=np.float32), light).item()


@pytest.mark.parametrize(
    ("normal", "light", "expected"),
    [  # by hand from spec 3.2: light (sx, sy, sz), surface -2 (n - 0.5)
        ((0.5, 0.0, 0.5), (0, 0), 0.5),  # light (0, 1, 0), surface (0, 1, 0)
        ((0.5, 1.0, 0.5), (0, 0), 0.0),  # surface (0, -1, 0): away from the light
        ((0.0, 0.5, 0.5), (90, 0), 0.5),  # light (1, 0, 0)
        ((1.0, 0.5, 0.5), (270, 0), 0.5),  # light (-1, 0, 0)
        ((0.5, 0.5, 1.0), (0, 90), 0.5 / math.sqrt(2)),  # light (0, 1, -1) / √2, surface (0, 0, -1)
        ((0, 0, 0), (90, 0), 0.0),  # no normal, and not (1, 1, 1)
        ((-9.0, -9.0, 9.0), (45, 45), 1.0),  # cut at 1
    ],
)
def test_a_surface_is_bright_where_it_faces_the_light(normal, light, expected):
    assert shaded(normal, light) == pytest.approx(expected, abs=1e-6)


def test_further_channels_are_passed_over():
    assert shaded((0.5, 0.0, 0.5, 77), (0, 0)) == shaded((0.5, 0.0, 0.5), (0, 0))


@pytest.mark.parametrize("normal", [(0.1,), (0.1, 5)])
def test_one_channel_counts_as_three_equal_ones(normal):
    assert shaded(normal, (30, 60)) == shaded((0.1, 0.1, 0.1), (30, 60))


def test_every_pixel_is_shaded_once_and_the_input_kept():
    pixels = np.random.default_rng(5).uniform(0, 1, (3, 4, 3)).astype(np.float32)
    before = pixels.copy()
    whole = shade(pixels, (40, 50))
    assert whole.shape == (3, 4, 1)
    assert whole.dtype == np.float32
    assert whole[2, 3].item() == shaded(pixels[2, 3], (40, 50))
    np.testing.assert_array_equal(pixels, before)


def test_no_rows_stay_no_rows():
    assert shade(np.empty((0, 4, 3), np.float32), (1, 2)).shape == (0, 4, 1)
