from __future__ import annotations

import numpy as np
import pytest

from iipastro.convert.hdus import Hdu
from iipastro.convert.header import Header
from iipastro.convert.mosaic import (
    MosaicPlane,
    Part,
    Rect,
    mosaic_cards,
    parts_by_detector,
    parts_by_wcs,
    reference_of,
)
from iipastro.convert.source import ConvertError
from iipastro.geometry import Size
from iipastro.images.fits_cards import value_of


class Array:
    """A plane of an array, the first row of FITS first."""

    def __init__(self, array):
        self.array = np.asarray(array, np.float32)
        self.size = Size(*self.array.shape[::-1])

    def read_into(self, target, row, column):
        rows, columns = target.shape
        part = self.array[row : row + rows, column : column + columns]
        assert part.shape == target.shape
        target[...] = part


SMALL = Array(np.arange(1, 7).reshape(2, 3))  # 3 x 2: 1 2 3 below, 4 5 6 above
WHOLE = Rect(0, 0, 3, 2)


def whole(plane):
    out = np.zeros(plane.size[::-1], np.float32)
    plane.read_into(out, 0, 0)
    return out


@pytest.fixture(name="hdu")
def _hdu(fits_card):
    def make(number=1, **more):
        cards = [fits_card(*pair) for pair in more.items()]
        return Hdu(number, Header(cards, f"a.fits[{number}]"), 0, 0)

    return make


def test_parts_stand_where_they_are_placed_and_nan_between_them():
    mosaic = MosaicPlane([Part(SMALL, WHOLE, 10, 20), Part(SMALL, WHOLE, 14, 21)], "a.fits")
    assert mosaic.size == Size(7, 3)
    nan = np.nan
    wanted = [
        [1, 2, 3, nan, nan, nan, nan],
        [4, 5, 6, nan, 1, 2, 3],
        [nan, nan, nan, nan, 4, 5, 6],
    ]
    assert np.array_equal(whole(mosaic), wanted, equal_nan=True)


def test_where_parts_overlap_the_last_one_counts():
    mosaic = MosaicPlane([Part(SMALL, WHOLE, 0, 0), Part(SMALL, WHOLE, 1, 0)], "a.fits")
    assert whole(mosaic).tolist() == [[1, 1, 2, 3], [4, 4, 5, 6]]


@pytest.mark.parametrize(
    ("flips", "wanted"),
    [
        ((True, False), [[3, 2, 1], [6, 5, 4]]),
        ((False, True), [[4, 5, 6], [1, 2, 3]]),
        ((True, True), [[6, 5, 4], [3, 2, 1]]),
    ],
)
def test_a_part_is_turned_round(flips, wanted):
    mosaic = MosaicPlane([Part(SMALL, WHOLE, 5, 5, *flips)], "a.fits")
    assert whole(mosaic).tolist() == wanted


@pytest.mark.parametrize("flips", [(False, False), (True, False), (False, True), (True, True)])
def test_any_rectangle_is_that_of_the_whole(flips):
    array = Array(np.arange(63).reshape(7, 9))
    parts = [
        Part(array, Rect(2, 1, 5, 4), 0, 0, *flips),
        Part(array, Rect(0, 0, 9, 7), 4, 3, *flips),
    ]
    mosaic = MosaicPlane(parts, "a.fits")
    everything = whole(mosaic)
    for row, column, rows, columns in [(0, 0, 10, 13), (2, 3, 5, 6), (9, 12, 1, 1), (3, 0, 1, 13)]:
        out = np.zeros((rows, columns), np.float32)
        mosaic.read_into(out, row, column)
        wanted = everything[row : row + rows, column : column + columns]
        assert np.array_equal(out, wanted, equal_nan=True)


@pytest.mark.parametrize("column", [10_000, 2**30])
def test_a_mosaic_that_is_almost_empty_is_refused(column):
    with pytest.raises(ConvertError, match=r"a\.fits: a mosaic of .* almost all empty"):
        MosaicPlane([Part(SMALL, WHOLE, 0, 0), Part(SMALL, WHOLE, column, 0)], "a.fits")


# ---- by DETSEC


def test_parts_are_placed_by_their_sections(hdu):
    array = Array(np.arange(8 * 6).reshape(6, 8))
    hdus = [
        hdu(1, DATASEC="[3:8,1:6]", DETSEC="[101:106,201:206]"),
        hdu(2, DATASEC="[1:6,1:6]", DETSEC="[112:107,206:201]"),
    ]
    first, second = parts_by_detector(hdus, [array, array])
    assert first == Part(array, Rect(2, 0, 6, 6), 100, 200, False, False)
    assert second == Part(array, Rect(0, 0, 6, 6), 106, 200, True, True)
    mosaic = whole(MosaicPlane([first, second], "a.fits"))
    assert np.array_equal(mosaic, np.hstack([array.array[:, 2:], array.array[::-1, 5::-1]]))


def test_sections_of_binned_pixels_are_divided(hdu):
    hdus = [hdu(1, DETSEC="[1:6,1:5]", CCDSUM="2 2"), hdu(2, DETSEC="[7:12,1:4]", CCDSUM="2 2")]
    parts = parts_by_detector(hdus, [SMALL, SMALL])
    assert [(part.column, part.row) for part in parts] == [(0, 0), (3, 0)]


