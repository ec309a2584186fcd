import itertools

import numpy as np
import pytest

from iipastro.pixels import color
from iipastro.view import View

NAN, INF = np.nan, np.inf


def pixel(*channels):
    return np.array([[channels]], dtype=np.float32)


@pytest.mark.parametrize(
    ("lab", "rgb"),
    [  # sRGB colours in CIELAB (D65): L, a, b to bytes; colours to within 3 levels
        ((255, 0, 0), (255, 255, 255)),
        ((0, 0, 0), (0, 0, 0)),
        ((137, 0, 0), (128, 128, 128)),  # L = 53.6
        ((136, 80, 67), (255, 0, 0)),  # 53.24, 80.09, 67.20
        ((202, 256 - 15, 256 - 21), (135, 206, 235)),  # 79.21, -14.84, -21.28
        ((82, 79, 256 - 108), (0, 0, 255)),  # 32.30, 79.19, -107.86
        ((53, 0, 0), (50, 50, 50)),  # L = 20.79
        ((10, 0, 0), (13, 13, 13)),  # L = 3.92, below 8: Y = L / 9.033 %
    ],
)
def test_cielab_becomes_srgb(lab, rgb):
    found = color.lab_to_srgb(np.array([[lab]], dtype=np.uint8))
    assert found.dtype == np.uint8
    assert np.abs(found[0, 0].astype(int) - rgb).max() <= 3


@pytest.mark.parametrize(("channels", "kept"), [(1, 1), (2, 1), (3, 3), (4, 3), (100, 3)])
def test_one_channel_or_three_are_kept(channels, kept):
    pixels = np.arange(channels, dtype=np.float32).reshape(1, 1, -1)
    assert color.flatten(pixels).ravel().tolist() == list(range(kept))


@pytest.mark.parametrize(
    ("mix", "channels", "rows"),
    [
        (((1, 2), (3,), ()), 2, [[1, 2], [3, 0], [0, 0]]),  # missing: 0
        (((1, 2, 9),) * 3, 2, [[1, 2]] * 3),  # beyond the channels: dropped
        (((1, 2), (3, 4)), 2, [[1, 2]]),  # two rows: one is shown
        (((1,), (2,), (3,), (4,)), 1, [[1], [2], [3]]),
        (((1,), (1,), (1,)), 1, [[1]]),  # one channel, equal rows: grey
        (((1, 5), (1, 6), (1,)), 1, [[1]]),
        (((1,), (1,), (0.5,)), 1, [[1], [1], [0.5]]),
        (((1, 1),) * 3, 2, [[1, 1]] * 3),
    ],
)
def test_a_mix_has_a_row_for_each_channel_shown(mix, channels, rows):
    assert color.mix_rows(mix, channels).tolist() == rows


def test_channels_are_mixed_by_rows():
    mixed = color.twist(pixel(1, 10, 100), ((1, 0.5, 0), (0, 0, 2), (-1, 1, 0)))
    assert mixed.ravel().tolist() == [6, 200, 9]


def test_a_channel_with_the_coefficient_0_does_no_harm():
    assert color.twist(pixel(1, INF, NAN), ((2, 0, 0),)).ravel().tolist() == [2]


def test_mixing_leaves_its_input_alone():
    pixels = pixel(1, 2, 3)
    color.twist(pixels, ((5,), (6,), (7,)))
    assert pixels.ravel().tolist() == [1, 2, 3]


def test_the_maps_are_those_that_a_view_may_name():
    assert set(color.COLORMAPS) == {"hot", "cold", "jet", "red", "green", "blue"}
    assert View().colormap is None


@pytest.mark.parametrize("name", ["hot", "cold", "jet"])
def test_the_pieces_of_a_map_meet_between_0_and_1(name):
    pieces = color.COLORMAPS[name][1:-1]
    for left, right in itertools.pairwise(pieces):
        for (a, b), (c, d) in zip(left[1:], right[1:], strict=True):
            assert a * right.start + b == pytest.approx(c * right.start + d)


@pytest.mark.parametrize(
    ("name", "value", "rgb"),
    [
        ("hot", 0, (0, 0, 0)),
        ("hot", 1 / 3, (1, 0, 0)),
        ("hot", 2 / 3, (1, 1, 0)),
        ("hot", INF, (1, 1, 1)),
        ("hot", -INF, (0, 0, 0)),
        ("hot", NAN, (1, 1, 1)),
        ("jet", 0, (0, 0, 0.5)),
        ("jet", 1 / 8, (0, 0, 1)),
        ("jet", 7 / 8, (1, 0, 0)),
        ("jet", 1, (0.5, 0, 0)),
        ("jet", INF, (0.5, 0, 0)),
        ("jet", -1e-30, (0, 0, 0)),
        ("green", -3.5, (0, -3.5, 0)),
        ("green", INF, (0, INF, 0)),
    ],
)
def test_a_map_at_its_bends_and_ends(name, value, rgb):
    with np.errstate(invalid="ignore"):
        found = color.colormap(pixel(value), name)
    np.testing.assert_allclose(found.ravel(), rgb, atol=2e-7)


def test_a_map_colours_the_first_channel():
    assert color.colormap(pixel(0.25, 1, 1), "red").ravel().tolist() == [0.25, 0, 0]


@pytest.mark.parametrize(
    ("rgb", "grey"),  # spec 3.4; weights 0.299, 0.587, 0.114
    [
        ((255, 255, 255), 255),
        ((255, 0, 0), 76),
        ((0, 255, 0), 149),
        ((0, 0, 255), 29),
        ((7, 7, 7), 7),
    ],
)
def test_grey_is_the_luminance(rgb, grey):
    assert color.greyscale(np.array([[rgb]], dtype=np.uint8)).tolist() == [[[grey]]]


def test_grey_stays_grey():
    shown = np.array([[[5]]], dtype=np.uint8)
    assert color.greyscale(shown) is shown
