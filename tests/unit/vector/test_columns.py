"""Which columns are coordinates, and angles as text."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import Angle

from iipastro.vector.columns import (
    PAIRS,
    angle_of,
    angles_of,
    column_of,
    decimals_of,
    first_column,
    guess,
    numbers_of,
    unit_of,
)
from iipastro.vector.draft import InputError
from iipastro.vector.tables import Table


def table(*names, **more):
    return Table(names, iter(()), **more)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("id", "RA", "Dec"), (1, 2, "icrs", 1)),
        (("RAJ2000", "DEJ2000"), (0, 1, "icrs", 1)),
        (("X_IMAGE", "Y_IMAGE", "ALPHA_J2000", "DELTA_J2000"), (2, 3, "icrs", 1)),
        (("lon", "lat"), (0, 1, "icrs", 1)),
        (("GLON", "GLAT"), (0, 1, "galactic", 1)),
        (("ELON", "ELAT"), (0, 1, "ecliptic", 1)),
        (("x", "y"), (0, 1, "pixel", 1)),
        (("Y_IMAGE", "X_IMAGE"), (1, 0, "pixel", 1)),
        (("xcentroid", "ycentroid"), (0, 1, "pixel", 0)),
    ],
)
def test_columns_are_known_by_their_names(names, found):
    assert guess(table(*names), False)[:4] == found


def test_pixels_are_taken_first_where_they_are_preferred():
    both = table("X_IMAGE", "Y_IMAGE", "ALPHA_J2000", "DELTA_J2000")
    assert guess(both, True)[:3] == (0, 1, "pixel")
    assert guess(table("ra", "dec"), True)[:3] == (0, 1, "icrs")


def test_meanings_tell_more_than_names():
    ucds = {"a": "pos.eq.ra;meta.main", "b": "pos.eq.dec;meta.main"}
    assert guess(table("ra", "dec", "a", "b", ucds=ucds), False)[:2] == (2, 3)


@pytest.mark.parametrize("names", [(), ("a", "b"), ("ra",), ("ra", "lat")])
def test_no_columns_are_made_up(names):
    assert guess(table(*names), False) is None


def test_no_pair_is_listed_twice():
    assert len({pair[:2] for pair in PAIRS}) == len(PAIRS)
    assert all(pair.lng == pair.lng.lower() and pair.lat == pair.lat.lower() for pair in PAIRS)


def test_a_column_is_found_in_any_case():
    assert column_of(table("A", "Ra"), "ra") == 1
    assert column_of(table("ra", "RA"), "RA") == 1
    with pytest.raises(InputError, match="no column dec; there are: A, Ra"):
        column_of(table("A", "Ra"), "dec")
    with pytest.raises(InputError):
        column_of(table("RA", "Ra"), "ra")


def test_the_first_column_of_a_list_is_the_first_of_the_list():
    assert first_column(table("ID", "name"), ("name", "id")) == 1
    assert first_column(table("x"), ("name", "id")) is None


@pytest.mark.parametrize(
    ("text", "unit"),
    [("deg", "deg"), ("Degrees", "deg"), ("h", "hour"), ('"h:m:s"', "hour"), ("rad", "rad"),
     ("arcsec", "arcsec"), ("pix", "pixel"), ("mag", ""), ("", "")],
)  # fmt: skip
def test_units_are_known(text, unit):
    assert unit_of(table("a", units={"a": text}), 0) == unit


# ---- angles


@pytest.mark.parametrize(
    "text", ["12:34:56.7", "12 34 56.7", "12h34m56.7s", "0:0:1", "-12h34m", "23:59:59.999", "1:30"]
)
def test_sexagesimal_hours_are_those_of_astropy(text):
    assert angle_of(text, "", True) == pytest.approx(Angle(text, "hourangle").deg, abs=1e-11)


@pytest.mark.parametrize("text", ["-00:30:00.5", "+47:11:42", "89 59 59", "-12d30m15.5s", "5:30"])
def test_sexagesimal_degrees_are_those_of_astropy(text):
    assert angle_of(text, "deg", False) == pytest.approx(Angle(text, "deg").deg, abs=1e-11)


def test_a_letter_tells_what_the_unit_does_not():
    assert angle_of("12d30m", "", True) == 12.5
    assert angle_of("1h30m00s", "", False) == 22.5
    assert (
        angle_of("-1\u00b030\u203200\u2033".replace("\u2032", "'").replace("\u2033", '"'), "", True)
        == -1.5
    )
    assert angle_of("1\u00b030\u203236\u2033", "", False) == pytest.approx(1.51)


@pytest.mark.parametrize(
    ("cell", "unit", "angle"),
    [
        ("12.5", "", 12.5),
        (12.5, "hour", 187.5),
        ("3.141592653589793", "rad", 180.0),
        (" 7 ", "", 7.0),
    ],
)
def test_decimal_angles_are_in_their_unit(cell, unit, angle):
    assert angle_of(cell, unit, False) == pytest.approx(angle)


@pytest.mark.parametrize("cell", [None, "", "nan", float("nan")])
def test_no_angle_is_nan(cell):
    assert np.isnan(angle_of(cell, "", False))


@pytest.mark.parametrize(
    "text", ["x", "1:60:00", "1:00:60", "1:2.5:3", "1_0", "1,5", "12:34:56:7", "--1"]
)
def test_what_is_no_angle_is_refused(text):
    with pytest.raises(ValueError, match=r"is no|could not"):
        angle_of(text, "", False)


def test_many_angles_tell_which_are_none():
    angles, faults = angles_of(["1:00:00", "x", "10", ""], "", True)
    assert angles[[0, 2]].tolist() == [15, 10]
    assert np.isnan(angles[[1, 3]]).all()
    assert faults == {1: "'x' is no angle"}
    assert angles_of(["1", "2.5"], "hour", True)[0].tolist() == [15, 37.5]


def test_many_numbers_tell_which_are_none():
    numbers, faults = numbers_of(["1", "1:2", None, "1_0"])
    assert (numbers[0], sorted(faults)) == (1, [1, 3])
    assert np.isnan(numbers[1:]).all()


def test_a_list_is_no_number():
    assert decimals_of([[1, 2], [3, 4]]) is None
    assert decimals_of([]).shape == (0,)
