"""Paths of the IIIF Image API, 2.1 and 3.0, section 4."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iipastro.errors import BadArgument
from iipastro.jobs import IiifImage, IiifInfo, IiifRedirect, IiifRegion, IiifSize
from iipastro.protocol.iiif import base_of, iiif
from iipastro.protocol.outputs import Wanted

FULL, MAX = IiifRegion(), IiifSize()
PLAIN = {"flip": 0, "rotation": 0}


def image_of(parameters):
    return iiif(f"a.tif/{parameters}").output


def test_the_whole_image_is_full_and_max():
    assert iiif("a.tif/full/max/0/default.jpg", 3) == Wanted(
        IiifImage(FULL, MAX, "jpeg", 3), "a.tif", PLAIN
    )


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("full", FULL),
        ("FULL", FULL),
        ("square", IiifRegion("square")),
        ("125,15,120,140", IiifRegion("pixels", (125, 15, 120, 140))),
        (
            "pct:41.6,7.5,40,.5",
            IiifRegion(
                "percent", (Fraction(208, 5), Fraction(15, 2), Fraction(40), Fraction(1, 2))
            ),
        ),
    ],
)
def test_a_region_is_whole_square_in_pixels_or_in_percent(text, region):
    assert image_of(f"{text}/max/0/default.jpg").region == region


@pytest.mark.parametrize(
    "text",
    [
        "",
        "half",
        "1,2,3",
        "1,2,3,4,5",
        "-1,2,3,4",
        "1,2,0,4",
        "1,2,3,0",
        "1.5,2,3,4",
        "1,2,3,1234567890",
        "pct:1,2,3",
        "pct:1,2,0,4",
        "pct:1,2,3,0.0",
        "pct:+1,2,3,4",
        "pct:1e1,2,3,4",
        "pct:nan,2,3,4",
        "\u0661,2,3,4",
    ],
)
def test_any_other_region_is_refused(text):
    with pytest.raises(BadArgument, match="region"):
        image_of(f"{text}/max/0/default.jpg")


@pytest.mark.parametrize(
    ("text", "size", "versions"),
    [
        ("max", MAX, {2, 3}),
        ("full", MAX, {2}),
        ("^max", IiifSize(upscaled=True), {3}),
        ("150,", IiifSize(150), {2, 3}),
        (",150", IiifSize(0, 150), {2, 3}),
        ("^360,", IiifSize(360, upscaled=True), {3}),
        ("225,100", IiifSize(225, 100), {2, 3}),
        ("!225,100", IiifSize(225, 100, confined=True), {2, 3}),
        ("^!225,100", IiifSize(225, 100, confined=True, upscaled=True), {3}),
        ("pct:12.5", IiifSize(percent=Fraction(25, 2)), {2, 3}),
        ("^pct:120", IiifSize(percent=Fraction(120), upscaled=True), {3}),
        ("pct:33.333333333333336", IiifSize(percent=Fraction("33.333333333333336")), {2, 3}),
    ],
)
def test_a_size_says_its_sides_and_which_versions_know_it(text, size, versions):
    image = image_of(f"full/{text}/0/default.jpg")
    assert (image.size, image.versions) == (size, versions)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "150",
        "^",
        "!",
        "!,",
        "!5,",
        "!,5",
        "0,",
        ",0",
        "0,5",
        "-5,",
        "5,5,5",
        "5.5,",
        "^full",
        "!^5,5",
        "pct:",
        "pct:-5",
        "pct:5e2",
        "pct:5,",
        "1234567890,",
        "max,",
        "%35,5%20",
    ],
)
def test_any_other_size_is_refused(text):
    with pytest.raises(BadArgument):
        image_of(f"full/{text}/0/default.jpg")


@pytest.mark.parametrize(
    ("text", "flip", "degrees"),
    [("0", 0, 0), ("90", 0, 90), ("!0", 1, 0), ("!270", 1, 270), ("360", 0, 0), ("180.0", 0, 180)],
)
def test_a_picture_is_mirrored_and_turned_by_quarters(text, flip, degrees):
    changes = iiif(f"a/full/max/{text}/default.jpg").changes
    assert changes == {"flip": flip, "rotation": degrees}


@pytest.mark.parametrize("text", ["", "!", "45", "361", "450", "-90", "90!", "+90", "9e1", "nan"])
def test_any_other_turn_is_refused(text):
    with pytest.raises(BadArgument, match="rotation"):
        iiif(f"a/full/max/{text}/default.jpg")


@pytest.mark.parametrize(
    ("text", "changes", "encoding", "versions"),
    [
        ("default.jpg", {}, "jpeg", {2, 3}),
        ("color.png", {"palette": "color"}, "png", {2, 3}),
        ("gray.webp", {"palette": "gray"}, "webp", {2, 3}),
        ("bitonal.tif", {"palette": "binary"}, "tiff", {2, 3}),
        ("Default.AVIF", {}, "avif", {2, 3}),
        ("default", {}, "jpeg", {2}),
        ("native", {}, "jpeg", {2}),  # as iipsrv: spec 9.1
        ("grey.jpg", {"palette": "gray"}, "jpeg", {2}),
    ],
)
def test_the_last_part_is_quality_and_format(text, changes, encoding, versions):
    wanted = iiif(f"a/full/max/0/{text}")
    assert wanted.changes == {**changes, **PLAIN}
    assert (wanted.output.encoding, wanted.output.versions) == (encoding, versions)


@pytest.mark.parametrize(
    "text", ["", "sepia.jpg", "default.gif", "default.jpeg", "default.jpg.png", ".jpg", "info.txt"]
)
def test_any_other_quality_or_format_is_refused(text):
    with pytest.raises(BadArgument, match="quality"):
        iiif(f"a/full/max/0/{text}")


def test_what_no_version_knows_is_refused():
    with pytest.raises(BadArgument):
        iiif("a/full/^max/0/native")


@pytest.mark.parametrize(
    ("path", "image"),
    [
        ("a.tif/info.json", "a.tif"),
        ("dir/a.tif/info.json", "dir/a.tif"),
        ("dir%2Fa%20b+c.tif/info.json", "dir/a b c.tif"),
        ("%C3%A9.tif/info.json", "\u00e9.tif"),
        ("100%25%2541.tif/info.json", "100%%41.tif"),  # decoded once
        ("info.json/info.json", "info.json"),
    ],
)
def test_information_is_asked_for_by_the_name_of_its_document(path, image):
    assert iiif(path, 2) == Wanted(IiifInfo(2), image)


@pytest.mark.parametrize(
    ("path", "image"),
    [
        ("a.tif", "a.tif"),
        ("a.tif/", "a.tif"),
        ("x/a.tif", "x/a.tif"),
        ("a%2F%2F%2F%2F%2Fb", "a/////b"),
    ],
)
def test_an_identifier_alone_asks_where_the_information_is(path, image):
    assert iiif(path, 3) == Wanted(IiifRedirect(3), image)


def test_an_identifier_may_hold_slashes_as_they_are():
    assert iiif("x/y/z/full/a.tif/full/max/0/default.jpg").image == "x/y/z/full/a.tif"


def test_parameters_are_decoded_too():
    assert image_of("0%2C0%2C5%2C5/%5Emax/%210/default%2Ejpg") == IiifImage(
        IiifRegion("pixels", (0, 0, 5, 5)), IiifSize(upscaled=True), versions=frozenset((3,))
    )


PARTS = st.one_of(
    st.text(max_size=12),
    st.text("0123456789,.:!^pct", max_size=20),
    st.sampled_from(["full", "max", "0", "default.jpg", "9" * 5000, "%00", "%ff%fe", "info.json"]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=7))
def test_any_path_asks_for_something_or_is_refused(parts):
    path = "/".join(parts)
    try:
        wanted = iiif(path)
    except BadArgument:
        return
    assert wanted == iiif(path)
    assert path.startswith(base_of(path, wanted.output))


@pytest.mark.parametrize("rest", ["", "/", "/info.json", "/full/max/0/default.jpg"])
def test_the_identifier_is_found_as_it_is_written(rest):
    path = f"x%2Fa+b.tif{rest}"
    assert base_of(path, iiif(path).output) == "x%2Fa+b.tif"
    assert base_of(f"/img/{path}", iiif(path).output) == "/img/x%2Fa+b.tif"
