"""Rows of a table as drafts."""

from __future__ import annotations

import numpy as np
import pytest

from iipastro.vector.catalog import Wanted, drafts_of, frame_of, has_coordinates
from iipastro.vector.draft import BadRow, InputError, TrueShape
from iipastro.vector.tables import Table


def table(names, *rows, **more):
    """A table of text whose rows are numbered like the lines below a head."""
    return Table(tuple(names.split()), iter(list(enumerate(rows, 2))), is_text=True, **more)


def drafts(given, **wanted):
    return list(drafts_of(given, Wanted(**wanted)))


def places(found):
    return [one.outline.rings[0][0].tolist() for one in found]


def test_a_row_becomes_a_point_with_its_properties():
    (draft,) = drafts(table("ra dec mag note", ("10.5", "-20", "12.1", "")))
    assert draft[:3] == (2, 1, "icrs")
    assert (draft.outline.kind, places([draft])) == ("Point", [[10.5, -20]])
    assert draft.properties == {"ra": 10.5, "dec": -20, "mag": 12.1, "note": None}


def test_sexagesimal_right_ascensions_are_hours_and_galactic_longitudes_degrees():
    row = ("1:00:00", "10:30:00")
    assert places(drafts(table("ra dec", row))) == [[15, 10.5]]
    assert places(drafts(table("glon glat", row))) == [[1, 10.5]]
    assert places(drafts(table("ra dec", row), unit="deg")) == [[1, 10.5]]


def test_units_are_those_of_the_columns_or_as_told():
    row = ("2", "1")
    hours = table("ra dec", row, units={"ra": "h", "dec": "deg"})
    assert places(drafts(hours)) == [[30, 1]]
    assert places(drafts(table("ra dec", row), unit="hour")) == [[30, 1]]
    assert places(drafts(table("ra dec", row), unit="rad")) == [
        pytest.approx([114.59156, 57.29578])
    ]


def test_pixels_count_from_1():
    row = ("5", "6")
    assert places(drafts(table("x y", row))) == [[5, 6]]
    assert places(drafts(table("xcentroid ycentroid", row))) == [[6, 7]]
    assert places(drafts(table("x y", row), origin=0)) == [[6, 7]]
    assert frame_of(table("x y"), Wanted()) == "pixel"


def test_columns_can_be_named():
    row = ("1", "2", "3")
    assert places(drafts(table("a b c", row), lng="c", lat="A")) == [[3, 1]]
    named = {"lng": "a", "lat": "b"}
    assert frame_of(table("a b"), Wanted(**named)) == "icrs"
    assert frame_of(table("a b", units={"a": "pix"}), Wanted(**named)) == "pixel"
    assert frame_of(table("a b"), Wanted(**named, frame="galactic")) == "galactic"
    assert (
        frame_of(table("xcentroid ycentroid"), Wanted(lng="xcentroid", lat="ycentroid")) == "pixel"
    )


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, "no columns of coordinates are known: give --lon and --lat from a, b"),
        ({"lng": "a"}, "--lon and --lat go together"),
        ({"lng": "a", "lat": "z"}, "there is no column z"),
        ({"lng": "a", "lat": "b", "axes": "a,b"}, "--axes takes three columns"),
        ({"lng": "a", "lat": "b", "radius": "z"}, "there is no column z"),
        ({"lng": "a", "lat": "b", "label": "z"}, "there is no column z"),
        ({"lng": "a", "lat": "b", "id": "z"}, "there is no column z"),
        ({"lng": "a", "lat": "b", "description": "a,z"}, "there is no column z"),
    ],
)
def test_columns_that_are_not_there_are_named(wanted, message):
    with pytest.raises(InputError, match=message):
        drafts(table("a b", ("1", "2")), **wanted)


def test_a_table_tells_whether_it_has_coordinates():
    assert has_coordinates(table("ra dec"), Wanted())
    assert not has_coordinates(table("a b"), Wanted())
    assert has_coordinates(table("a b"), Wanted(lng="a", lat="b"))


