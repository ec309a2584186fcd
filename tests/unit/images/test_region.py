from __future__ import annotations

import zlib

import numpy as np
import pytest
import tifffile

from iipastro.cache.memory import Memory, weight_of_array
from iipastro.errors import NotFound
from iipastro.geometry import Box, Size
from iipastro.images.kept import KeptSource
from iipastro.images.region import RowReader, moved_inside, read_region


@pytest.fixture
def source(write_tiff, open_tiff, ramp):
    return open_tiff(write_tiff([ramp(50, 70, 2, "uint16"), ramp(25, 35, 2, "uint16")]))


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 70, 50),
        (0, 0, 1, 1),
        (69, 49, 1, 1),
        (16, 16, 16, 16),
        (15, 15, 18, 2),
        (3, 5, 60, 40),
    ],
)
def test_a_region_is_a_crop_of_the_level(source, ramp, box):
    left, top, width, height = box
    level = ramp(50, 70, 2, "uint16")
    given = read_region(source, 1, Box(*box))
    np.testing.assert_array_equal(given, level[top : top + height, left : left + width])
    assert given.dtype == np.uint16


@pytest.mark.parametrize("line", [(0, 0, 70), (3, 17, 60), (69, 49, 1), (15, 16, 2), (0, 49, 70)])
@pytest.mark.parametrize(
    ("tags", "writing"),
    [({}, {}), ({259: ("H", [8])}, {"packed": zlib.compress})],
    ids=["plain", "packed"],
)
@pytest.mark.parametrize("kept", [False, True])
def test_a_line_is_a_crop_of_the_level(write_tiff, open_tiff, ramp, line, tags, writing, kept):
    level, (left, top, width) = ramp(50, 70, 2, "uint16"), line
    source = open_tiff(write_tiff([level], tags, **writing))
    if kept:
        source = KeptSource(source, Memory(1 << 20, weight_of_array))
    given = read_region(source, 0, Box(left, top, width, 1))
    np.testing.assert_array_equal(given, level[top : top + 1, left : left + width])


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_line_of_a_file_of_planes_has_all_channels(tmp_path, open_tiff, ramp, order):
    level, path = ramp(20, 40, 3, "uint16"), tmp_path / "planes.tif"
    planes = np.moveaxis(level, 2, 0)
    how = {"tile": (16, 16), "photometric": "rgb", "planarconfig": "separate"}
    tifffile.imwrite(path, planes, byteorder=order, **how)
    given = read_region(open_tiff(path), 0, Box(5, 17, 30, 1))
    np.testing.assert_array_equal(given, level[17:18, 5:35])


def test_a_line_of_indices_is_given_in_colours(write_tiff, open_tiff, ramp):
    tags = {262: ("H", [3]), 320: ("H", [256 * (255 - n % 256) for n in range(768)])}
    level = ramp(20, 40)
    given = read_region(open_tiff(write_tiff([level], tags)), 0, Box(5, 7, 30, 1))
    np.testing.assert_array_equal(given, np.repeat(255 - level[7:8, 5:35], 3, axis=2))


def test_another_level_is_another_image(source, ramp):
    expected = ramp(25, 35, 2, "uint16")
    np.testing.assert_array_equal(read_region(source, 0, Box(0, 0, 35, 25)), expected)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0, 0, 70, 50), (0, 0, 70, 50)),
        ((65, 0, 6, 5), (64, 0, 6, 5)),  # one pixel over the edge (spec 2.7 step 5)
        ((0, 46, 5, 5), (0, 45, 5, 5)),
        ((500, 500, 5, 5), (65, 45, 5, 5)),
        ((-3, -3, 5, 5), (0, 0, 5, 5)),
        ((10, 10, 700, 500), (0, 0, 70, 50)),
    ],
)
def test_a_box_over_the_edge_is_moved_back_inside(box, expected):
    assert moved_inside(Box(*box), Size(70, 50)) == expected


def test_a_box_over_the_edge_gives_as_many_pixels_as_it_asks_for(source):
    assert read_region(source, 1, Box(65, 46, 6, 5)).shape == (5, 6, 2)


@pytest.mark.parametrize("level", [-1, 2])
def test_there_is_no_region_of_a_level_that_is_not_there(source, level):
    with pytest.raises(NotFound, match="no level"):
        read_region(source, level, Box(0, 0, 1, 1))


BOX = Box(3, 5, 60, 40)
BANDS = [(0, 1), (1, 3), (3, 20), (22, 1), (23, 17), (38, 2)]  # some rows again


def test_rows_are_read_from_the_top_down_and_each_packed_tile_once(write_tiff, open_tiff, ramp):
    level = ramp(50, 70, 2, "uint16")
    path = write_tiff([level], {259: ("H", [8])}, packed=zlib.compress)
    counting = Counting(open_tiff(path))
    reader = RowReader(counting, 0, BOX)
    for top, count in BANDS:
        expected = level[5 + top : 5 + top + count, 3:63]
        np.testing.assert_array_equal(reader.read(top, count), expected)
    assert len(counting.read) == len(set(counting.read)) == 3 * 4  # tiles of 16 pixels


def test_of_a_plain_image_only_the_rows_at_hand_are_read(source, ramp):
    level, counting = ramp(50, 70, 2, "uint16"), Counting(source)
    reader = RowReader(counting, 1, BOX)
    for top, count in BANDS:
        expected = level[5 + top : 5 + top + count, 3:63]
        np.testing.assert_array_equal(reader.read(top, count), expected)
    assert counting.rows == 4 * sum(count for _, count in BANDS)  # of each column of tiles


class Counting:
    """An image that remembers which tiles were read, and how many rows."""

    def __init__(self, source):
        self.info = source.info
        self.read, self.rows = [], 0
        self._source = source

    def read_part(self, level, index, rows):
        self.read.append(index)
        part = self._source.read_part(level, index, rows)
        self.rows += len(part)
        return part
