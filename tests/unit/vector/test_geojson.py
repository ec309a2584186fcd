"""Features as text."""

from __future__ import annotations

import json

import numpy as np
import pytest

from iipastro.vector import geojson
from iipastro.vector.draft import BadRow, Draft, Outline, TrueShape
from iipastro.vector.shapes import line, point, polygon, rounded
from iipastro.vector.wcs import Target


def made(outline, frame="icrs", target=None, **properties):
    draft = Draft(1, 1, frame, outline, properties)
    (found,) = geojson.features([draft], target or Target(frame))
    return json.loads(found) if isinstance(found, str) else found


def places(*pairs):
    return np.array(pairs, dtype=float)


def collection(*features, frame="icrs"):
    return geojson.head(frame, "x.csv") + "".join(geojson.joined(features)) + geojson.TAIL


def test_a_collection_says_its_frame(rules):
    assert rules(collection()) == {
        "type": "FeatureCollection",
        "iipastro": {"frame": "icrs", "units": "deg", "source": "x.csv"},
        "features": [],
    }
    facts = rules(collection(frame="pixel"))["iipastro"]
    assert facts == {"frame": "pixel", "units": "pixel", "first_pixel": [1, 1], "source": "x.csv"}


def test_features_are_separated(rules):
    draft = Draft(1, 1, "icrs", point(places([1, 2])), {})
    texts = geojson.features([draft, draft._replace(id="b")], Target("icrs"))
    assert [one["id"] for one in rules(collection(*texts))["features"]] == [1, "b"]


@pytest.mark.parametrize(
    ("lng", "expected"),
    [(10.0, 10.0), (-0.5, 359.5), (360.0, 0.0), (-1e-12, 0.0), (359.9999999999, 0.0)],
)
def test_the_longitude_of_a_point_is_from_0_to_360(lng, expected):
    assert made(point(places([lng, 5])))["geometry"]["coordinates"] == [expected, 5]


def test_coordinates_are_rounded_to_what_counts():
    sky = made(point(places([1 / 3, 2 / 3])))["geometry"]["coordinates"]
    assert sky == [0.333333333, 0.666666667]
    assert made(point(places([1 / 3, 9])), "pixel")["geometry"]["coordinates"] == [0.333333, 9]


def test_a_line_is_continuous():
    found = made(line(places([359.5, 0], [0.5, 1])))["geometry"]
    assert found == {"type": "LineString", "coordinates": [[359.5, 0], [360.5, 1]]}
    assert made(line(places([-5, 0], [700, 1])), "pixel")["geometry"]["coordinates"] == [
        [-5, 0],
        [700, 1],
    ]


def test_a_polygon_is_closed_and_counterclockwise():
    found = made(polygon(places([0, 0], [0, 1], [1, 0])), "pixel")["geometry"]
    assert found == {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 1], [0, 0]]]}


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (TrueShape("circle", (2.0, 2.0)), {"type": "circle", "radius": 2}),
        (
            TrueShape("circle", (2.0, 2.0), 0.0, (1.0, 1.0)),
            {"type": "circle", "radius": 2, "inner_radius": 1},
        ),
        (
            TrueShape("ellipse", (2.0, 1.0), 30.0),
            {"type": "ellipse", "semi_axes": [2, 1], "angle": 30},
        ),
        (TrueShape("box", (2.0, 1.0), 30.0), {"type": "box", "size": [4, 2], "angle": 30}),
        (
            TrueShape("box", (2.0, 1.0), 30.0, (1.0, 0.5)),
            {"type": "box", "size": [4, 2], "angle": 30, "inner_size": [2, 1]},
        ),
    ],
)
def test_the_true_shape_is_kept(shape, expected):
    for frame in ("pixel", "icrs"):
        found = made(rounded(frame, np.array([5.0, 6.0]), shape), frame)
        assert found["properties"]["shape"] == {**expected, "center": [5, 6]}


def test_the_shape_is_told_in_the_frame_of_the_output():
    shape = TrueShape("circle", (0.5, 0.5))
    found = made(rounded("galactic", np.array([0.0, 0.0]), shape), "galactic", Target("fk5"))
    told = found["properties"]["shape"]
    assert told["center"] == pytest.approx([266.4051, -28.936175], abs=2e-4)
    assert (told["type"], told["radius"]) == ("circle", pytest.approx(0.5))


def test_drafts_of_many_frames_keep_their_order():
    drafts = [
        Draft(n, n, frame, point(places([10, 20])), {})
        for n, frame in enumerate(["icrs", "galactic", "pixel", "icrs"], 1)
    ]
    found = list(geojson.features(drafts, Target("icrs")))
    assert found[2] == BadRow(3, "pixel coordinates, where sky coordinates are wanted: give --wcs")
    assert [json.loads(found[n])["id"] for n in (0, 1, 3)] == [1, 2, 4]
    assert json.loads(found[3])["geometry"]["coordinates"] == [10, 20]
    assert list(geojson.features([], Target("icrs"))) == []


def test_what_has_no_place_is_bad():
    assert made(point(places([np.nan, 1]))) == BadRow(1, "outside of the projection of the image")
    hidden = Outline("LineString", (places([0, 0], [np.inf, 1]),))
    assert isinstance(made(hidden, "pixel"), BadRow)


def test_text_is_kept_as_it_is():
    found = made(point(places([1, 2])), label='</script>"\u2028\n\x00é')
    assert found["properties"]["label"] == '</script>"\u2028\n\x00é'


def test_nan_is_never_written():
    with pytest.raises(ValueError, match="Out of range"):
        made(point(places([1, 2])), mag=float("nan"))