def test_bad_rows_have_their_numbers_and_reasons():
    rows = [("1", "2"), ("x", "2"), ("1", "nan"), ("", ""), ("1", "91"), ("361", "0"), ("inf", "0"),
            ("-0.5", "-90")]  # fmt: skip
    found = drafts(table("ra dec", *rows))
    assert [one for one in found if isinstance(one, BadRow)] == [
        BadRow(3, "'x' is no angle"),
        BadRow(4, "no coordinates"),
        BadRow(5, "no coordinates"),
        BadRow(6, "1, 91 degrees are no place on the sky"),
        BadRow(7, "361, 0 degrees are no place on the sky"),
        BadRow(8, "inf, 0 degrees are no place on the sky"),
    ]
    assert [one.id for one in found if not isinstance(one, BadRow)] == [1, 8]


def test_a_bad_row_of_the_reader_is_handed_on():
    given = Table(("ra", "dec"), iter([BadRow(2, "short"), (3, ("1", "2"))]), is_text=True)
    bad, good = drafts(given)
    assert (bad, good.number) == (BadRow(2, "short"), 3)


def test_circles_have_the_radius_of_a_column_or_one_for_all():
    rows = [("1", "2", "3"), ("1", "2", "-3"), ("1", "2", "x"), ("1", "2", "")]
    good, *bad = drafts(table("ra dec r", *rows), radius="r", size_unit="arcmin")
    assert good.outline.shape == TrueShape("circle", (0.05, 0.05))
    assert [one.reason for one in bad] == [
        "sizes have to be greater than 0, and angles numbers",
        "'x' is no number",
        "'' is no number",
    ]
    (one,) = drafts(table("ra dec", ("1", "2")), radius="0.5")
    assert one.outline.shape.half == (0.5, 0.5)
    (one,) = drafts(table("ra dec r", ("1", "2", "3"), units={"r": "arcsec"}), radius="r")
    assert one.outline.shape.half == pytest.approx((3 / 3600, 3 / 3600))
    (one,) = drafts(table("x y", ("1", "2")), radius="3", size_unit="arcsec")
    assert one.outline.shape.half == (3, 3)


def test_ellipses_have_axes_and_an_angle():
    given = table("x y a b t", ("1", "2", "3", "1", "40"), ("5", "6", "3", "1", "nan"))
    good, bad = drafts(given, axes="a, b,t")
    assert good.outline.shape == TrueShape("ellipse", (3, 1), 40)
    assert isinstance(bad, BadRow)


def test_labels_are_kept_and_descriptions_are_escaped():
    names = "name ra dec description label"
    row = ("<img src=x onerror=alert(1)>", "1", "2", "<b>", "&")
    (draft,) = drafts(table(names, row), label="name", description="description,dec")
    assert draft.properties == {
        "name": row[0], "ra": 1, "dec": 2, "description_": "<b>", "label_": "&",
        "label": row[0],
        "description": "&lt;img src=x onerror=alert(1)&gt;, description: &lt;b&gt;, dec: 2",
    }  # fmt: skip


def test_a_column_never_takes_the_place_of_another():
    (draft,) = drafts(table("ra dec shape shape_", ("1", "2", "3", "4")))
    assert draft.properties == {"ra": 1, "dec": 2, "shape_": 3, "shape__": 4}


def test_ids_are_those_of_a_column_or_the_numbers_of_rows():
    rows = [("1", "2", "A1"), ("1", "2", ""), ("1", "2", "1.5")]
    assert [one.id for one in drafts(table("ra dec id", *rows))] == ["A1", 2, 3]
    assert [one.id for one in drafts(table("ra dec n", *rows), id="n")] == ["A1", 2, 3]
    assert [one.id for one in drafts(table("ra dec n", *rows))] == [1, 2, 3]


def test_numbers_of_rows_go_on_from_slice_to_slice():
    rows = [("1", "2")] * 5000
    assert [one.id for one in drafts(table("ra dec", *rows))] == list(range(1, 5001))


def test_values_of_typed_tables_are_left_as_they_are():
    given = Table(("ra", "dec", "code"), iter([(1, (1.0, 2.0, "007"))]))
    assert drafts(given)[0].properties["code"] == "007"


def test_an_empty_table_has_no_drafts():
    assert drafts(table("")) == []
    assert drafts(table("ra dec")) == []


def test_points_are_of_double_precision():
    (draft,) = drafts(table("ra dec", ("10.123456789012", "1e-12")))
    assert draft.outline.rings[0].dtype == np.float64
    assert places([draft]) == [[10.123456789012, 1e-12]]
