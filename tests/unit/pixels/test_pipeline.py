import numpy as np
import pytest

from iipastro.geometry import Size
from iipastro.pixels import pipeline
from iipastro.pixels.scene import Resize, Scene
from iipastro.view import View

NAN, INF = np.nan, np.inf
ASTRO = ((-10.0, 90.0),)


def shown(value, view=View(), cuts=ASTRO, dtype=np.float32):  # noqa: B008
    """The one byte that a flat tile is shown as."""
    tile = np.full((2, 3, len(cuts)), value, dtype=dtype)
    tile.flags.writeable = False
    answer = pipeline.render(tile, view, Scene(cuts))
    assert answer.dtype == np.uint8
    assert answer.shape[:2] == (2, 3)
    assert (answer == answer[0, 0]).all()
    return answer[0, 0].tolist()


@pytest.mark.parametrize(
    ("value", "view", "byte"),
    [  # spec A.1
        (12.5, View(), 57),
        (12.5, View(gamma=0.4545), 129),
        (12.5, View(gamma=0.4545, inverted=True), 125),
        (12.5, View(gamma=0.4545, inverted=True, contrast=0.7), 87),
        (12.5, View(contrast=1.5), 86),
        (-20, View(), 0),
        (200, View(), 255),
    ],
)
def test_the_chain_of_the_reference(value, view, byte):
    assert shown(value, view) == [byte]


@pytest.mark.parametrize("value", [NAN, INF, -INF])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_what_is_not_finite_is_the_low_cut(value, dtype):  # spec A.1
    assert shown(value, View(), ((5, 10),), dtype) == [0]
    assert shown(value, View(inverted=True), ((5, 10),), dtype) == [255]


@pytest.mark.parametrize(
    ("value", "dtype", "cut", "byte"),
    [  # spec A.1
        (32768, np.uint16, (0, 65535), 127),
        (3000000000, np.uint32, (0, 4294967295), 178),
        # by hand: signed integers count by value
        (-100, np.int16, (-200, 0), 127),
        (-1, np.int8, (-128, 127), 127),
        (0.25, np.float64, (0, 1), 63),
        (1e300, np.float64, (0, 1), 0),
    ],
)
def test_every_type_counts_by_value(value, dtype, cut, byte):
    assert shown(value, View(), (cut,), dtype) == [byte]


def test_bytes_at_their_own_cuts_stay_the_same():  # spec A.1
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    np.testing.assert_array_equal(pipeline.render(ramp, View(), Scene(((0, 255),))), ramp)


MAPS = [  # spec A.1
    ("hot", 0.1, (76, 0, 0)),
    ("hot", 0.2, (153, 0, 0)),
    ("hot", 0.4, (255, 51, 0)),
    ("hot", 0.5, (255, 127, 0)),
    ("hot", 0.6, (255, 204, 0)),
    ("hot", 0.8, (255, 255, 102)),
    ("hot", 0.95, (255, 255, 216)),
    ("hot", 1, (255, 255, 255)),
    ("hot", 7, (255, 255, 255)),
    ("hot", 0, (0, 0, 0)),
    ("hot", -1, (0, 0, 0)),
    ("jet", 0, (0, 0, 127)),
    ("jet", 0.1, (0, 0, 229)),
    ("jet", 0.2, (0, 76, 255)),
    ("jet", 0.4, (25, 255, 229)),
    ("jet", 0.5, (127, 255, 127)),
    ("jet", 0.6, (229, 255, 25)),
    ("jet", 0.8, (255, 76, 0)),
    ("jet", 0.95, (178, 0, 0)),
    ("jet", 1, (127, 0, 0)),
    ("jet", 9, (127, 0, 0)),
    ("jet", -0.1, (0, 0, 0)),
]
COLD = [("cold", value, color[::-1]) for name, value, color in MAPS if name == "hot"]


@pytest.mark.parametrize(("name", "value", "color"), MAPS + COLD)
def test_the_colour_maps_of_the_reference(name, value, color):
    found = shown(value, View(colormap=name), ((0, 1),))
    assert np.abs(np.subtract(found, color)).max() <= 1  # spec A.1 allows it at whole products


@pytest.mark.parametrize(
    ("name", "color"), [("red", [51, 0, 0]), ("green", [0, 51, 0]), ("blue", [0, 0, 51])]
)
def test_red_green_and_blue_show_the_value_in_one_channel(name, color):  # spec 3.2
    assert shown(0.2 + 1e-6, View(colormap=name), ((0, 1),)) == color


def test_inversion_turns_the_palette_and_contrast_scales_its_colours():  # spec 11.4
    assert shown(0, View(colormap="hot", inverted=True), ((0, 1),)) == [255, 255, 255]
    assert shown(1, View(colormap="hot", contrast=0.5), ((0, 1),)) == [127, 127, 127]


@pytest.mark.parametrize(
    ("value", "cut", "byte"),
    [  # spec 3.2, "Normalisation": equal cuts have the gain 1e30
        (5, (5, 5), 0),
        (5.0001, (5, 5), 255),
        (4.9999, (5, 5), 0),
        (5, (5, 5 + 1e-31), 0),
        # high below low: a falling ramp
        (0, (1, 0), 255),
        (0.25, (1, 0), 191),
        (1, (1, 0), 0),
    ],
)
def test_odd_cuts(value, cut, byte):
    assert shown(value, View(), (cut,)) == [byte]


