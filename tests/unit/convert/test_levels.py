"""Sizes of levels, and means of four."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tifffile

from iipastro.convert.levels import LEVELS, down_as_stiff
from iipastro.geometry import Size
from iipastro.images.halving import halve

NAN, INF = np.nan, np.inf


def halved(pixels) -> np.ndarray:
    pixels = np.asarray(pixels, dtype=np.float32)
    out = np.empty((pixels.shape[0] // 2, pixels.shape[1] // 2, pixels.shape[2]), np.float32)
    halve(pixels, out)
    return out


@pytest.mark.parametrize(
    ("full", "expected"),  # spec 5.7: while width or height is 256 or more, halved with floor
    [
        (Size(1024, 1024), [(1024, 1024), (512, 512), (256, 256)]),
        (Size(4095, 3001), [(4095, 3001), (2047, 1500), (1023, 750), (511, 375)]),
        (Size(511, 511), [(511, 511)]),
        (Size(100, 60), [(100, 60)]),
        (Size(1, 4096), [(1, 4096)]),
        (Size(512, 3), [(512, 3), (256, 1)]),
    ],
)
def test_stiff_halves_with_floor_down_to_256(full, expected):
    assert down_as_stiff(full, 128) == expected


@pytest.mark.parametrize(
    ("full", "tile", "expected"),
    [
        (Size(1024, 1024), 256, [(1024, 1024), (512, 512), (256, 256)]),
        (Size(1025, 511), 256, [(1025, 511), (512, 255), (256, 127)]),
        (Size(511, 511), 256, [(511, 511), (255, 255)]),
        (Size(100, 60), 256, [(100, 60)]),
        (Size(100, 60), 32, [(100, 60), (50, 30), (25, 15)]),
        (Size(1, 4096), 256, [(1, 4096)]),
        (Size(257, 256), 256, [(257, 256), (128, 128)]),
    ],
)
def test_levels_end_at_one_tile(full, tile, expected):
    assert LEVELS["tile"](full, tile) == expected


def test_a_half_holds_means_of_four_and_drops_the_odd_row_and_column():
    pixels = np.arange(15, dtype=np.float32).reshape(3, 5, 1)
    assert halved(pixels)[..., 0].tolist() == [[3.0, 5.0]]  # (0+1+5+6)/4 and (2+3+7+8)/4


@pytest.mark.parametrize(
    ("four", "mean"),
    [
        ((1, 2, 3, 6), 3.0),
        ((1, 2, NAN, 6), 3.0),
        ((NAN, 2, NAN, 6), 4.0),
        ((NAN, NAN, NAN, 6), 6.0),
        ((NAN, NAN, NAN, NAN), NAN),
        ((INF, 1, 1, 1), INF),
        ((-INF, 1, NAN, 1), -INF),
        ((INF, -INF, 1, 1), NAN),
        ((3e38, 3e38, 3e38, 3e38), np.float32(3e38)),  # their sum is no float32
        ((1e38, 3e38, NAN, 3.2e38), np.float32(2.4e38)),
    ],
)
def test_only_valid_pixels_count(four, mean):
    pixels = np.array(four, dtype=np.float32).reshape(2, 2, 1)
    np.testing.assert_allclose(halved(pixels).ravel(), [mean], rtol=1e-7)


def test_channels_and_rows_are_not_mixed():
    pixels = np.random.default_rng(4).normal(0, 1, (301, 513, 5)).astype(np.float32)
    pixels[10:200, 100:300, 2] = NAN
    expected = np.empty((150, 256, 5), np.float32)
    for channel in range(5):
        for row in range(150):
            a, b = pixels[2 * row, :512, channel], pixels[2 * row + 1, :512, channel]
            expected[row, :, channel] = ((a[::2] + a[1::2]) + (b[::2] + b[1::2])) / np.float32(4)
    np.testing.assert_array_equal(halved(pixels)[:5], expected[:5])
    np.testing.assert_array_equal(halved(pixels)[..., [0, 1, 3, 4]], expected[..., [0, 1, 3, 4]])


@pytest.mark.parametrize("name", ["odd_r.ptif", "multi5_1k.ptif"])
def test_the_means_are_those_of_stiff(data, name):
    with tifffile.TiffFile(data / name) as file:
        levels = [page.asarray() for page in file.pages]
    for above, below in itertools.pairwise(levels):
        rows, columns = above.shape[:2]
        made = halved(above.reshape(rows, columns, -1))
        np.testing.assert_array_equal(made.reshape(below.shape), below)
