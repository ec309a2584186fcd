import numpy as np
import pytest

from iipastro.pixels.orient import orient

A, B, C, D = range(4)
PICTURE = np.array([[[A], [B]], [[C], [D]]], dtype=np.uint8)


@pytest.mark.parametrize(
    ("flip", "rotation", "expected"),
    [
        (0, 0, [[A, B], [C, D]]),
        (1, 0, [[B, A], [D, C]]),
        (2, 0, [[C, D], [A, B]]),
        (0, 90, [[C, A], [D, B]]),
        (0, 180, [[D, C], [B, A]]),
        (0, 270, [[B, D], [A, C]]),
        (0, -90, [[B, D], [A, C]]),
        (0, 450, [[C, A], [D, B]]),
        (0, -720, [[A, B], [C, D]]),
        (0, 45, [[A, B], [C, D]]),
        (0, 91, [[A, B], [C, D]]),
        (1, 90, [[D, B], [C, A]]),  # first the mirror, then the turn
        (2, 90, [[A, C], [B, D]]),
    ],
)
def test_a_picture_is_mirrored_then_turned_clockwise(flip, rotation, expected):
    assert orient(PICTURE, flip, rotation)[:, :, 0].tolist() == expected


def test_a_quarter_turn_swaps_the_sides_and_keeps_the_channels():
    assert orient(np.zeros((2, 5, 3), np.uint8), 0, 90).shape == (5, 2, 3)


@pytest.mark.parametrize("shape", [(1, 5, 1), (5, 1, 1), (1, 5, 3), (5, 1, 3), (1, 1, 3)])
@pytest.mark.parametrize("flip", [0, 1, 2])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_strip_of_one_pixel_lies_in_memory_as_encoders_take_it(shape, flip, rotation):
    turned = orient(np.zeros(shape, np.uint8), flip, rotation)
    assert turned.strides == np.zeros(turned.shape, np.uint8).strides


def test_a_picture_that_stays_as_it_is_is_not_copied():
    assert orient(PICTURE, 0, 360) is PICTURE
