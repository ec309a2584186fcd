from __future__ import annotations

import numpy as np
import pytest

from iipastro.geometry import Size
from iipastro.images.halving import Halver, as_type, halve, level_sizes, strips, working_type


def mean_of_valid(pixels):
    """Means of 2 × 2 pixels that are no NaN, pixel by pixel in float64: the reference."""
    rows, columns, channels = pixels.shape
    means = np.empty((rows // 2, columns // 2, channels), pixels.dtype)
    for row, column, channel in np.ndindex(means.shape):
        four = pixels[2 * row : 2 * row + 2, 2 * column : 2 * column + 2, channel].astype("f8")
        valid = four[~np.isnan(four)]
        means[row, column, channel] = valid.sum() / valid.size if valid.size else np.nan
    return means


@pytest.mark.parametrize(
    ("full", "tile", "sizes"),
    [
        ((1, 1), 256, [(1, 1)]),
        ((256, 256), 256, [(256, 256)]),
        ((257, 255), 256, [(257, 255), (128, 127)]),
        ((1237, 811), 256, [(1237, 811), (618, 405), (309, 202), (154, 101)]),
        ((100000, 1), 256, [(100000, 1)]),
        ((100000, 3), 256, [(100000, 3), (50000, 1)]),
    ],
)
def test_levels_are_halved_with_floor_until_one_tile_is_left(full, tile, sizes):
    assert level_sizes(Size(*full), tile) == sizes


@pytest.mark.parametrize("shape", [(2, 2, 1), (3, 5, 1), (7, 4, 3), (1, 8, 2), (64, 66, 1)])
def test_a_level_holds_the_means_of_four(shape):
    pixels = np.random.default_rng(3).integers(-999, 999, shape).astype("f4")
    np.testing.assert_array_equal(halve(pixels), mean_of_valid(pixels))


def test_only_valid_pixels_are_averaged():
    pixels = np.random.default_rng(3).integers(-999, 999, (40, 60, 2)).astype("f4")
    pixels[np.random.default_rng(4).random(pixels.shape) < 0.5] = np.nan
    given = halve(pixels)
    assert np.isnan(given).any()
    np.testing.assert_array_equal(given, mean_of_valid(pixels))


def test_the_ends_of_numbers():
    inf, nan, huge = np.inf, np.nan, np.float32(3e38)
    rows = np.array([[1, inf, inf, -inf, huge, huge, nan, nan], [3, nan, 1, 1, huge, huge, 5, 6]])
    given = halve(rows[..., np.newaxis].astype("f4"))[0, :, 0]
    np.testing.assert_array_equal(given, np.array([inf, nan, huge, 5.5], "f4"))


@pytest.mark.parametrize("pieces", [(1,) * 37, (37,), (2, 5, 30), (16, 16, 5)])
def test_rows_in_any_pieces_give_the_same_levels(pieces):
    pixels = np.random.default_rng(3).normal(size=(37, 45, 2)).astype("f4")
    sizes = [Size(45, 37), Size(22, 18), Size(11, 9), Size(5, 4)]
    levels = [np.full((size.height, size.width, 2), -1, "f4") for size in sizes]

    def write(halvings, top, rows):
        levels[halvings][top : top + rows.shape[0]] = rows

    halver, top = Halver(sizes, write), 0
    for count in pieces:
        halver.add(pixels[top : top + count])
        top += count
    expected = pixels
    for level in levels[1:]:
        expected = halve(expected)
        np.testing.assert_array_equal(level, expected)


@pytest.mark.parametrize(
    ("height", "row_bytes", "rows"),
    [(1000, 4, 256), (1000, 1 << 17, 128), (1000, 1 << 30, 2), (1, 4, 256), (5, 3 << 20, 4)],
)
def test_strips_are_powers_of_two_and_add_up(height, row_bytes, rows):
    given = list(strips(height, row_bytes, 256))
    assert [top for top, _ in given] == list(range(0, height, rows))
    assert sum(count for _, count in given) == height
    assert all(0 < count <= rows for _, count in given)


@pytest.mark.parametrize(
    ("dtype", "working"),
    [("u1", "f4"), ("i2", "f4"), ("u2", "f4"), ("i4", "f8"), ("u4", "f8"), ("f4", "f4")],
)
def test_means_are_exact_in_the_type_they_are_made_in(dtype, working):
    assert working_type(np.dtype(dtype)) == np.dtype(working)
    if dtype != "f4":
        most = np.iinfo(dtype).max
        four = np.array([[most, most], [most, most - 2]], working)[..., np.newaxis]
        assert halve(four)[0, 0, 0] == most - 0.5  # most + most overflows the integers


def test_means_of_integers_are_rounded_to_the_nearest_even_one():
    given = as_type(np.array([0.5, 1.5, -0.5, 2.25, 254.75]), np.dtype("i2"))
    assert given.tolist() == [0, 2, 0, 2, 255]
    assert given.dtype == np.int16
    assert as_type(np.array([4294967294.75]), np.dtype("u4")).tolist() == [4294967295]
