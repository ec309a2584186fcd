import numpy as np
import pytest

from iipastro.images import differences


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    differences.warm_up()


def test_each_channel_of_each_row_is_added_up_and_goes_round_at_256():
    samples = np.array([[[1, 2, 3], [255, 0, 4]], [[10, 20, 30], [1, 236, 3]]], dtype=np.uint8)
    differences.undo_rgb(samples)
    assert samples.tolist() == [[[1, 2, 3], [0, 2, 7]], [[10, 20, 30], [11, 0, 33]]]


@pytest.mark.parametrize("shape", [(0, 4, 3), (1, 1, 3), (3, 1, 3), (5, 300, 3)])
def test_it_is_the_running_sum(shape):
    samples = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    expected = np.cumsum(samples, axis=1, dtype=np.uint8)
    differences.undo_rgb(samples)
    np.testing.assert_array_equal(samples, expected)
