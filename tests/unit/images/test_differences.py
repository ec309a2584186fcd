import numpy as np
import pytest

from iipastro.images import differences


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    differences.warm_up()


def test_each_channel_of_each_row_is_added_up_and_goes_round_at_256():
    samples = np.ones((4, 8, 3), dtype=np.uint8)
    samples[2, 0] = 10, 254, 5
    samples[2, 1:] = 1, 3, 255
    samples = differences.undone_rgb(samples)
    assert samples[0, :, 0].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert samples[2, :, 0].tolist() == [10, 11, 12, 13, 14, 15, 16, 17]
    assert samples[2, :, 1].tolist() == [254, 1, 4, 7, 10, 13, 16, 19]
    assert samples[2, :, 2].tolist() == [5, 4, 3, 2, 1, 0, 255, 254]


@pytest.mark.parametrize("shape", [(0, 8, 3), (4, 8, 3), (8, 16, 3), (16, 48, 3), (256, 264, 3)])
def test_it_is_the_running_sum(shape):
    samples = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    expected = np.cumsum(samples, axis=1, dtype=np.uint8)
    assert differences.fits(samples)
    for writable in (True, False):
        samples.flags.writeable = writable
        before = samples.copy()
        np.testing.assert_array_equal(differences.undone_rgb(samples), expected)
        np.testing.assert_array_equal(samples, before)
    assert len(differences.add_up.signatures) == 1


@pytest.mark.parametrize("shape", [(5, 8, 3), (4, 12, 3), (4, 8, 1), (4, 8, 4)])
def test_other_shapes_do_not_fit(shape):
    assert not differences.fits(np.zeros(shape, np.uint8))


def test_other_types_do_not_fit():
    assert not differences.fits(np.zeros((4, 8, 3), np.uint16))
