from __future__ import annotations

import os

import numpy as np
import pytest

from iipastro.errors import Unreadable
from iipastro.geometry import Box
from iipastro.images.fits_header import read_headers
from iipastro.images.fits_image import image_of
from iipastro.images.fits_pixels import CHEAP_GAP, Held, PlainPixels, identity_of


@pytest.fixture
def open_pixels(write_fits):
    """Return a function that opens the pixels of an array; closed afterwards."""
    opened = []

    def written(array, cards=()):
        descriptor = os.open(write_fits((array, cards)), os.O_RDONLY)
        image = image_of(next(read_headers(descriptor, 1 << 20)), None, 16)
        opened.append(PlainPixels(descriptor, image))
        return opened[-1]

    yield written
    for pixels in opened:
        pixels.close()


def ramp(*shape, dtype="f4"):
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


BOXES = (Box(0, 0, 1, 1), Box(3, 5, 7, 9), Box(10, 19, 20, 1), Box(29, 0, 1, 20))


@pytest.mark.parametrize("width", [30, 30 + CHEAP_GAP // 2])
@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "f4", "f8"])
def test_a_rectangle_is_a_crop_of_the_rows_upside_down(open_pixels, width, dtype):
    array = ramp(20, width, dtype=dtype)
    pixels = open_pixels(array)
    for left, top, columns, rows in BOXES:
        given = pixels.read(Box(left, top, columns, rows))
        expected = array[::-1][top : top + rows, left : left + columns]
        np.testing.assert_array_equal(given[..., 0], expected)
        assert given.flags.c_contiguous
        assert given.dtype.isnative


@pytest.mark.parametrize("width", [30, 30 + CHEAP_GAP])
def test_planes_are_channels(open_pixels, width):
    array = ramp(3, 20, width, dtype="i2")
    given = open_pixels(array).read(Box(5, 2, 10, 4))
    np.testing.assert_array_equal(given, np.moveaxis(array[:, ::-1][:, 2:6, 5:15], 0, -1))


def test_another_one_reads_when_the_first_is_closed(open_pixels, descriptors):
    before = descriptors()
    first = open_pixels(ramp(2, 2))
    second = first.again()
    assert second.identity == first.identity
    assert second.read(Box(0, 0, 2, 2))[0, 0, 0] == 2
    second.close()
    assert descriptors() == before + 1


@pytest.mark.parametrize("width", [30, 30 + CHEAP_GAP])
def test_a_file_cut_short_while_it_is_open_is_an_error(open_pixels, tmp_path, width):
    pixels = open_pixels(ramp(20, width))
    os.truncate(tmp_path / "image.fits", 2880 + 4 * width * 10)
    pixels.read(Box(0, 10, 5, 10))
    with pytest.raises(Unreadable, match="cut short"):
        pixels.read(Box(0, 9, 5, 10))


def test_a_file_that_cannot_be_read_is_an_error(open_pixels, tmp_path):
    pixels = open_pixels(ramp(20, 30))
    folder = PlainPixels(os.open(tmp_path, os.O_RDONLY), pixels._image)
    with pytest.raises(Unreadable, match="cannot be read"):
        folder.read(Box(0, 0, 5, 5))
    folder.close()


def test_an_identity_is_what_the_system_knows_of_the_file(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    os.utime(tmp_path / "file", ns=(1, 1234567890123456789))
    descriptor = os.open(tmp_path / "file", os.O_RDONLY)
    identity = identity_of(descriptor)
    os.close(descriptor)
    status = os.stat(tmp_path / "file")
    assert identity == (status.st_dev, status.st_ino, 5, 1234567890123456789)


def test_one_place_holds_the_tiles_of_all_images():
    held, made = Held(), []
    one, other, first, second = object(), object(), (slice(0, 1),), (slice(1, 2),)

    def unpack(where):
        made.append(where)
        return np.full(1, len(made))

    for owner, where, times in [
        (one, first, 1),
        (one, first, 1),
        (one, second, 2),
        (other, second, 3),
        (one, second, 4),
    ]:
        assert held.tiles(owner, where, unpack)[0] == times
    held.release(other)  # holds nothing
    assert held.tiles(one, second, unpack)[0] == 4
    held.release(one)
    assert held.tiles(one, second, unpack)[0] == 5
