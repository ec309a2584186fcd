from __future__ import annotations

import numpy as np
import pytest

from iipastro.errors import Unreadable
from iipastro.geometry import Size, tile_box
from iipastro.images.cuts import sampled_cuts, tagged_cuts
from iipastro.images.source import Level

NAN, INF = float("nan"), float("inf")
TILE = Size(256, 256)
SIGNALLING = np.array([0x7FF0000000000001], dtype=np.uint64).view(np.float64)[0]

TAGGED = [  # spec 5.4: SMin, SMax, dtype, bits, channels → cuts
    ((), (), "u1", 8, 1, [(0, 255)]),
    ((), (), "u1", 1, 1, [(0, 255)]),
    ((), (), "u2", 12, 1, [(0, 4095)]),
    ((), (), "u2", 16, 1, [(0, 65535)]),
    ((), (), "u4", 32, 1, [(0, 4294967296)]),  # 4294967295 in float32
    ((), (), "u1", 8, 5, [(0, 255)] * 5),
    ((10,), (200,), "u1", 8, 1, [(10, 200)]),
    ((10,), (200,), "u1", 8, 3, [(10, 200)] * 3),
    ((1, 2, 3), (4, 5, 6), "u1", 8, 3, [(1, 4), (2, 5), (3, 6)]),
    ((1, 2, 3), (4, 0, 6), "u1", 8, 3, [(1, 4), (2, 255), (3, 6)]),
    ((-5,), (0,), "u2", 16, 1, [(-5, 65535)]),
    ((1, 2), (3, 4), "u1", 8, 3, [(0, 255)] * 3),
    ((NAN,), (INF,), "u1", 8, 1, [(0, 255)]),
    ((-1.5,), (20,), "f4", 32, 1, [(-1.5, 20)]),
    ((-1.5, 0), (20, 1e6), "f4", 32, 2, [(-1.5, 20), (0, 1e6)]),
    ((0.1,), (1e40 / 1e39,), "f8", 64, 1, [(float(np.float32(0.1)), 10)]),
    ((-3,), (0,), "i2", 16, 1, [(-3, 0)]),
    ((), (), "f4", 32, 1, None),
    ((), (), "i2", 16, 1, None),
    ((5,), (5,), "f4", 32, 1, None),
    ((5,), (NAN,), "f4", 32, 1, None),
    ((5,), (INF,), "f4", 32, 1, None),
    ((5,), (1e39,), "f4", 32, 1, None),  # infinite as float32
    ((1, 2), (3, 3), "f4", 32, 3, None),
]


@pytest.mark.parametrize(("low", "high", "dtype", "bits", "channels", "expected"), TAGGED)
def test_cuts_of_tags(low, high, dtype, bits, channels, expected):
    given = tagged_cuts((low, high), np.dtype(dtype), bits, channels)
    assert given == (expected if expected is None else tuple(expected))


def sample(image, levels=None, tile=TILE):
    """Return the cuts of an array given as one level, or as the levels of these halvings."""
    halvings = levels or [0]
    arrays = [image[:: 2**h, :: 2**h] for h in halvings]
    read = []

    def read_tile(level, index):
        read.append((level, index))
        size = Size(arrays[level].shape[1], arrays[level].shape[0])
        left, top, width, height = tile_box(size, tile, index)
        return arrays[level][top : top + height, left : left + width]

    facts = [Level(Size(a.shape[1], a.shape[0]), tile) for a in arrays]
    return sampled_cuts(facts, read_tile), read


def test_sampled_cuts_are_the_outer_percentiles():
    image = np.random.default_rng(1).permutation(160_000).reshape(400, 400, 1).astype("f4")
    ((cut,), _) = sample(image)
    assert cut.low == pytest.approx(0.0025 * 160_000, abs=150)
    assert cut.high == pytest.approx(0.9975 * 160_000, abs=150)


def test_a_small_image_is_sampled_whole():
    image = np.arange(10_001, dtype="f4").reshape(73, 137, 1)
    ((cut,), _) = sample(image)
    assert cut == pytest.approx((25, 9975))


def test_each_channel_has_its_own_cuts_and_the_same_each_time():
    image = np.random.default_rng(2).normal([0, 1000], [1, 10], (300, 300, 2))
    cuts, _ = sample(image)
    assert cuts == sample(image)[0]
    assert cuts[0] == pytest.approx((-2.81, 2.81), abs=0.3)
    assert cuts[1] == pytest.approx((971.9, 1028.1), abs=3)


def test_the_smallest_level_that_is_large_enough_is_sampled():
    image = np.random.default_rng(3).normal(size=(1024, 1024, 1))
    assert {level for level, _ in sample(image, [3, 2, 1, 0])[1]} == {1}
    assert {level for level, _ in sample(image, [4, 3])[1]} == {1}


def test_at_most_sixteen_tiles_are_read_from_all_over_the_image():
    image = np.zeros((160, 160, 1))
    _, read = sample(image, tile=Size(16, 16))
    indices = [index for _, index in read]
    assert len(indices) == len(set(indices)) == 16
    assert indices[0] == 0
    assert indices[-1] > 90


def test_pixels_that_are_not_finite_do_not_count():
    image = np.linspace(0, 1, 90_000).reshape(300, 300, 1)
    image[::3] = NAN
    image[1::3, ::2] = INF
    image[1::3, 1::2] = -INF
    ((cut,), _) = sample(image)
    assert 0 <= cut.low < 0.02
    assert 0.98 < cut.high <= 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([NAN], (0, 1)),
        ([INF, -INF], (0, 1)),
        ([0.0], (-1, 1)),
        ([5.0], (4, 6)),
        ([-20_000.0], (-20_020, -19_980)),
        ([SIGNALLING], (0, 1)),
        ([1e300], (0, 1)),  # infinite as float32
        ([0.0] * 99_999 + [8.0], (0, 8)),  # equal percentiles: the extremes
    ],
)
def test_cuts_are_never_equal(values, expected):
    image = np.resize(np.array(values), (256, 256, 1))
    if len(values) > 2:
        image = np.zeros((256, 256, 1))
        image[100, 100] = 8
    ((cut,), _) = sample(image)
    assert cut == pytest.approx(expected)


def test_extreme_floats_have_finite_cuts():
    image = np.array([-3e38, 3e38], dtype="f4").reshape(1, 2, 1)  # 6e38 apart: no float32
    ((cut,), _) = sample(image)
    assert cut == pytest.approx((-2.985e38, 2.985e38))


def test_a_tile_that_cannot_be_read_is_passed_over():
    levels = [Level(Size(1024, 256), TILE)]

    def read_tile(_, index):
        if index != 2:
            raise Unreadable("a tile of the image is damaged")
        return np.linspace(0, 100, 65536, dtype=np.float32).reshape(256, 256, 1)

    assert sampled_cuts(levels, read_tile)[0] == pytest.approx((0.25, 99.75))

    def read_nothing(_, index):
        raise Unreadable("a tile of the image is damaged")

    with pytest.raises(Unreadable):
        sampled_cuts(levels, read_nothing)
