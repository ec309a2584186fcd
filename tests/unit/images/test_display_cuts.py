from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from iipastro.geometry import Size
from iipastro.images.display_cuts import (
    apart,
    cuts_of,
    display_cuts,
    greylevel,
    high_quantile,
    low_quantile,
    median,
    ordered,
    sample,
)

RAMP = np.arange(1, 1001, dtype=np.float32)
SIGNALLING = np.array([0x7FA00000], dtype=np.uint32).view(np.float32)[0]


def sampled(array):
    """Return the samples of (rows, columns, channels), and how many rows were read."""
    array, counts = np.atleast_3d(array), []

    def read(top, rows):
        assert 0 <= top < top + rows <= array.shape[0]
        counts.append(rows)
        return array[top : top + rows]

    channels = sample(Size(*array.shape[1::-1]), array.shape[2], read)
    return channels, sum(counts)


class Endless:
    """An image of any size, each pixel the number of its row; counts what is read."""

    def __init__(self, width, height, channels=1):
        self.size = Size(width, height)
        self.channels = channels
        self.rows_read = 0

    def read(self, top, rows):
        assert top + rows <= self.size.height
        self.rows_read += rows
        shape = rows, self.size.width, self.channels
        return np.broadcast_to(np.float32(top), shape)

    def sample(self):
        return sample(self.size, self.channels, self.read)


def test_rows_are_let_go_of_when_their_pixels_are_taken():
    width, height = 1 << 20, 160
    tracemalloc.start()
    try:
        sample(Size(width, height), 1, lambda _, rows: np.ones((rows, width, 1), np.float32))
        assert tracemalloc.get_traced_memory()[1] < 6 * 4 * width  # not all of the 13 rows
    finally:
        tracemalloc.stop()


def test_the_background_gets_the_grey_that_is_asked_for():
    low = greylevel(100.0, 1100.0, 0.1)
    assert (100.0 - low) / (1100.0 - low) == pytest.approx(0.1)


def test_quantiles_are_of_the_halves_as_stiff_counts():
    assert [low_quantile(RAMP, level) for level in (0.0, 0.5, 1.0)] == [1, 251, 500]
    assert [high_quantile(RAMP, level) for level in (0.0, 0.5, 1.0)] == [501, 751, 1000]
    assert median(RAMP) == 501


def test_the_cuts_are_a_grey_of_a_thousandth_and_the_brightest_of_two_thousand():
    low, high = cuts_of(RAMP)
    assert high == 1000.0  # rank 0.999 * 499 of the brighter half: 499
    assert low == np.float32((501 - 0.001 * 1000) / 0.999)
    assert cuts_of(RAMP[:0]) == (0.0, 1.0)


def test_each_channel_has_cuts_of_its_own_finite_pixels():
    array = np.full((20, 50, 3), np.nan, np.float32)
    array[..., 0] = RAMP.reshape(20, 50)
    array[..., 1] = 7.0
    array[3, :4, 1] = np.inf, -np.inf, np.nan, SIGNALLING
    cuts = display_cuts(Size(50, 20), 3, lambda top, rows: array[top : top + rows])
    assert cuts == (cuts_of(RAMP), (6.0, 8.0), (0.0, 1.0))


def test_samples_are_float32_whatever_the_image_is():
    for dtype in ("u1", "i2", "u4", "f8"):
        (channel,), _ = sampled(np.arange(100).reshape(10, 10).astype(dtype))
        assert channel.dtype == np.float32
        assert channel.tolist() == list(range(100))


def test_samples_are_finite_ascending_and_without_the_value_to_ignore():
    given = np.array([3, np.nan, -1, np.inf, 2, -np.inf, -1], np.float32)
    assert ordered(given).tolist() == [-1, -1, 2, 3]
    assert ordered(given, -1.0).tolist() == [2, 3]


@pytest.mark.parametrize(
    ("value", "cut"),
    [(0, (-1, 1)), (5, (4, 6)), (-5000, (-5005, -4995)), (1e30, (9.99e29, 1.001e30))],
)
def test_equal_cuts_are_moved_apart(value, cut):
    assert apart(value, value) == pytest.approx(cut, rel=1e-6)
    assert apart(3.0, 2.0) == (3.0, 2.0)


def test_cuts_are_finite_and_different_in_single_precision():
    low, high = apart(-1e300, 1e300)
    assert (low, high) == (-np.finfo("f4").max, np.finfo("f4").max)
    low, high = apart(1e9, 1e9 + 1)
    assert low < 1e9 < high


def test_a_large_image_is_sampled_all_over_and_no_more():
    image = Endless(1000, 100_000)
    (channel,) = image.sample()
    assert image.rows_read == 10_000  # 100 million pixels: each tenth row
    assert channel.size == 1_000_000
    assert channel.min() < 80
    assert channel.max() >= 99_900
    assert np.array_equal(Endless(1000, 100_000).sample()[0], channel)


@pytest.mark.parametrize(
    ("shape", "rows", "samples"),  # width, height, channels → of each channel
    [
        ((16384, 16384, 1), 1024, 1 << 20),
        ((100_000, 100_000, 1), 168, 1 << 20),  # 16 million values of rows
        ((16384, 16384, 16), 64, 1 << 19),  # 64 rows are more than these
    ],
)
def test_of_wide_images_fewer_rows_are_read_and_more_of_each(shape, rows, samples):
    image = Endless(*shape)
    channels = image.sample()
    assert rows / 2 < image.rows_read <= rows
    assert len(channels) == shape[2]
    assert samples / 2 < channels[0].size <= 1.01 * samples
    assert channels[0].max() > 0.98 * shape[1]


def test_a_bad_column_of_a_large_image_is_not_looked_at_alone():
    array = np.zeros((1500, 1500), np.float32)
    array[:, ::2] = 1000.0
    (channel,), _ = sampled(array)
    assert 0.4 < (channel == 0).mean() < 0.6


def test_few_samples_are_taken_of_many_channels():
    channels, rows_read = sampled(np.zeros((600, 300, 100), np.float32))
    assert len(channels) == 100
    assert rows_read < 600
    assert channels[0].size <= 1 << 17


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1), (3, 2_000_000), (2_000_000, 3)])
def test_any_size_has_samples(size):
    (channel,) = Endless(*size).sample()
    assert min(size[0] * size[1], 1 << 19) <= channel.size <= 1 << 20
