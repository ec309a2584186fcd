import numpy as np
import pytest

from iipastro.encoders.options import check_sides
from iipastro.errors import BadArgument, TooLarge


def blank(rows, columns):
    return np.broadcast_to(np.uint8(0), (rows, columns, 1))


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (100, 1), (1, 100), (100, 100)])
def test_sides_up_to_the_limit_are_accepted(rows, columns):
    check_sides(blank(rows, columns), 100)


@pytest.mark.parametrize(("rows", "columns"), [(101, 1), (1, 101)])
def test_a_longer_side_is_too_large(rows, columns):
    with pytest.raises(TooLarge, match="at most 100 pixels"):
        check_sides(blank(rows, columns), 100)


@pytest.mark.parametrize(("rows", "columns"), [(0, 1), (1, 0)])
def test_an_empty_picture_is_a_bad_argument(rows, columns):
    with pytest.raises(BadArgument):
        check_sides(blank(rows, columns), 100)
