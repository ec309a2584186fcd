import numpy as np
import pytest

from iipastro.pixels import kernels, lut, pipeline, tables
from iipastro.pixels.scene import Scene
from iipastro.view import View


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16])
def test_a_table_of_values_holds_every_value(dtype):
    limits = np.iinfo(dtype)
    every = np.arange(limits.min, limits.max + 1).astype(dtype).reshape(-1, 64, 1)
    cuts, view = ((limits.min / 3, limits.max / 2),), View(gamma=0.6, inverted=True)
    found = tables.by_table(every, lut.curve_of(view, Scene(())), Scene(cuts))
    np.testing.assert_array_equal(found, pipeline.render(every, view, Scene(cuts)))


def test_each_channel_has_its_own_table_of_values():
    raw = np.random.default_rng(9).integers(0, 65536, (7, 9, 5), dtype=np.uint16)
    scene = Scene(tuple((10.0 * k, 60000.0 - 900 * k) for k in range(5)))
    for view in (View(gamma=0.4545), View(colormap="jet")):
        found = tables.by_table(raw, lut.curve_of(view, scene), scene)
        np.testing.assert_array_equal(found, pipeline.render(raw, view, scene))


@pytest.mark.parametrize("writable", [True, False])
def test_bytes_that_stay_as_they_are_are_not_copied_but_cannot_be_written_to(writable):
    raw = np.arange(4 * 64 * 4, dtype=np.uint8).reshape(4, 64, 4)
    raw.flags.writeable = writable
    found = tables.by_table(raw, lut.curve_of(View(), Scene(())), Scene(((0, 255),) * 4))
    np.testing.assert_array_equal(found, raw[:, :, :3])
    assert np.shares_memory(found, raw)
    assert not found.flags.writeable
    assert raw.flags.writeable is writable


def test_only_bytes_stay_as_they_are():
    every, curve = (
        np.arange(-128, 128).astype(np.int8).reshape(4, 64, 1),
        lut.curve_of(View(), Scene(())),
    )
    for raw, cut in ((every, (0, 255)), (every.view(np.uint8), (0, 254)), (every, (-128, 127))):
        found = tables.by_table(raw, curve, Scene((cut,)))
        assert not np.shares_memory(found, raw)
        np.testing.assert_array_equal(found, pipeline.render(raw, View(), Scene((cut,))))


def test_samples_of_one_size_share_a_compilation():
    for dtype in (np.uint8, np.int8, np.uint16, np.int16):
        for channels in (1, 2, 3, 4):
            raw = np.ones((2, 3, channels), dtype)
            frozen = raw.view()
            frozen.flags.writeable = False
            for array in (raw, frozen, raw[:, ::2]):
                kernels.render(array, View(gamma=2), Scene(((0, 9),) * channels))
    assert len(tables.look_up.signatures) == 2


def test_tables_of_channels_stand_side_by_side():
    curve, cuts = lut.curve_of(View(), Scene(())), ((0, 255), (0, 100), (5, 9))
    found = tables.value_tables("|u1", cuts, curve)
    for channel, cut in enumerate(cuts):
        expected = tables.value_table("|u1", cut, curve)
        np.testing.assert_array_equal(found[:, channel : channel + 1], expected)
    assert not found.flags.writeable


def test_the_compiled_look_up_says_in_python_what_it_does_compiled():
    rng = np.random.default_rng(4)
    samples, table = (
        rng.integers(0, 256, (9, 4), np.uint8),
        rng.integers(0, 256, (256, 3), np.uint8),
    )
    samples.flags.writeable = table.flags.writeable = False
    for each in (False, True):
        for shown in (1, 3):
            found, interpreted = np.zeros((2, 9, shown), np.uint8)
            tables.look_up(samples, each, table[:, :shown].copy(), found)
            tables.look_up.py_func(samples, each, table[:, :shown].copy(), interpreted)
            np.testing.assert_array_equal(found, interpreted)
