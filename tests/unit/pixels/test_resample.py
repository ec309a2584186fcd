import numpy as np
import pytest

from iipastro.geometry import Size
from iipastro.pixels.resample import resample
from iipastro.pixels.scene import Resize, rows_needed


def whole(pixels, columns, rows, smooth=True):
    source = Size(pixels.shape[1], pixels.shape[0])
    return resample(pixels, Resize(source, Size(columns, rows), 0, 0, rows, smooth))


def ramp(rows, columns):
    down, across = np.mgrid[:rows, :columns]
    return (100 * down + across)[..., None].astype(np.float32)


def test_corners_are_aligned_and_the_last_pixels_repeated():
    found = whole(ramp(2, 2), 4, 4)[:, :, 0]
    assert found.tolist() == [
        [0, 0.5, 1, 1],
        [50, 50.5, 51, 51],
        [100, 100.5, 101, 101],
        [100, 100.5, 101, 101],
    ]


def test_a_reduction_takes_every_other_pixel_of_a_ramp():
    assert whole(ramp(4, 6), 3, 2)[:, :, 0].tolist() == [[0, 2, 4], [200, 202, 204]]


def test_a_reduction_by_three_halves_interpolates():
    assert whole(ramp(1, 6), 4, 1).ravel().tolist() == [0, 1.5, 3, 4.5]


def test_the_nearest_pixel_is_at_the_floor():
    assert whole(ramp(1, 5), 3, 1, smooth=False).ravel().tolist() == [0, 1, 3]  # 0, 1.67, 3.33


def test_channels_are_resampled_alone():
    pixels = np.concatenate([ramp(3, 3), -ramp(3, 3)], axis=2)
    found = whole(pixels, 5, 4)
    np.testing.assert_array_equal(found[:, :, 0], -found[:, :, 1])


@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize(("columns", "rows"), [(9, 7), (30, 41), (5, 3), (9, 20), (1, 1)])
def test_bands_join_to_the_whole(columns, rows, smooth):
    pixels = np.random.default_rng(6).normal(size=(7, 9, 3)).astype(np.float32)
    expected = whole(pixels, columns, rows, smooth)
    for height in (1, 2, 5):
        bands = []
        for first in range(0, rows, height):
            count = min(height, rows - first)
            resize = Resize(Size(9, 7), Size(columns, rows), 0, first, count, smooth)
            top, needed = rows_needed(resize)
            bands.append(resample(pixels[top : top + needed], resize._replace(top=top)))
        np.testing.assert_array_equal(np.concatenate(bands), expected)


def test_a_flat_picture_stays_flat():
    found = whole(np.full((5, 7, 1), 0.3, np.float32), 33, 29)
    np.testing.assert_allclose(found, 0.3, rtol=2e-7)


def test_the_input_is_not_written():
    pixels = ramp(4, 4)
    whole(pixels, 7, 3)
    np.testing.assert_array_equal(pixels, ramp(4, 4))
