from __future__ import annotations

import os

import numpy as np
import pytest

from iipastro.errors import NotFound, TooLarge, Unservable
from iipastro.images.fits_header import read_headers
from iipastro.images.fits_image import choose, image_of
from iipastro.images.selection import WHOLE_FILE, Selection


@pytest.fixture
def headers(write_fits):
    """Return a function that writes HDUs and reads their headers."""

    def written(*hdus):
        descriptor = os.open(write_fits(*hdus), os.O_RDONLY)
        try:
            return list(read_headers(descriptor, 1 << 20))
        finally:
            os.close(descriptor)

    return written


def small(dtype="i2", shape=(2, 3)):
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    ("stored", "cards", "dtype", "shown"),
    [
        (np.uint8([0, 200]), [], np.uint8, [0, 200]),
        (np.uint8([0, 200]), [("BZERO", -128)], np.int8, [-128, 72]),
        (np.int16([-5, 300]), [], np.int16, [-5, 300]),
        (np.int16([-32768, 32767]), [("BZERO", 32768)], np.uint16, [0, 65535]),
        (np.int16([-32768, 32767]), [("BZERO", 32768.0)], np.uint16, [0, 65535]),
        (np.int32([-(2**31), 2**31 - 1]), [("BZERO", 2**31)], np.uint32, [0, 2**32 - 1]),
        (np.int32([-7, 7]), [], np.int32, [-7, 7]),
        (np.int64([-7, 2**40]), [], np.float32, [-7, 2.0**40]),
        (np.int16([-2, 2]), [("BSCALE", 0.5), ("BZERO", 10)], np.float32, [9, 11]),
        (np.int16([-2, 2]), [("BLANK", -2)], np.float32, [np.nan, 2]),
        (np.int16([1, 2]), [("BLANK", 1), ("BSCALE", 3)], np.float32, [np.nan, 6]),
        (np.float32([1.5, np.nan]), [], np.float32, [1.5, np.nan]),
        (np.float32([1.5, 2]), [("BSCALE", 2), ("BZERO", -1)], np.float32, [2, 3]),
        (np.float32([1.5, 2]), [("BLANK", 2)], np.float32, [1.5, 2]),
        (np.float64([0.1, 1e300]), [], np.float32, [np.float32(0.1), np.inf]),
    ],
)
def test_samples_are_shown_as_the_standard_scales_them(headers, stored, cards, dtype, shown):
    image = image_of(headers((stored[np.newaxis], cards))[0], None, 16)
    given = image.shown(stored.astype(image.stored))
    assert image.dtype == given.dtype == np.dtype(dtype)
    assert given.dtype.isnative
    np.testing.assert_array_equal(given, np.array(shown, dtype))


def test_without_a_selection_the_first_image_is_taken(headers):
    table = (small(), [("XTENSION", "BINTABLE")])
    found = headers(None, table, small(shape=(7,)), small("f4"), small())
    header, primary = choose(found, WHOLE_FILE)
    assert (header.number, primary.number) == (3, 0)


def test_an_hdu_is_chosen_by_number_or_by_name_and_version(headers):
    first, second = [("EXTNAME", "sci"), ("EXTVER", 1)], [("EXTNAME", "SCI"), ("EXTVER", 2)]
    found = headers(small(), (small(), first), (small(), second), (small(), [("EXTNAME", "ERR")]))
    for number, selection in [
        (0, Selection(hdu=0)),
        (2, Selection(hdu=2)),
        (1, Selection(name="SCI")),
        (2, Selection(name="SCI", version=2)),
        (3, Selection(name="ERR")),
        (3, Selection(name="ERR", version=1)),
    ]:
        assert choose(found, selection)[0].number == number
    for selection in (Selection(hdu=4), Selection(name="DQ"), Selection(name="SCI", version=3)):
        with pytest.raises(NotFound, match="no such HDU"):
            choose(found, selection)


@pytest.mark.parametrize(
    "hdus",
    [
        [None],
        [small(shape=(7,))],
        [small(shape=(0, 5))],
        [None, (small(), [("XTENSION", "TABLE")])],
        [(small(shape=(1, 2, 3)), [("NAXIS1", 0), ("GROUPS", True)])],
    ],
)
def test_a_file_without_an_image_is_refused(headers, hdus):
    found = headers(*hdus)
    with pytest.raises(Unservable, match="holds no image"):
        choose(found, WHOLE_FILE)
    with pytest.raises(Unservable, match="holds no image"):
        image_of(found[-1], None, 16)


def test_planes_of_a_cube_are_channels_and_short_axes_count_for_nothing(headers):
    image = image_of(headers(small(shape=(1, 4, 1, 2, 3)))[0], None, 16)
    assert (image.size, image.planes) == ((3, 2), (0, 1, 2, 3))


def test_one_plane_may_be_chosen(headers):
    header = headers(small(shape=(5, 2, 3)))[0]
    assert image_of(header, 5, 16).planes == (4,)
    assert image_of(headers(small())[0], 1, 16).planes == (0,)
    with pytest.raises(NotFound, match="no plane 6"):
        image_of(header, 6, 16)


def test_of_a_long_cube_a_plane_has_to_be_chosen(headers):
    header = headers(small(shape=(5, 2, 3)))[0]
    with pytest.raises(TooLarge, match="5 planes; choose one"):
        image_of(header, None, 4)
    assert image_of(header, 3, 4).planes == (2,)


@pytest.mark.parametrize(
    ("dtype", "planes", "width"),
    [("u1", 1, 2**24), ("f4", 1, 2**24), ("f8", 1, 2**23), ("i2", 16, 2**20)],
)
def test_a_row_of_all_planes_takes_64_mib_at_most(headers, dtype, planes, width):
    array = small(dtype, (planes, 2, 3))
    assert image_of(headers((array, [("NAXIS1", width)]))[0], None, 16).size.width == width
    long = headers((array, [("NAXIS1", width + 1)]))[0]
    with pytest.raises(TooLarge, match="rows of HDU 0 are too long"):
        image_of(long, None, 16)
    if planes > 1:
        assert image_of(long, 1, 16).size.width == width + 1


@pytest.mark.parametrize(
    "cards",
    [
        [("BSCALE", 0)],
        [("BSCALE", b"= NaN")],
        [("BSCALE", "one")],
        [("BZERO", b"=  inf")],
        [("BZERO", b"= 1E9999")],
        [("BLANK", 1.5)],
        [("NAXIS1", 2**31)],
    ],
)
def test_an_image_that_cannot_be_scaled_or_is_too_wide_is_refused(headers, cards):
    with pytest.raises(Unservable):
        image_of(headers((small(), cards))[0], None, 16)
