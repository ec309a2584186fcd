"""Mirador and Universal Viewer show what a manifest names, by IIIF."""

from __future__ import annotations

import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image, ImageFilter

pytestmark = pytest.mark.integration

IMAGE, SIZE = "odd_rgb8.ptif", {"width": 1237, "height": 811}


def manifest(at, version, base):
    """Return a manifest of one canvas with one picture (IIIF Presentation 3.0)."""
    image = f"{base}/iiif/{version}/{IMAGE}"
    service = {
        2: {
            "@id": image,
            "@type": "ImageService2",
            "profile": "http://iiif.io/api/image/2/level2.json",
        },
        3: {"id": image, "type": "ImageService3", "profile": "level2"},
    }[version]
    body = {
        "id": f"{image}/full/max/0/default.jpg",
        "type": "Image",
        "format": "image/jpeg",
        **SIZE,
    }
    annotation = {
        "id": f"{at}/annotation", "type": "Annotation", "motivation": "painting",
        "target": f"{at}/canvas", "body": body | {"service": [service]},
    }  # fmt: skip
    page = {"id": f"{at}/page", "type": "AnnotationPage", "items": [annotation]}
    canvas = {"id": f"{at}/canvas", "type": "Canvas", "items": [page], **SIZE}
    return {
        "@context": "http://iiif.io/api/presentation/3/context.json", "id": at, "type": "Manifest",
        "label": {"en": ["A part of the sky"]}, "items": [canvas],
    }  # fmt: skip


@pytest.fixture(scope="module")
def site(doors, tools):
    shutil.copy(tools.data / IMAGE, doors.images / IMAGE)
    return doors()


@pytest.fixture(scope="module")
def picture(site):
    """Return the whole image as IIP gives it, without loss."""
    body = site.get(f"/fcgi-bin/iipsrv.fcgi?FIF={IMAGE}&CVT=png").body
    return Image.open(io.BytesIO(body)).convert("L")


@pytest.fixture(scope="module")
def show(site, shoot, viewer_pages, missing, tools):
    """Return a function that shows the image in a viewer, by a version of IIIF."""
    folder, address = viewer_pages
    base = f"http://127.0.0.1:{site.port}"

    def shown(viewer, version):
        library = tools.root / "build/viewers" / viewer
        if not library.is_dir():
            missing(f"{viewer} is not here: scripts/get_viewers.sh")
        if not (folder / viewer).exists():
            (folder / viewer).symlink_to(library)
        name = f"{viewer}-{version}.json"
        (folder / name).write_text(json.dumps(manifest(f"{address}/{name}", version, base)))
        url = f"{address}/{viewer}.html#{name}"
        return shoot([{"name": f"{viewer}-{version}", "url": url, "views": [{}]}])

    return shown


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("viewer", ["mirador", "universalviewer"])
def test_a_viewer_shows_the_picture_of_a_manifest(show, site, picture, viewer, version):
    page = show(viewer, version)[f"{viewer}-{version}"]
    base = f"http://127.0.0.1:{site.port}/"
    ours = [each for each in page["requests"] if each["url"].startswith(base)]
    assert f"{base}iiif/{version}/{IMAGE}/info.json" in {each["url"] for each in ours}
    assert {each["status"] for each in ours} == {200}
    assert page["shown"][0]["pictures"] >= 20  # tiles
    assert [error for error in page["errors"] if base in error] == []
    assert likeness(page, picture) > 0.9


def likeness(page, picture):
    """Return the correlation of the middle of the screen with that of the image, fitted to it."""
    left, top, width, height = page["shown"][0]["place"]
    scale = min(width / picture.width, height / picture.height)
    middle, half = (left + width / 2, top + height / 2), (0.3 * width, 0.3 * height)
    shot = page["shots"][0].convert("L").crop(around(middle, half))
    middle, half = (picture.width / 2, picture.height / 2), [side / scale for side in half]
    part = picture.resize(shot.size, Image.Resampling.BOX, box=around(middle, half))
    seen, there = (each.filter(ImageFilter.BoxBlur(2)) for each in (shot, part))
    return np.corrcoef(np.ravel(seen), np.ravel(there))[0, 1]


def around(middle, half):
    """Return a rectangle by its corners."""
    (across, down), (width, height) = middle, half
    return across - width, down - height, across + width, down + height
