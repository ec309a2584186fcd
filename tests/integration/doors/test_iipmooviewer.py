"""What IIPMooViewer 2 asks for, by each of its protocols, is answered as it needs it.

The addresses are written from what its protocol modules compose: which answer they read, where in
it they look, and what they then ask for.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import shutil

import pytest
from PIL import Image

pytestmark = pytest.mark.integration

IMAGE, FULL, LEVELS = "odd_rgb8.ptif", (1237, 811), [(309, 202), (618, 405), (1237, 811)]
SCRIPT = "/fcgi-bin/iipsrv.fcgi"


@pytest.fixture(scope="module")
def site(doors, tools):
    shutil.copy(tools.data / IMAGE, doors.images / IMAGE)
    return doors()


@pytest.fixture(scope="module")
def size_of(site):
    """Return a function that asks for a picture and returns its size."""

    def ask(path):
        answer = site.get(path)
        assert answer.status == 200, path
        assert answer.headers["Content-Type"] == "image/jpeg"
        return Image.open(io.BytesIO(answer.body)).size

    return ask


def grid(size, tile=256):
    """Return the places of the tiles of a level, and the size of each."""
    spans = [[(n, min(tile, side - n * tile)) for n in range(-(-side // tile))] for side in size]
    return [
        ((column, row), (width, height))
        for (row, height), (column, width) in itertools.product(spans[1], spans[0])
    ]


def test_iip(site, size_of):
    query = f"?FIF={IMAGE}&obj=IIP,1.0&obj=Max-size&obj=Tile-size&obj=Resolution-number"
    text = site.get(SCRIPT + query).body.decode()
    numbers = [
        text.split(key)[1][1:].split()[:count]
        for key, count in (("Max-size", 2), ("Tile-size", 2), ("Resolution-number", 1))
    ]
    assert numbers == [["1237", "811"], ["256", "256"], ["3"]]
    for level, size in enumerate(LEVELS):
        for index, (_, shape) in enumerate(grid(size)):
            asked = f"?FIF={IMAGE}&CNT=1.1&SDS=0,90&GAM=0.9&JTL={level},{index}"
            assert size_of(SCRIPT + asked) == shape
    assert size_of(f"{SCRIPT}?FIF={IMAGE}&WID=200&QLT=98&CVT=jpeg") == (200, 131)
    region = "&WID=300&HEI=300&RGN=0.25,0.25,0.5,0.5&CVT=jpeg"
    assert size_of(f"{SCRIPT}?FIF={IMAGE}{region}")[0] == 300
    assert size_of(f"{SCRIPT}?FIF={IMAGE}&ROT=90&JTL=0,0") == (202, 256)


def test_iiif(site, size_of):
    for base in (f"{SCRIPT}?IIIF=", "/iiif/2", "/iiif/3"):
        info = json.loads(site.get(f"{base}/{IMAGE}/info.json").body)
        (tiles,) = info["tiles"]
        assert (info["width"], info["height"], tiles["width"]) == (1237, 811, 256)
        assert len(info["sizes"]) in {len(LEVELS) - 1, len(LEVELS)}
        assert [tuple(each.values()) for each in info["sizes"]][:2] == LEVELS[:2]
        assert len(tiles["scaleFactors"]) == len(LEVELS)
        for level, size in enumerate(LEVELS):
            side = 256 * 2 ** (len(LEVELS) - 1 - level)
            for (column, row), shape in grid(size):
                last = (column + 1) * 256 > size[0] and (row + 1) * 256 > size[1]
                asked = f"{shape[0]}," if last else "!256,256" if side != 256 else "max"
                region = f"{column * side},{row * side},{side},{side}"
                width, height = size_of(f"{base}/{IMAGE}/{region}/{asked}/0/default.jpg")
                assert max(abs(width - shape[0]), abs(height - shape[1])) <= 1
        assert size_of(f"{base}/{IMAGE}/full/200,/0/default.jpg") == (200, 131)


def test_deepzoom(site, size_of):
    for base in (f"{SCRIPT}?DeepZoom=", "/dz/"):
        text = site.get(f"{base}{IMAGE}.dzi").body.decode()
        keys = ("Format", "TileSize", "Width", "Height")
        found = [re.search(rf'{key}="(\w+)', text)[1] for key in keys]
        assert found == ["jpg", "256", "1237", "811"]
        # it counts ceil(log2(1237)) = 11 levels, and asks for one more than the number of each
        for level, size in zip((9, 10, 11), LEVELS, strict=True):
            for (column, row), shape in grid(size):
                assert size_of(f"{base}{IMAGE}_files/{level}/{column}_{row}.jpg") == shape
        assert size_of(f"{base}{IMAGE}_files/7/0_0.jpg") == (78, 51)  # its thumbnail


def test_zoomify(site, size_of):
    for base in (f"{SCRIPT}?Zoomify=", "/zoomify/"):
        values = site.get(f"{base}{IMAGE}/ImageProperties.xml").body.decode().split('"')
        assert (values[1], values[3], values[11]) == ("1237", "811", "256")
        assert size_of(f"{base}{IMAGE}/TileGroup0/0-0-0.jpg") == (155, 102)  # no such level
        for level, size in zip((1, 2, 3), LEVELS, strict=True):
            for (column, row), shape in grid(size):
                assert size_of(f"{base}{IMAGE}/TileGroup0/{level}-{column}-{row}.jpg") == shape
