from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iipastro.geometry import Size
from iipastro.pixels import fused, kernels, pipeline
from iipastro.pixels.scene import Resize, Scene, rows_needed
from iipastro.view import View

TYPES = [
    np.dtype(name) for name in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]
]
REFERENCE_MATRIX = ((0, 0, 0.12, 0.55, 0.9), (0.02, 0.4, 0.8, 0.3), (0.95, 0.6, 0.1))


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    kernels.warm_up()


def assert_nearly_equal(found, expected):
    """Equal bytes, but for one level on a ten-thousandth of the pixels (see lut)."""
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype == np.uint8
    differ = np.abs(found.astype(int) - expected.astype(int))
    assert differ.max(initial=0) <= 1
    assert np.count_nonzero(differ) <= 1e-4 * differ.size


def both(raw, view, scene):
    raw.flags.writeable = False
    return kernels.render(raw, view, scene), pipeline.render(raw, view, scene)


def noise(seed, shape, dtype):
    random = np.random.default_rng(seed)
    if dtype.kind == "f":
        samples = random.lognormal(-2, 1.5, shape) * 1000 - 50
        samples[random.random(shape) < 0.02] = random.choice([np.nan, np.inf, -np.inf, 0])
        limit = 6e4 if dtype.itemsize == 2 else np.inf
        return np.clip(samples, -limit, limit).astype(dtype)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


coefficient = st.sampled_from([0.0, 1.0, 0.5, -0.25, 0.3]) | st.floats(-2, 2, width=32)
row = st.lists(coefficient, max_size=6).map(tuple)
equal_rows = row.map(lambda row: (row,) * 3)
odd = st.sampled_from([0.0, -1.0, 1e30, -1e30, np.inf, np.nan, 1e-30])
mixes = st.just(()) | st.lists(row, min_size=1, max_size=4).map(tuple) | equal_rows
views = st.builds(
    View,
    contrast=st.just(1.0) | st.floats(0.1, 4) | odd,
    gamma=st.just(1.0) | st.floats(0.1, 4) | odd,
    logarithmic=st.booleans(),
    inverted=st.booleans(),
    colormap=st.sampled_from([None, None, "hot", "jet", "blue"]),
    palette=st.sampled_from(["color", "color", "gray", "binary"]),
    light=st.sampled_from([None, None, None, (30, 60)]),
    mix=mixes,
    kernel=st.sampled_from([(), (), (), (0.0, -1, 0, -1, 5, -1, 0, -1, 0)]),
)
bound = st.sampled_from([0.0, 255.0, 65535.0, -10.0, 1000.0]) | st.floats(-1e5, 1e5, width=32)
tables = st.none() | st.permutations(range(256)).map(tuple)


@st.composite
def pictures(draw):
    channels = draw(st.integers(1, 6))
    size = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    raw = noise(draw(st.integers(0, 99)), (*size, channels), draw(st.sampled_from(TYPES)))
    if draw(st.booleans()):
        raw = raw[size[0] // 3 :, : size[1] - size[1] // 4]
    cuts = tuple(draw(st.tuples(bound, bound)) for _ in range(channels))
    return raw, cuts


@given(pictures(), views, tables)
@settings(max_examples=200, deadline=None)
def test_the_compiled_chain_answers_what_the_plain_one_does(picture, view, table):
    raw, cuts = picture
    assert_nearly_equal(*both(raw, view, Scene(cuts, table=table)))


@given(pictures(), views, st.integers(1, 60), st.integers(1, 60), st.booleans(), st.data())
@settings(max_examples=100, deadline=None)
def test_it_does_so_at_any_size(picture, view, columns, rows, smooth, data):
    raw, cuts = picture
    first = data.draw(st.integers(0, rows - 1))
    source = Size(raw.shape[1], raw.shape[0])
    count = data.draw(st.integers(1, rows - first))
    resize = Resize(source, Size(columns, rows), 0, first, count, smooth)
    top, needed = rows_needed(resize)
    scene = Scene(cuts, resize=resize._replace(top=top))
    found, expected = both(raw[top : top + needed], view, scene)
    assert found.shape[:2] == (count, columns)
    assert_nearly_equal(found, expected)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("channels", [1, 3, 5])
@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(gamma=0.4545),
        View(gamma=0.4545, mix=REFERENCE_MATRIX),
        View(gamma=0.4545, mix=((0, 0, 1),) * 3),
        View(colormap="jet", contrast=1.3),
    ],
    ids=["plain", "gamma", "mix", "mono", "jet"],
)
def test_a_whole_tile_of_every_type(dtype, channels, view):
    raw = noise(1, (256, 256, channels), dtype)
    high = 1000.0 if dtype.kind == "f" else float(np.iinfo(dtype).max)
    assert_nearly_equal(*both(raw, view, Scene(((0.0, high),) * channels)))


