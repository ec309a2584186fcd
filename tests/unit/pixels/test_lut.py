import numpy as np
import pytest

from iipastro.pixels import lut, pipeline
from iipastro.pixels.scene import Scene
from iipastro.view import View

F = np.float32
PLAIN = Scene(())
INVERTING_TABLE = tuple(range(255, -1, -1))
VIEWS = [
    View(),
    View(contrast=2.5),
    View(contrast=-1),
    View(contrast=0),
    View(contrast=np.inf),
    View(contrast=np.nan),
    View(gamma=0.4545),
    View(gamma=2.2, contrast=1.1),
    View(gamma=0.01),
    View(gamma=1e9),
    View(gamma=-0.7),
    View(gamma=0),
    View(inverted=True),
    View(inverted=True, contrast=0.3),
    View(inverted=True, gamma=0.4545, contrast=1.7),
    View(logarithmic=True),
    View(colormap="hot"),
    View(colormap="cold", gamma=0.4545),
    View(colormap="jet", inverted=True),
    View(colormap="jet", gamma=7, contrast=0.01),
    View(colormap="jet", logarithmic=True, inverted=True, contrast=3),
    View(colormap="green", gamma=2),
    View(colormap="hot", palette="gray"),
]


def looked_up(steps, values):
    step = np.searchsorted(steps.edges[:-1], values, side="right")
    return steps.colors[np.where(np.isnan(values), len(steps.edges), step)]


def plain(values, view, scene=PLAIN):
    """The finishing stages of the plain chain: the oracle of these tests."""
    return pipeline.run(pipeline.FINISH, values.reshape(-1, 1, 1).copy(), view, scene)[:, 0]


def values_of(steps):
    """Values everywhere, around every step, and what is no number."""
    random = np.random.default_rng(7)
    edges = steps.edges[:-1]
    with np.errstate(over="ignore"):
        around = [edges, np.nextafter(edges, F(np.inf)), np.nextafter(edges, F(-np.inf))]
    anywhere = random.integers(0, 2**32, 20_000, dtype=np.uint32).view(F)
    usual = random.uniform(-0.2, 1.3, 50_000).astype(F)
    special = np.array([0, -0.0, 1, np.nan, -np.nan, np.inf, -np.inf], dtype=F)
    return np.concatenate([*around, anywhere, usual, special])


@pytest.mark.parametrize("view", VIEWS, ids=str)
@pytest.mark.parametrize("table", [None, INVERTING_TABLE])
def test_a_step_function_answers_what_the_plain_chain_answers(view, table):
    scene = Scene((), table=table)
    steps = lut.steps_of(lut.curve_of(view, scene))
    values = values_of(steps)
    differ = np.abs(looked_up(steps, values).astype(int) - plain(values, view, scene)).max(axis=1)
    assert differ.max() <= 1
    assert np.count_nonzero(differ) <= 1e-4 * len(values)


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_the_bin_of_a_value_is_never_beyond_its_step(view):
    steps = lut.steps_of(lut.curve_of(view, PLAIN))
    values = values_of(steps)
    values = values[~np.isnan(values)]
    step = np.searchsorted(steps.edges[:-1], values, side="right")
    assert (steps.first[lut.bins_of(values)] <= step).all()


def test_the_steps_of_the_plain_view_are_the_256_bytes():
    steps = lut.steps_of(lut.curve_of(View(), PLAIN))
    assert steps.colors[:-1].ravel().tolist() == list(range(256))
    assert steps.colors[-1] == 255  # NaN
    np.testing.assert_allclose(steps.edges[:-1], np.arange(1, 256) / 255, rtol=1e-6)


def test_grey_in_rgb_repeats_its_bytes():
    curve = lut.curve_of(View(gamma=2), PLAIN, copies=3)
    colors = lut.steps_of(curve).colors
    assert colors.shape[1] == 3
    assert (colors == colors[:, :1]).all()


def test_what_is_shared_cannot_be_written():
    steps = lut.steps_of(lut.curve_of(View(), PLAIN))
    assert steps is lut.steps_of(lut.curve_of(View(), PLAIN))
    assert not any(part.flags.writeable for part in steps[1:])


def test_bins_rise_with_the_values():
    values = np.sort(np.random.default_rng(8).integers(0, 2**32, 9999, dtype=np.uint32).view(F))
    values = values[~np.isnan(values)]
    bins = lut.bins_of(values)
    assert (np.diff(bins) >= 0).all()
    assert bins[0] == 0
    assert bins[-1] == 2 * lut.BINS.half - 1


def test_a_contrast_that_is_no_number_is_one_curve():
    view = View(contrast=np.nan)
    assert lut.curve_of(view, Scene(())) == lut.curve_of(view, Scene(()))
