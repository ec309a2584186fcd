"""The rules of RFC 7946, written out, and inputs to convert."""

from __future__ import annotations

import itertools
import json
import math

import pytest

from iipastro import cli

COUNTS = {"Point": None, "LineString": 2, "Polygon": 4}


def area_of(ring):
    """Twice the signed area: above 0 for a ring that runs counterclockwise."""
    x0, y0 = ring[0]
    pairs = [(x - x0, y - y0) for x, y in ring]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(pairs))


def check_position(position, sky):
    assert isinstance(position, list)
    assert len(position) == 2
    assert all(isinstance(n, (int, float)) and math.isfinite(n) for n in position)
    if sky:
        assert -90 <= position[1] <= 90


def check_path(path, least, sky):
    assert len(path) >= least
    for position in path:
        check_position(position, sky)
    if sky:  # 3.1.9, as this project keeps it: continuous, also where 360 is passed
        steps = [
            abs(b[0] - a[0]) for a, b in itertools.pairwise(path) if abs(a[1]) + abs(b[1]) < 180
        ]
        assert max(steps) <= 360


def check_geometry(geometry, sky):
    assert set(geometry) == {"type", "coordinates"}
    kind, coordinates = geometry["type"], geometry["coordinates"]
    least = COUNTS[kind]
    if kind == "Point":
        check_position(coordinates, sky)
    elif kind == "LineString":
        check_path(coordinates, least, sky)
    else:
        assert coordinates
        for number, ring in enumerate(coordinates):
            check_path(ring, least, sky)
            assert ring[0] == ring[-1]  # 3.1.6: closed, the same values
            area = area_of(ring)
            assert area < 0 if number else area > 0  # 3.1.6: the right-hand rule


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def checked(text):
    """Return a collection, after a look at each rule of RFC 7946 that could be broken."""
    collection = json.loads(text, parse_constant=refuse)
    assert collection["type"] == "FeatureCollection"
    assert isinstance(collection["features"], list)
    assert not {"coordinates", "geometry", "properties", "geometries", "crs"} & set(
        collection
    )  # 7.1
    facts = collection["iipastro"]
    sky = facts["frame"] != "pixel"
    assert facts["units"] == ("deg" if sky else "pixel")
    for feature in collection["features"]:
        assert feature["type"] == "Feature"
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert isinstance(feature["id"], (str, int))  # 3.2
        assert isinstance(feature["properties"], dict)
        check_geometry(feature["geometry"], sky)
    return collection


@pytest.fixture
def rules():
    """Check the text of a collection and return it."""
    return checked


@pytest.fixture
def regions(tmp_path, capsys):
    """Run `iipastro regions` on a text; return its exit code, the collection, and what it told."""

    def run(text, *options, name="input.csv"):
        path = tmp_path / name
        if isinstance(text, str):
            path.write_text(text, encoding="utf-8")
        output = tmp_path / "out.geojson"
        output.unlink(missing_ok=True)
        code = cli.main(["regions", str(path), "-o", str(output), *options])
        told = capsys.readouterr().err.replace(f"{path}", name).splitlines()
        assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
        made = checked(output.read_text(encoding="utf-8")) if output.exists() else None
        return code, made, [line.removeprefix("iipastro: ") for line in told]

    return run