def test_a_part_read_backwards_in_both_sections_is_not_turned(hdu):
    (part,) = parts_by_detector([hdu(DATASEC="[3:1,1:2]", DETSEC="[3:1,1:2]")], [SMALL])
    assert not part.flip_columns


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({}, r"DETSEC is '', not \[x1:x2,y1:y2\]"),
        ({"DETSEC": "[1:3]"}, "DETSEC is"),
        ({"DETSEC": "[0:2,1:2]"}, "DETSEC is"),
        ({"DETSEC": "[1:9999999999,1:2]"}, "DETSEC is"),
        ({"DETSEC": "[1:3,1:3]"}, "DETSEC and DATASEC differ in size"),
        ({"DETSEC": "[1:4,1:2]", "DATASEC": "[1:4,1:2]"}, "DATASEC lies outside"),
        ({"DETSEC": "[1:3,1:2]", "CCDSUM": "0 1"}, "CCDSUM is '0 1'"),
    ],
)
def test_sections_of_nonsense_are_refused(hdu, more, message):
    with pytest.raises(ConvertError, match=r"a\.fits\[1\]: " + message):
        parts_by_detector([hdu(**more)], [SMALL])


def test_parts_of_different_binning_are_refused(hdu):
    hdus = [hdu(1, DETSEC="[1:3,1:2]"), hdu(2, DETSEC="[1:6,1:4]", CCDSUM="2 2")]
    with pytest.raises(ConvertError, match="CCDSUM differs"):
        parts_by_detector(hdus, [SMALL, SMALL])


# ---- by WCS

TAN = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.0, "CRVAL2": 2.0}
TAN |= {"CRPIX1": 1.0, "CRPIX2": 1.0, "CD1_1": -0.001, "CD2_2": 0.001}
ARRAY = Array(np.arange(80).reshape(8, 10))


def placed(hdu, **more):
    return parts_by_wcs([hdu(1, **TAN), hdu(2, **{**TAN, **more})], [ARRAY, ARRAY])[1]


def test_parts_are_placed_to_whole_pixels_of_the_first_grid(hdu):
    assert placed(hdu) == Part(ARRAY, Rect(0, 0, 10, 8), 0, 0)
    part = placed(hdu, CRPIX1=-11.3, CRPIX2=4.2)
    assert (part.column, part.row) == (12, -3)


def test_a_part_of_another_reference_point_is_placed_by_the_sky(hdu):
    part = placed(hdu, CRVAL2=2.012)
    assert (part.column, part.row) == (0, 12)


def test_a_mirrored_part_is_turned_round(hdu):
    part = placed(hdu, CD1_1=0.001, CRPIX1=10.0)
    assert (part.column, part.flip_columns, part.flip_rows) == (0, True, False)
    part = placed(hdu, CD1_1=0.001, CD2_2=-0.001, CRPIX1=-5.0, CRPIX2=8.0)
    assert (part.column, part.row) == (-15, 0)
    assert part.flip_columns
    assert part.flip_rows


@pytest.mark.parametrize(
    "more", [{"CD1_1": -0.0015}, {"CD1_2": 0.0005, "CD2_1": 0.0005}, {"CD2_2": 0.0007}]
)
def test_another_scale_or_rotation_is_refused(hdu, more):
    with pytest.raises(ConvertError, match=r"a\.fits\[2\]: its scale or rotation differs"):
        placed(hdu, **more)


def test_a_part_elsewhere_on_the_sky_is_refused(hdu):
    with pytest.raises(ConvertError, match=r"a\.fits\[2\]: lies too far"):
        placed(hdu, CRVAL1=330.0, CRVAL2=-2.0)


def test_a_part_without_coordinates_is_refused(hdu):
    with pytest.raises(ConvertError, match=r"a\.fits\[2\]: no world coordinates"):
        parts_by_wcs([hdu(1, **TAN), hdu(2)], [ARRAY, ARRAY])


# ---- the header


def values(cards):
    return {card[:8].decode().rstrip(): value_of(card) for card in cards}


def test_the_header_is_of_the_first_part_that_is_not_turned():
    upright, turned = Part(SMALL, WHOLE, 0, 0), Part(SMALL, WHOLE, 0, 0, True)
    assert reference_of([turned, upright, upright]) == 1
    assert reference_of([turned, turned]) == 0


def test_coordinates_follow_the_part_into_the_mosaic(fits_card):
    header = Header(
        [fits_card(*pair) for pair in {"NAXIS1": 10, "NAXIS2": 8, **TAN}.items()], "a.fits[1]"
    )
    got = values(mosaic_cards(header, Part(ARRAY, Rect(2, 1, 6, 5), 100, 50), Size(200, 90)))
    assert (got["NAXIS1"], got["NAXIS2"]) == (200, 90)
    assert (got["CRPIX1"], got["CRPIX2"]) == (99.0, 50.0)  # pixel 3 of the part is 101
    assert got["CD1_1"] == -0.001


def test_coordinates_of_a_turned_part_are_turned(fits_card):
    header = Header([fits_card(*pair) for pair in {**TAN, "CD2_1": 0.0001}.items()], "a.fits[1]")
    part = Part(ARRAY, Rect(0, 0, 10, 8), 100, 50, True, False)
    got = values(mosaic_cards(header, part, Size(200, 90)))
    assert (got["CRPIX1"], got["CRPIX2"]) == (110.0, 51.0)  # pixel 1 is the last of the part
    assert (got["CD1_1"], got["CD2_1"], got["CD2_2"]) == (0.001, -0.0001, 0.001)
    steps = Header([fits_card("CDELT1", -2.0), fits_card("CRPIX1", 1.0)], "a.fits[1]")
    assert values(mosaic_cards(steps, part, Size(200, 90)))["CDELT1"] == 2.0
