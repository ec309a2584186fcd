"""Answers of the IIIF Image API: pixels exactly, and the headers that go with them."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from iipastro.errors import BadArgument, Busy, NotFound
from iipastro.geometry import Size
from iipastro.handlers import serve
from iipastro.handlers.address import addressed
from iipastro.handlers.exports import Exports
from iipastro.handlers.fresh import NONE
from iipastro.handlers.iiif import (
    headers_of_image,
    headers_of_info,
    serve_iiif_image,
    serve_iiif_redirect,
)
from iipastro.images.source import Level, Range
from iipastro.jobs import IiifInfo, IiifRedirect, Job
from iipastro.protocol.iiif import iiif
from iipastro.view import View

BYTES = (Range(0.0, 255.0),)
BASE = "https://h/iiif/a"


def job_of(parameters, version=3):
    wanted = iiif(f"a/{parameters}", version)
    return Job(wanted.image, View(**wanted.changes), wanted.output)


@pytest.fixture
def ask(ramp, shelve):
    """A function that returns the answer for parameters of an image of 10 x 7 in tiles of 4."""

    def asked(parameters, version=3, settings=None, **facts):
        service = shelve(settings, a=ramp(**{"dtype": np.uint8, "cuts": BYTES} | facts))
        job = job_of(parameters, version)
        return serve_iiif_image(job, job.output, service.catalog.open("a"), service)

    return asked


def picture(response):
    return np.asarray(Image.open(io.BytesIO(response.body)))


@pytest.mark.parametrize(
    ("region", "rows", "columns"),
    [
        ("full", slice(0, 7), slice(0, 10)),
        ("square", slice(0, 7), slice(1, 8)),
        ("3,2,5,4", slice(2, 6), slice(3, 8)),
        ("4,4,4,4", slice(4, 7), slice(4, 8)),  # a tile, cropped to the image
        ("pct:50,0,50,100", slice(0, 7), slice(5, 10)),
        ("9,6,1,1", slice(6, 7), slice(9, 10)),
    ],
)
@pytest.mark.parametrize("size", ["max", "pct:100"])
def test_a_region_at_its_own_size_is_its_pixels(ask, ramp, region, rows, columns, size):
    expected = ramp(dtype=np.uint8).pixels(1)[rows, columns, 0]
    assert (picture(ask(f"{region}/{size}/0/default.png")) == expected).all()


@pytest.mark.parametrize(
    ("parameters", "rows", "columns"),
    [
        ("full/5,3", slice(0, 3), slice(0, 5)),
        ("0,0,8,6/4,3", slice(0, 3), slice(0, 4)),
        ("2,2,4,4/2,", slice(1, 3), slice(1, 3)),
    ],
)
def test_a_region_at_the_scale_of_a_level_is_the_pixels_of_that(
    ask, ramp, parameters, rows, columns
):
    expected = ramp(dtype=np.uint8).pixels(0)[rows, columns, 0]
    assert (picture(ask(f"{parameters}/0/default.png")) == expected).all()


def test_a_side_that_follows_does_not_choose_the_level(ask):
    """Of 3 columns 2 are half, rounded up; the 5 rows that follow are more than half of 7."""
    shown = picture(ask("0,0,3,7/2,/0/default.png"))
    assert shown.shape == (5, 2)
    assert shown[-1].tolist() == [200, 201]  # the last of 3 rows


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("0", lambda pixels: pixels),
        ("90", lambda pixels: np.rot90(pixels, -1)),
        ("180", lambda pixels: pixels[::-1, ::-1]),
        ("!0", lambda pixels: pixels[:, ::-1]),
        ("!90", lambda pixels: np.rot90(pixels[:, ::-1], -1)),
    ],
)
@pytest.mark.parametrize("region", ["4,0,4,4", "1,1,5,3"])  # a tile, and none
def test_a_picture_is_mirrored_then_turned_clockwise(ask, ramp, text, turned, region):
    left, top, width, height = map(int, region.split(","))
    pixels = ramp(dtype=np.uint8).pixels(1)[top : top + height, left : left + width, 0]
    assert (picture(ask(f"{region}/max/{text}/default.png")) == turned(pixels)).all()


@pytest.mark.parametrize(
    ("quality", "mode"), [("default", "RGB"), ("color", "RGB"), ("gray", "L"), ("bitonal", "L")]
)
def test_a_quality_says_which_colours_there_are(ask, quality, mode):
    cuts = tuple(Range(0.0, 60000.0) for _ in range(3))
    response = ask(f"full/max/0/{quality}.png", channels=3, dtype=np.uint16, cuts=cuts)
    shown = Image.open(io.BytesIO(response.body))
    assert shown.mode == mode
    if quality == "bitonal":
        assert set(np.asarray(shown).ravel()) <= {0, 255}


@pytest.mark.parametrize(
    ("suffix", "mime"),
    [
        ("jpg", "image/jpeg"),
        ("png", "image/png"),
        ("webp", "image/webp"),
        ("avif", "image/avif"),
        ("tif", "image/tiff"),
    ],
)
@pytest.mark.parametrize("region", ["full", "0,0,4,4"])
def test_a_picture_comes_in_every_format(ask, suffix, mime, region):
    response = ask(f"{region}/max/0/default.{suffix}")
    assert response.mime == mime
    assert Image.open(io.BytesIO(response.body)).size == ((10, 7) if region == "full" else (4, 4))


@pytest.mark.parametrize(
    ("version", "size", "upscaling", "shape"),
    [
        (2, "20,", "yes", (14, 20)),
        (2, "!20,20", "yes", (14, 20)),
        (3, "^20,", "yes", (14, 20)),
        (3, "^max", "yes", (45, 64)),
        (3, "20,", "yes", None),
        (2, "20,", "no", None),
        (3, "^20,", "no", None),
        (3, "^max", "no", None),
        (3, "^5,", "no", (4, 5)),
    ],
)
def test_more_than_the_region_is_given_where_it_may_be(ask, version, size, upscaling, shape):
    settings = {"encoding.allow_upscaling": upscaling, "limits.max_output": "64"}
    parameters = f"full/{size}/0/default.png"
    if shape is None:
        with pytest.raises(BadArgument, match="larger than the region"):
            ask(parameters, version, settings)
    else:
        assert picture(ask(parameters, version, settings)).shape == shape


def test_a_stored_tile_waits_for_no_export(ramp, shelve, monkeypatch):
    """An answer as large as a tile of 2048 is an export, unless it is that tile."""
    levels = (Level(Size(3000, 3000), Size(2048, 2048)),)
    service = shelve(a=ramp(levels=levels, dtype=np.uint8, cuts=BYTES))
    image = service.catalog.open("a")
    monkeypatch.setattr(Exports, "_take", refuse)
    tile, other = (job_of(f"{region}/max/0/default.jpg") for region in ("0,0,2048,2048", "full"))
    assert serve_iiif_image(tile, tile.output, image, service).status == 200
    with pytest.raises(Busy):
        serve_iiif_image(other, other.output, image, service)


def refuse(_):
    raise Busy("all slots are taken")


@pytest.mark.parametrize(
    ("version", "parameters", "canonical"),
    [  # Image API 3.0, 4.8; 2.1, 4.7
        (3, "full/max/0/default.jpg", "full/max/0/default.jpg"),
        (3, "0,0,99,99/10,/360/color.png", "full/max/0/default.png"),
        (3, "full/5,/0/gray.jpg", "full/5,4/0/gray.jpg"),
        (3, "square/!4,9/!90/bitonal.webp", "1,0,7,7/4,4/!90/bitonal.webp"),
        (3, "pct:50,0,50,100/max/0/default.tif", "5,0,5,7/max/0/default.tif"),
        (3, "full/^20,/0/default.jpg", "full/^20,14/0/default.jpg"),
        (3, "full/^5,/0/default.jpg", "full/5,4/0/default.jpg"),
        (2, "full/max/0/native", "full/full/0/default.jpg"),
        (2, "full/5,4/0/default.jpg", "full/5,/0/default.jpg"),
        (2, "full/5,5/0/default.jpg", "full/5,5/0/default.jpg"),
        (2, "0,0,5,5/20,/0/default.jpg", "0,0,5,5/20,/0/default.jpg"),
    ],
)
def test_an_image_tells_its_one_url_and_its_level(ramp, shelve, version, parameters, canonical):
    service = shelve(a=ramp())
    job = job_of(parameters, version)
    asked = replace(job.output, base=BASE)
    [(name, value)] = headers_of_image(job, asked, service.catalog.open("a"), service)
    profile = f"http://iiif.io/api/image/{version}/level2.json"
    assert name == "Link"
    assert value == f'<{BASE}/{canonical}>;rel="canonical", <{profile}>;rel="profile"'


def test_without_a_url_there_is_no_canonical_one(ramp, shelve):
    service = shelve(a=ramp())
    job = job_of("full/max/0/default.jpg")
    headers = headers_of_image(job, job.output, service.catalog.open("a"), service)
    assert headers == [("Link", '<http://iiif.io/api/image/3/level2.json>;rel="profile"')]


def test_a_bare_identifier_is_sent_to_its_information(ramp, shelve):
    service = shelve(a=ramp())
    image = service.catalog.open("a")
    response = serve_iiif_redirect(job_of(""), IiifRedirect(3, BASE), image, service)
    assert (response.status, response.body) == (303, b"")
    headers = dict(response.headers)
    assert (headers["Location"], headers["Content-Length"]) == (f"{BASE}/info.json", "0")


def test_information_says_what_it_depends_on(shelve):
    linked = headers_of_info(None, IiifInfo(3, BASE), None, shelve())
    assert linked == [("Vary", "Accept")]
    plain = dict(headers_of_info(None, IiifInfo(2, BASE, linked=False), None, shelve()))
    assert plain["Link"] == (
        "<http://iiif.io/api/image/2/context.json>"
        ';rel="http://www.w3.org/ns/json-ld#context";type="application/ld+json"'
    )


@pytest.mark.parametrize(
    ("base_url", "info", "other"),
    [("", "Accept, X-IIIF-ID", "X-IIIF-ID"), ("https://e.org", "Accept", None)],
)
def test_what_a_proxy_says_is_something_to_depend_on(ramp, shelve, base_url, info, other):
    service = shelve({"iiif.id_header": "X-IIIF-ID", "iiif.base_url": base_url}, a=ramp())
    image, job = service.catalog.open("a"), job_of("full/max/0/default.jpg")
    assert dict(headers_of_info(None, IiifInfo(3, BASE), None, service))["Vary"] == info
    assert dict(headers_of_image(job, job.output, image, service)).get("Vary") == other
    moved = serve_iiif_redirect(job, IiifRedirect(3, BASE), image, service)
    assert dict(moved.headers).get("Vary") == other


def test_a_page_is_a_member_of_a_sequence(ramp, shelve):
    members = {0: ramp(dtype=np.uint8, cuts=BYTES), 3: ramp(dtype=np.uint8, cuts=(Range(0, 25.5),))}
    service = shelve({"iiif.delimiter": "--"}, a=members)

    def ask(name):
        wanted = iiif(f"{name}/full/max/0/default.png", 3)
        job = Job(wanted.image, View(**wanted.changes), wanted.output, said=frozenset())
        return picture(serve(addressed(job, {}, service.config), NONE, service))

    assert (ask("a") == ramp(dtype=np.uint8).pixels(1)[..., 0]).all()
    assert ask("a--3")[0].tolist() == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]


@pytest.mark.parametrize("parameters", ["/full/max/0/default.png", "/info.json", ""])
@pytest.mark.parametrize(("name", "status"), [("a", 0), ("a--0", 0), ("a--7", 404)])
def test_an_image_that_is_no_sequence_has_one_page(ramp, shelve, parameters, name, status):
    service = shelve({"iiif.delimiter": "--"}, a=ramp())
    wanted = iiif(name + parameters, 3)
    job = Job(wanted.image, View(), wanted.output, text=name + parameters, said=frozenset())
    there = {"REQUEST_URI": f"/iiif/{name}{parameters}", "HTTP_HOST": "h"}

    def ask():
        return serve(addressed(job, there, service.config), NONE, service)

    if status:
        with pytest.raises(NotFound, match="no page 7"):
            ask()
    else:
        assert ask().status in (200, 303)
