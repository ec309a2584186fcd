"""OpenSeadragon with each of its tile sources: what it shows is the image, without a seam."""

from __future__ import annotations

import functools
import io
import itertools
import json
import math
import shutil
import urllib.parse

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageFilter

pytestmark = pytest.mark.integration

SCREEN = 800, 600  # as shots.mjs has it
GAP = np.array([255, 0, 255])
SETTINGS = "[doors]\nsettings = odd_r.ptif => GAM=0.45\n"
SHOWN = {"odd_r.ptif": "GAM=0.45&"}  # what IIP has to say itself
SAID = "INV&"  # before a door, in a query
PYRAMIDS = {  # a file: its levels, smallest first
    "one_level.tif": [(601, 415)],
    "one_more.tif": [(256, 128), (512, 257), (1025, 515)],  # a last column that 512 has not
    "thirds.tif": [(111, 77), (333, 233), (1000, 700)],
    "exact.tif": [(128, 64), (256, 128), (512, 256)],
    "small.tif": [(71, 33)],
    "pixel.tif": [(1, 1)],
}
IMAGES = ["odd_r.ptif", "odd_rgb8.ptif", *PYRAMIDS]
BY_PATH = ["iip", "iiif2", "iiif3", "dzi", "zoomify"]
BY_QUERY = ["dzi?", "iiif?", "zoomify?"]
CASES = [
    *itertools.product(BY_PATH, IMAGES),
    *itertools.product(BY_QUERY, ["odd_rgb8.ptif"]),
]
CASES.remove(("iip", "thirds.tif"))  # there OpenSeadragon itself counts on levels that halve


def chart(width, height):
    """Draw a picture in which every place looks another way, none of it like a gap."""
    down, across = np.mgrid[:height, :width] + 0.5
    waves = np.sin(across / 25) * np.sin(down / 20)
    channels = across / width * 200 + 20, down / height * 150 + 80, waves * 60 + 100
    return Image.fromarray(np.stack(channels, 2).astype(np.uint8))


def write(path, sizes):
    full = chart(*sizes[-1])
    with tifffile.TiffWriter(path) as out:
        for size in reversed(sizes):
            level = np.asarray(full.resize(size, Image.Resampling.BOX))
            kind = int(size != full.size)
            out.write(level, tile=(256, 256), photometric="rgb", subfiletype=kind)


@pytest.fixture(scope="module")
def site(doors, tools):
    for name in ("odd_r.ptif", "odd_rgb8.ptif"):
        shutil.copy(tools.data / name, doors.images / name)
    for name, sizes in PYRAMIDS.items():
        write(doors.images / name, sizes)
    return doors(SETTINGS)


def source_of(kind, name, size, base):
    """Return what OpenSeadragon is told of an image."""
    script = f"{base}/fcgi-bin/iipsrv.fcgi"
    if kind == "iip":
        gamma = {"gamma": 0.45} if name in SHOWN else {}
        return {"iipsrv": script, "image": name, "transform": gamma}
    address = {
        "iiif2": f"{base}/iiif/2/{name}/info.json",
        "iiif3": f"{base}/iiif/3/{name}/info.json",
        "iiif?": f"{script}?{SAID}IIIF={name}/info.json",
        "dzi": f"{base}/dz/{name}.dzi",
        "dzi?": f"{script}?{SAID}DeepZoom={name}.dzi",
        "zoomify": f"{base}/zoomify/{name}/",
        "zoomify?": f"{script}?{SAID}Zoomify={name}/",
    }[kind]
    if kind.startswith("zoomify"):  # it does not read the description
        size = dict(zip(("width", "height"), size, strict=True))
        return {"type": "zoomifytileservice", "tilesUrl": address, **size}
    return address