@pytest.mark.parametrize("channels", range(1, 9))
def test_channels_are_told_apart_however_many_there_are(channels):
    """In a tile of a few chunks, the last one short: channel c holds c / 10 everywhere."""
    raw = np.empty((61, 97, channels), dtype=np.float32)
    raw[:] = np.arange(channels) / 10
    scene = Scene(((0.0, 1.0),) * channels)
    for channel in range(channels):
        found = kernels.render(raw, View(mix=((0,) * channel + (1,),)), scene)
        assert (found == [int(channel / 10 * 255)]).all()  # spec 3.2, "Contrast": cut down
    summed = kernels.render(raw, View(mix=((1,) * channels,)), scene)
    assert np.abs(summed - min(255.0, sum(range(channels)) * 25.5)).max() <= 1
    assert (summed == summed[0, 0]).all()


def test_a_channel_of_weight_nought_does_no_harm_to_the_next():
    raw = np.full((61, 97, 5), 1e38, dtype=np.float32)  # infinite, once normalised
    raw[:, :, [1, 4]] = 2.5e-6, 5e-6
    scene = Scene(((0.0, 1e-5),) * 5)
    found = kernels.render(raw, View(mix=((0, 1), (0, 0, 0, 0, 1), (1,))), scene)
    assert (found == [63, 127, 255]).all()


def unaligned():
    return np.zeros(4 * 64 + 1, dtype=np.uint8)[1:].view(np.float32).reshape(8, 8, 1)


def test_samples_between_two_words_of_memory_may_be_shown():
    raw = unaligned()
    assert not raw.flags.aligned
    assert_nearly_equal(*both(raw, View(gamma=2), Scene(((-1.0, 1.0),))))


@pytest.mark.parametrize(
    "raw", [unaligned(), unaligned()[1:, ::-1], np.ones((8, 8, 1), ">f4")[::2], np.ones((3, 4, 2))]
)
def test_compiled_code_is_given_samples_as_it_takes_them_to_be(raw):
    """It is not told which lie between two words: processors other than x86 may stop there."""
    samples = kernels._samples(raw)
    assert samples.dtype == np.dtype("=f4")
    assert samples.flags.aligned
    assert samples.flags.c_contiguous
    assert not samples.flags.writeable
    np.testing.assert_array_equal(samples, raw)


@pytest.mark.parametrize("view", [View(), View(inverted=True), View(colormap="jet", contrast=0.3)])
@pytest.mark.parametrize(
    ("mix", "nan"),
    [
        (((1, 0), (0, 1), (0.5, 0.5)), False),  # 0 times infinity is passed over
        (((1, -1),), True),  # infinity less infinity is no number
        (((-1, 1),), True),
    ],
)
def test_what_passes_the_largest_float_is_shown_as_the_plain_chain_shows_it(view, mix, nan):
    raw = np.array([[[1e38, 1e38], [1e38, -1e38], [1.0, 1e38], [1e38, 1.0]]], dtype=np.float32)
    found, expected = both(raw, replace(view, mix=mix), Scene(((0.0, 1e-5),) * 2))
    np.testing.assert_array_equal(found, expected)
    if nan and view.colormap is None:
        assert found[0, 0].tolist() == [255]


@pytest.mark.parametrize("shape", [(0, 4, 1), (4, 0, 3)])
def test_no_pixels_give_no_pixels(shape):
    scene = Scene(((0.0, 1.0),) * shape[2])
    assert kernels.render(np.empty(shape, np.float32), View(), scene).shape == shape


def test_a_lab_image_goes_through_the_plain_chain():
    raw = noise(2, (9, 9, 3), np.dtype(np.uint8))
    found, expected = both(raw, View(gamma=0.5), Scene(((0.0, 255.0),) * 3, lab=True))
    np.testing.assert_array_equal(found, expected)


def test_large_cells_of_one_colour_reach_every_byte():
    ramp = np.linspace(-0.1, 1.1, 70_000, dtype=np.float32).reshape(7, -1, 1)
    found, expected = both(ramp, View(gamma=0.4545), Scene(((0.0, 1.0),)))
    assert_nearly_equal(found, expected)
    assert np.unique(found).size == 256


def test_one_compilation_serves_all_types_and_layouts():
    for dtype in TYPES:
        raw = noise(4, (6, 6, 2), dtype)
        for array in (raw, raw[1:, ::-1]):
            for mix in ((), ((1.0, 1.0),)):
                kernels.render(array, View(mix=mix), Scene(((0.0, 1.0),) * 2))
    kernels.render(unaligned(), View(), Scene(((0.0, 1.0),)))
    assert len(fused.show.signatures) == len(fused.show_resampled.signatures) == 1
