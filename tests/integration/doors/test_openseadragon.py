"""OpenSeadragon with each of its tile sources: what it shows is the image, without a seam."""

from __future__ import annotations

import functools
import http.server
import io
import json
import math
import os
import shutil
import subprocess
import threading
import urllib.parse

import numpy as np
import pytest
import tifffile
from PIL import Image

pytestmark = pytest.mark.integration

SCREEN = 800, 600  # as shots.mjs has it
GAP = np.array([255, 0, 255])
SETTINGS = "[doors]\nsettings = odd_r.ptif => GAM=0.45\n"
SHOWN = {"odd_r.ptif": "GAM=0.45&"}  # what IIP has to say itself
PYRAMIDS = {  # a file: its levels, smallest first
    "one_level.tif": [(1025, 515)],
    "one_more.tif": [(256, 128), (512, 257), (1025, 515)],  # a last column that 512 has not
    "thirds.tif": [(111, 77), (333, 233), (1000, 700)],
    "exact.tif": [(128, 64), (256, 128), (512, 256)],
    "small.tif": [(71, 33)],
    "pixel.tif": [(1, 1)],
}
IMAGES = ["odd_r.ptif", "odd_rgb8.ptif", *PYRAMIDS]
SOURCES = ["iip", "iiif2", "iiif3", "dzi", "zoomify"]
HALVES = {"iip"}  # sources of which OpenSeadragon itself counts on levels that halve


def chart(width, height):
    """Draw a picture in which every place looks another way, none of it like a gap."""
    down, across = np.mgrid[:height, :width] + 0.5
    waves = np.sin(across / width * 40) * np.sin(down / height * 30)
    channels = across / width * 200 + 20, down / height * 150 + 80, waves * 60 + 100
    return np.stack(channels, 2).astype(np.uint8)


def write(path, sizes):
    with tifffile.TiffWriter(path) as out:
        for number, size in enumerate(reversed(sizes)):
            kind = 1 if number else 0
            out.write(chart(*size), tile=(256, 256), photometric="rgb", subfiletype=kind)


@pytest.fixture(scope="module")
def site(doors, tools):
    for name in ("odd_r.ptif", "odd_rgb8.ptif"):
        shutil.copy(tools.data / name, doors.images / name)
    for name, sizes in PYRAMIDS.items():
        write(doors.images / name, sizes)
    return doors(SETTINGS)


@pytest.fixture(scope="module")
def pages(tools, tmp_path_factory):
    """Serve the pages, and the libraries as npm installs them; return the address."""
    folder = tmp_path_factory.mktemp("pages") / "pages"
    shutil.copytree(tools.root / "tests/integration/doors/pages", folder)
    build = tools.root / "client_static/node_modules/openseadragon/build/openseadragon"
    (folder / "openseadragon").symlink_to(build)
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def source_of(kind, name, size, base):
    """Return what OpenSeadragon is told of an image."""
    if kind == "iip":
        gamma = {"gamma": 0.45} if name in SHOWN else {}
        return {"iipsrv": f"{base}/fcgi-bin/iipsrv.fcgi", "image": name, "transform": gamma}
    if kind == "zoomify":
        size = dict(zip(("width", "height"), size, strict=True))
        return {"type": "zoomifytileservice", "tilesUrl": f"{base}/zoomify/{name}/", **size}
    paths = {"dzi": f"dz/{name}.dzi", "iiif2": f"iiif/2/{name}/info.json"}
    return f"{base}/{paths.get(kind, f'iiif/3/{name}/info.json')}"


def views_of(width, height):
    """Return views: all of the image; its pixels as they are; halves; what lies in between."""
    fit = 0.9 * min(SCREEN[0] / width, SCREEN[1] / height)
    middle, corner = (width // 2, height // 2), (width, height)
    zooms = [(1, middle), (1, corner), (0.5, middle), (0.25, middle), (0.71, middle)]
    zooms += [(0.37, middle), (1.6, corner), (3, corner)]
    there = [(zoom, at) for zoom, at in zooms if zoom * min(width, height) >= 8]
    return [{"zoom": zoom, "at": at} for zoom, at in [(min(fit, 20), middle), *there]]


@pytest.fixture(scope="module")
def reference(site):
    """Return the whole image as IIP gives it, without loss."""

    @functools.cache
    def whole(name):
        query = f"FIF={name}&{SHOWN.get(name, '')}CVT=png"
        body = site.get(f"/fcgi-bin/iipsrv.fcgi?{query}").body
        return Image.open(io.BytesIO(body)).convert("RGB")

    return whole


@pytest.fixture(scope="module")
def seen(site, pages, reference, tools, tmp_path_factory):
    """Show all views of all images by all sources, in one browser; return what was seen."""
    folder = tmp_path_factory.mktemp("seen")
    if os.environ.get("SHOTS"):
        folder = tools.root / os.environ["SHOTS"]
        folder.mkdir(parents=True, exist_ok=True)
    base, todo = f"http://127.0.0.1:{site.port}", []
    for kind in SOURCES:
        for name in IMAGES:
            size = reference(name).size
            source = urllib.parse.quote(json.dumps([source_of(kind, name, size, base)]))
            url = f"{pages}/openseadragon.html#{source}"
            todo.append({"name": f"{kind}-{name}", "url": url, "views": views_of(*size)})
    (folder / "pages.json").write_text(json.dumps(todo))
    chromium = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
    subprocess.run(
        [shutil.which("node"), "tests/browser/shots.mjs", str(folder)],
        cwd=tools.root / "client_static", check=True, timeout=900,
        env={**os.environ, "BROWSER_PATH": chromium, "HOME": str(folder), "BASE": base},
    )  # fmt: skip
    everything = json.loads((folder / "seen.json").read_text())
    for name, each in everything.items():
        each["shots"] = [
            Image.open(folder / f"{name}-{n}.png").convert("RGB") for n in range(len(each["shown"]))
        ]
    return everything


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("kind", SOURCES)
def test_all_tiles_load_and_nothing_is_complained_of(seen, kind, name):
    page = seen[f"{kind}-{name}"]
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


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("kind", SOURCES)
def test_what_is_shown_is_the_image(seen, reference, kind, name):
    if kind in HALVES and name == "thirds.tif":
        pytest.skip("OpenSeadragon takes it that levels of IIP halve")
    page, whole = seen[f"{kind}-{name}"], reference(name)
    for number, (shown, shot) in enumerate(zip(page["shown"], page["shots"], strict=True)):
        assert tuple(shown["size"]) == whole.size
        box, there = expected(whole, shown["place"], shot.size)
        pixels = np.asarray(shot.crop(box), dtype=float)
        difference = np.abs(pixels - np.asarray(there, dtype=float)).mean(2)
        gaps = (np.abs(pixels - GAP).max(2) < 60).sum()
        print(
            kind,
            name,
            number,
            difference.mean().round(2),
            difference.mean(0).max().round(1),
            difference.mean(1).max().round(1),
            gaps,
        )