def views_of(width, height):
    """Return views: all of the image; its pixels as they are; halves; what lies in between."""
    fit = 0.9 * min(SCREEN[0] / width, SCREEN[1] / height)
    middle, corner = (width // 2, height // 2), (width, height)
    zooms = [(1, middle), (1, corner), (0.5, middle), (0.25, middle), (0.71, middle)]
    zooms += [(0.37, middle), (1.6, corner), (3, corner)]
    there = [(zoom, at) for zoom, at in zooms if zoom * min(width, height) >= 32]
    return [{"zoom": zoom, "at": at} for zoom, at in [(min(fit, 20), middle), *there]]


@pytest.fixture(scope="module")
def reference(site):
    """Return the whole image as IIP gives it, without loss."""

    @functools.cache
    def whole(kind, name):
        shown = SAID if kind in BY_QUERY else SHOWN.get(name, "")
        query = f"FIF={name}&{shown}CVT=png"
        body = site.get(f"/fcgi-bin/iipsrv.fcgi?{query}").body
        return Image.open(io.BytesIO(body)).convert("RGB")

    return whole


def label(kind, name):
    return f"{kind}-{name}".replace("?", "-by-query")


@pytest.fixture(scope="module")
def seen(site, shoot, viewer_pages, reference, missing, tools):
    """Show all views of all images by all sources; return what was seen."""
    folder, address = viewer_pages
    build = tools.root / "client_static/node_modules/openseadragon/build/openseadragon"
    if not build.is_dir():
        missing("OpenSeadragon is not installed: make client")
    (folder / "openseadragon").symlink_to(build)
    pages = []
    for kind, name in CASES:
        size = reference(kind, name).size
        source = source_of(kind, name, size, f"http://127.0.0.1:{site.port}")
        url = f"{address}/openseadragon.html#{urllib.parse.quote(json.dumps([source]))}"
        pages.append({"name": label(kind, name), "url": url, "views": views_of(*size)})
    return shoot(pages)


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_all_tiles_load_and_nothing_is_complained_of(seen, kind, name):
    page = seen[label(kind, name)]
    assert page["errors"] == []
    assert all(shown["failed"] == [] for shown in page["shown"])
    wrong = [each for each in page["requests"] if each["status"] not in (200, 304)]
    assert wrong == []


def expected(whole, place, screen):
    """Return the pixels of the screen that the image covers, and what is to be seen there."""
    left, top, width, height = place
    first = max(0, math.ceil(left)), max(0, math.ceil(top))
    last = min(screen[0], math.floor(left + width)), min(screen[1], math.floor(top + height))
    scale = width / whole.width
    corners = zip((*first, *last), (left, top, left, top), strict=True)
    box = [
        min(max(0, (at - start) / scale), side)
        for (at, start), side in zip(corners, (*whole.size, *whole.size), strict=True)
    ]
    size = last[0] - first[0], last[1] - first[1]
    how = Image.Resampling.BOX if scale <= 1 else Image.Resampling.BILINEAR
    return (*first, *last), whole.resize(size, how, box=box)


def smooth(picture):
    """Return pixels without what JPEG makes of noise."""
    return np.asarray(picture.filter(ImageFilter.BoxBlur(2)), dtype=float)


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_what_is_shown_is_the_image(seen, reference, kind, name):
    page, whole = seen[label(kind, name)], reference(kind, name)
    assert len(page["shots"]) == len(views_of(*whole.size))
    for number, (shown, shot) in enumerate(zip(page["shown"], page["shots"], strict=True)):
        assert tuple(shown["size"]) == whole.size
        box, there = expected(whole, shown["place"], shot.size)
        pixels = shot.crop(box)
        assert not (np.abs(np.asarray(pixels, float) - GAP).max(2) < 60).any(), number
        difference = np.abs(smooth(pixels) - smooth(there)).mean(2)
        most = 3 if name in PYRAMIDS else 5  # noise is averaged in the file in another way
        assert difference.mean() <= most, number
        assert max(difference.mean(0).max(), difference.mean(1).max()) <= most + 2, number  # lines