@pytest.mark.parametrize(
    ("value", "view", "byte"),
    [
        (0.5, View(contrast=0), 0),
        (0.5, View(contrast=-1), 0),
        (-0.5, View(contrast=-1), 127),
        (-0.5, View(contrast=-1, gamma=0.5), 0),
        (0.5, View(contrast=NAN), 255),
        (0.5, View(contrast=INF), 255),
        (0.0, View(contrast=INF), 255),  # NaN, which is not less than 255
        (-0.5, View(contrast=INF), 0),
        (0.5, View(gamma=1e30), 0),
        (1.0, View(gamma=1e300), 255),
        (2.0, View(gamma=1e30), 255),
        (-2.0, View(gamma=3), 0),
        (-2.0, View(gamma=0), 255),
        (0.0, View(gamma=-1), 255),
        (-2.0, View(inverted=True), 255),
        (-2.0, View(inverted=True, contrast=0.1), 76),
        (1.5, View(inverted=True), 0),
        (0.5, View(gamma=NAN), 255),
        (0.0, View(logarithmic=True), 0),
        (1.0, View(logarithmic=True), 255),
        (-9.0, View(logarithmic=True), 0),
        (1 / 255, View(logarithmic=True), 31),  # 255 ln 2 / ln 256 = 31.875
        (0.5, View(logarithmic=True, gamma=9), 223),  # 255 ln 128.5 / ln 256 = 223.3
    ],
)
def test_odd_parameters(value, view, byte):
    assert shown(value, view, ((0, 1),)) == [byte]


@pytest.mark.parametrize(
    ("channels", "mix", "shape"),
    [
        (1, (), 1),
        (2, (), 1),
        (3, (), 3),
        (7, (), 3),
        (5, ((1,),), 1),
        (5, ((1,), (1,)), 1),
        (5, ((1,),) * 3, 3),
        (5, ((1,),) * 9, 3),
        (1, ((1,),) * 3, 1),
        (1, ((1,), (0.5,), (0.1,)), 3),
    ],
)
def test_as_many_channels_are_shown_as_there_are_to_show(channels, mix, shape):
    raw = np.ones((4, 5, channels), dtype=np.float32)
    answer = pipeline.render(raw, View(mix=mix), Scene(((0, 2),) * channels))
    assert answer.shape == (4, 5, shape)


def test_channels_are_mixed_before_gamma():  # spec 3.3
    raw = np.array([[[0.2, 0.6]]], dtype=np.float32)
    view = View(mix=((0.5, 0.5), (1, 0), (0, 0)), gamma=2)
    answer = pipeline.render(raw, view, Scene(((0, 1), (0, 1))))
    assert answer.tolist() == [[[40, 10, 0]]]  # 255 * 0.16, 255 * 0.04, 0


def test_resampling_comes_before_gamma():
    raw = np.array([[[0.0], [1.0]]], dtype=np.float32)
    scene = Scene(((0, 1),), resize=Resize(Size(2, 1), Size(4, 1), 0, 0, 1, smooth=True))
    answer = pipeline.render(raw, View(gamma=2), scene)
    assert answer.tolist() == [[[0], [63], [255], [255]]]  # (1/2)² = 1/4


@pytest.mark.parametrize("shape", [(0, 4, 1), (4, 0, 3), (0, 0, 2)])
def test_no_pixels_give_no_pixels(shape):
    view = View(gamma=0.5, mix=((1,),) * 3, colormap="jet", contrast=2)
    answer = pipeline.render(np.empty(shape, np.float32), view, Scene(((0, 1),) * shape[2]))
    assert answer.shape == (*shape[:2], 3)


def test_raw_samples_are_never_written():
    raw = np.random.default_rng(3).normal(size=(8, 8, 3)).astype(np.float32)
    before = raw.copy()
    view = View(gamma=0.5, inverted=True, colormap="hot", kernel=(1.0,) * 9, light=(45, 45))
    pipeline.render(raw, view, Scene(((0, 1),) * 3))
    pipeline.render(raw, View(), Scene(((0, 1),) * 3))
    np.testing.assert_array_equal(raw, before)


def test_grey_and_table_come_last():
    raw = np.array([[[255, 0, 0]]], dtype=np.uint8)
    table = tuple(range(255, -1, -1))
    scene = Scene(((0, 255),) * 3, table=table)
    assert pipeline.render(raw, View(), scene).tolist() == [[[0, 255, 255]]]
    assert pipeline.render(raw, View(palette="gray"), scene).tolist() == [[[255 - 76]]]


def test_a_lab_image_is_shown_in_srgb():
    raw = np.array([[[255, 0, 0]]], dtype=np.uint8)  # L = 100: white
    answer = pipeline.render(raw, View(), Scene(((0, 255),) * 3, lab=True))
    assert answer.min() >= 254


def test_the_order_is_that_of_the_specification():  # spec 3.1 and 3.5
    names = " ".join(stage.name for stage in pipeline.STAGES)
    assert names == (
        "lab normalize shade twist flatten resample gamma logarithm invert colormap convolve"
        " quantize greyscale table"
    )
