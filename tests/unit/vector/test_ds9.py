"""Region files of ds9: every shape, every frame, every line that cannot be read."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from iipastro.vector.draft import BadRow, InputError, TrueShape
from iipastro.vector.ds9 import FRAMES, OUTLINES, read_ds9


@pytest.fixture
def read(tmp_path):
    """Read a text as a region file."""

    def run(text, frame=None):
        path = tmp_path / "x.reg"
        path.write_text(text)
        return list(read_ds9(str(path), frame))

    return run


def test_every_shape_that_regions_reads_has_an_outline():
    from regions.io.ds9.core import ds9_shape_to_region

    read = {kind.__name__ for kinds in ds9_shape_to_region.values() for kind in kinds.values()}
    drawn = {f"{kind}{space}Region" for kind in OUTLINES for space in ("Sky", "Pixel")}
    assert read == drawn


@pytest.mark.parametrize(
    ("text", "kind", "shape"),
    [
        ("circle(10,20,4)", "Polygon", TrueShape("circle", (4, 4))),
        ("ellipse(10,20,4,2,30)", "Polygon", TrueShape("ellipse", (4, 2), 30)),
        ("box(10,20,8,4,30)", "Polygon", TrueShape("box", (4, 2), 30)),
        ("annulus(10,20,2,4)", "Polygon", TrueShape("circle", (4, 4), 0, (2, 2))),
        ("ellipse(10,20,2,1,4,2,30)", "Polygon", TrueShape("ellipse", (4, 2), 30, (2, 1))),
        ("box(10,20,2,1,4,2,30)", "Polygon", TrueShape("box", (2, 1), 30, (1, 0.5))),
        ("polygon(1,2,3,4,5,0)", "Polygon", None),
        ("line(1,2,3,4)", "LineString", None),
        ("point(1,2)", "Point", None),
        ("# text(1,2) text={a}", "Point", None),
    ],
)
def test_a_shape_in_pixels_is_what_the_line_says(read, text, kind, shape):
    (draft,) = read(f"image\n{text}\n")
    assert (draft.number, draft.id, draft.frame) == (2, 1, "pixel")
    assert (draft.outline.kind, draft.outline.shape) == (kind, shape)


def test_pixels_are_those_of_the_file(read):
    (draft,) = read("image\nline(1,2,3.5,4)\n")
    assert draft.outline.rings[0].tolist() == [[1, 2], [3.5, 4]]


def test_sizes_on_the_sky_are_degrees_and_angles_count_from_north(read):
    (draft,) = read('fk5\nellipse(10,20,36",18",30)\n')
    kind, half, angle, inner = draft.outline.shape
    assert (kind, inner) == ("ellipse", None)
    assert half == pytest.approx((0.01, 0.005))
    assert angle == pytest.approx(300)  # 30 degrees from the west towards the north: east of north


def test_a_sky_ellipse_is_turned_as_regions_turns_it(read):
    """The oracle: regions' own way from the sky to the pixels of a plain image."""
    from astropy.wcs import WCS
    from regions import Regions

    wcs = WCS({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 10.0, "CRVAL2": 20.0,
               "CRPIX1": 50.5, "CRPIX2": 50.5, "CDELT1": -1e-3, "CDELT2": 1e-3,
               "CUNIT1": "deg", "CUNIT2": "deg"})  # fmt: skip
    line = "ellipse(10,20,0.02,0.01,30)"
    theirs = Regions.parse(f"icrs\n{line}", format="ds9")[0].to_pixel(wcs)
    (draft,) = read(f"icrs\n{line}\n")
    x, y = (wcs.wcs_world2pix(draft.outline.rings[0], 0) - [theirs.center.x, theirs.center.y]).T
    turn = theirs.angle.to_value("rad")
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    equation = (2 * along / theirs.width) ** 2 + (2 * across / theirs.height) ** 2
    np.testing.assert_allclose(equation, 1, rtol=1e-3)


@pytest.mark.parametrize("name", FRAMES)
def test_every_frame_is_known(read, name):
    (draft,) = read(f"{name}\npoint(10,20)\n")
    assert draft.frame == FRAMES[name]
    np.testing.assert_allclose(draft.outline.rings[0], [[10, 20]], atol=1e-12)


def test_a_frame_holds_until_the_next_one(read):
    found = read("fk5;point(1,2)\npoint(3,4)\ngalactic\npoint(5,6); point(7,8)\n")
    assert [(one.number, one.frame) for one in found] == [
        (1, "fk5"), (2, "fk5"), (4, "galactic"), (4, "galactic"),
    ]  # fmt: skip


def test_a_frame_can_be_given_for_a_file_that_names_none(read):
    assert read("circle(10,20,1)\n", "galactic")[0].frame == "galactic"
    (bad,) = read("circle(10,20,1)\n")
    assert bad == BadRow(1, "'circle(10,20,1)' cannot be read: no frame is named before it")


def test_attributes_are_properties(read):
    attributes = 'color=#ff0000 text={<b>; "x"} tag={g 1} tag={h}'
    (draft,) = read(f"global color=green width=2\nimage\n-circle(1,2,3) # {attributes}\n")
    properties = draft.properties
    assert properties["color"] == "#ff0000"
    assert properties["label"] == '<b>; "x"'
    assert properties["description"] == "&lt;b&gt;; &quot;x&quot;"
    assert (properties["tag"], properties["include"]) == (["g 1", "h"], False)
    assert properties["linewidth"] == 2
    assert "default_style" not in properties


def test_global_attributes_hold_for_all(read):
    found = read("global color=green\nimage\npoint(1,2)\ncircle(1,2,3)\n# text(3,4) text={t}\n")
    assert [one.properties["color"] for one in found] == ["green"] * 3
    assert found[2].properties["label"] == "t"


def test_a_composite_lends_its_attributes(read):
    composite = "# composite(1,2,0) || composite=1 color=red"
    found = read(f"image\n{composite}\npoint(1,2) ||\npoint(3,4)\npoint(5,6)\n")
    assert [one.properties.get("color") for one in found] == ["red", "red", None]


def test_an_annulus_of_many_radii_is_many_features(read):
    found = read("image\nannulus(10,20,1,2,3)\n")
    assert [(one.id, one.outline.shape.half[0]) for one in found] == [(1, 2), (2, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "circle(1,2)", "circle(1,2,-3)", "circle(1,2,nan)", "circle(nan,2,3)", "circle(a,b,c)",
        "polygon(1,2,3,4)", "polygon(1,2,3,4,5)", "line(1,2)", "hexagon(1,2,3)", "vector(1,2,3,4)",
        "# vector(1,2,3,4)", "panda(1,2,0,360,4,1,2,1)", "annulus(1,2,4,2)", "point()", "(1,2)",
        'circle(1,2,3")', "circle(1:00:00,2,3)",
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_bad(read, text):
    bad, good = read(f"# a comment\nimage\n{text}\npoint(1,2)\n")
    assert (bad.number, good.number) == (3, 4)
    assert bad.reason.startswith(repr(text))


def test_a_frame_that_is_not_known_makes_its_regions_bad(read):
    (bad,) = read("image\nwcsa\npoint(1,2)\n")
    assert "the frame wcsa is not known" in bad.reason


def test_comments_are_no_regions(read):
    assert read("# Region file format: DS9 version 4.1\n# circle\n\n  \n") == []


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        list(read_ds9(str(tmp_path / "none.reg"), None))


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "regions", None)
    with pytest.raises(InputError, match="need the package regions"):
        list(read_ds9(str(tmp_path / "x.reg"), None))
