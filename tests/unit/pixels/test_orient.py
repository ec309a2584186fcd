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
