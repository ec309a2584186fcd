import numpy as np
import pytest

from iipastro.pixels.convolve import convolve

GAUSSIAN = (1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0)
SHARPEN = (0.0, -1.0, 0.0, -1.0, 5.0, -1.0, 0.0, -1.0, 0.0)
EMBOSS = (-2.0, -1.0, 0.0, -1.0, 1.0, 1.0, 0.0, 1.0, 2.0)

DOT = np.zeros((5, 5, 1), dtype=np.float32)
DOT[2, 2] = 1


def test_a_dot_becomes_the_kernel_turned_round():
    found = convolve(DOT, EMBOSS)[1:4, 1:4, 0]
    assert found.tolist() == [[2, 1, 0], [1, 1, -1], [0, -1, -2]]


def test_a_kernel_is_divided_by_its_positive_sum():
    found = convolve(DOT, GAUSSIAN)[1:4, 1:4, 0] * 16
    assert found.tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]


@pytest.mark.parametrize(("kernel", "factor"), [((-1.0,) * 9, -9), ((0.0,) * 9, 0)])
def test_a_sum_that_is_not_positive_divides_nothing(kernel, factor):
    assert (convolve(np.full((3, 3, 1), 2, np.float32), kernel) == 2 * factor).all()


@pytest.mark.parametrize("kernel", [GAUSSIAN, SHARPEN, EMBOSS])
def test_edges_are_repeated(kernel):
    flat = np.full((4, 6, 3), 0.5, np.float32)
    np.testing.assert_allclose(convolve(flat, kernel), 0.5)


def test_five_by_five_reaches_two_pixels():
    kernel = [0.0] * 25
    kernel[4] = 1  # top right
    assert np.argwhere(convolve(DOT, tuple(kernel)))[0].tolist() == [4, 0, 0]


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 9, 3)])
def test_small_pictures_may_be_convolved(shape):
    pixels = np.ones(shape, np.float32)
    np.testing.assert_allclose(convolve(pixels, (1.0,) * 25), pixels, rtol=1e-6)
