from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from iipastro.geometry import Size, tile_box
from iipastro.images.places import read_places, samples_read
from iipastro.images.source import Level


def indices(numbers):
    return np.array(numbers, dtype=np.int64)


@pytest.fixture
def source(write_tiff, open_tiff, ramp):
    return open_tiff(write_tiff([ramp(50, 70, 2, "uint16"), ramp(25, 35, 2, "uint16")]))


def test_each_place_is_a_pixel_of_the_largest_level(source, ramp):
    columns, rows = indices([69, 0, 16, 15, 40, 16]), indices([49, 0, 15, 16, 3, 15])
    given = read_places(source, columns, rows)
    np.testing.assert_array_equal(given, ramp(50, 70, 2, "uint16")[rows, columns])
    assert given.dtype == np.uint16


def test_no_places_have_no_pixels(source):
    assert read_places(source, indices([]), indices([])).shape == (0, 2)


def test_a_tile_is_read_once_and_only_the_rows_that_are_wanted(source):
    asked = []

    class Noting:
        info = source.info

        def read_part(self, level, index, rows):
            asked.append((level, index, rows.start, rows.stop))
            return source.read_part(level, index, rows)

    read_places(Noting(), indices([20, 1, 31]), indices([9, 2, 4]))
    assert asked == [(1, 0, 2, 3), (1, 1, 4, 10)]


def test_tiles_need_not_be_square():
    pixels = np.arange(7 * 9).reshape(7, 9, 1)

    class Oblong:
        info = SimpleNamespace(
            levels=(Level(Size(9, 7), Size(4, 2)),), channels=1, dtype=pixels.dtype
        )

        def read_part(self, level, index, rows):
            left, top, width, height = tile_box(*self.info.levels[level], index)
            return pixels[top : top + height, left : left + width][rows]

    rows, columns = np.divmod(np.arange(7 * 9), 9)
    np.testing.assert_array_equal(
        read_places(Oblong(), columns, rows), pixels[rows, columns], strict=True
    )


def test_what_is_unpacked_are_whole_tiles_of_all_channels(source):
    assert samples_read(source, indices([0, 15, 16]), indices([0, 15, 0])) == 2 * 16 * 16 * 2
