"""The defects of iipsrv-astro 1.1.1 (operations.md 5), each asked for on real files."""

import io
import json
import os

import numpy as np
import pytest
import tifffile
from PIL import Image

from iipastro.config import load_config
from iipastro.handlers.service import build_service
from iipastro.wsgi import respond

DATE = "Fri, 31 Dec 2100 23:59:59 GMT"
RNG = np.random.default_rng(5)


def write(path, pixels, **options):
    settings = {"tile": (64, 64), "metadata": None, "photometric": "minisblack"} | options
    tifffile.imwrite(path, pixels, **settings)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A data root with images, and neighbours that nobody may see."""
    top = tmp_path_factory.mktemp("served")
    root = top / "img"
    root.mkdir()
    (top / "img-secret").mkdir()
    grey = RNG.integers(0, 256, (100, 130), np.uint8)
    write(top / "img-secret" / "x.tif", grey)
    write(root / "grey.tif", grey)
    write(root / "odd%s%n name.tif", grey, description="100%s %n %x", extratags=())
    six = RNG.normal(100, 5, (100, 130, 6)).astype(np.float32)
    write(root / "six.tif", six, planarconfig="contig")
    write(root / "planes.tif", np.moveaxis(six, 2, 0), planarconfig="separate")
    write(root / "cut.tif", six, planarconfig="contig")
    os.truncate(root / "cut.tif", 40_000)
    for path in root.iterdir():
        os.utime(path, (784111777, 784111777))  # what was written just now has no date yet
    (root / "out.tif").symlink_to(top / "img-secret" / "x.tif")
    return root


@pytest.fixture(scope="module")
def service(root):
    overrides = {"images.root": str(root), "cors.origins": "*"}
    return build_service(load_config([], {}, overrides).config)


@pytest.fixture
def ask(service):
    def asked(query, **environ):
        return respond({"REQUEST_METHOD": "GET", "QUERY_STRING": query, **environ}, b"", service)

    return asked


@pytest.mark.parametrize(
    "name",
    [
        "-secret/x.tif",
        "../img-secret/x.tif",
        "..%2Fimg-secret/x.tif",
        "%2e%2e/img-secret/x.tif",
        "....//img-secret/x.tif",
        "%252e%252e/img-secret/x.tif",
        "/etc/passwd",
        "out.tif",
        "grey.tif/../grey.tif",
    ],
)
def test_nothing_outside_the_root_is_served(ask, name):
    assert ask(f"FIF={name}&OBJ=max-size").status == 404


@pytest.mark.parametrize("name", ["*", "gre?.tif", "[a-g]rey.tif", "*_pyr_000_090.*", "{grey}.tif"])
def test_names_are_no_patterns(ask, name):
    assert ask(f"FIF={name}&OBJ=max-size").status == 404


@pytest.mark.parametrize(
    "query",
    ["FIF=none.tif&JTL=0,0", "FIF=&JTL=0,0", "FIF=a/b/c&OBJ=max-size", "FIF=cut.tif&JTL=0,5"],
)
def test_no_error_shows_a_path_of_the_server(ask, root, query):
    response = ask(query)
    assert response.status != 200
    assert str(root).encode() not in response.body
    assert root.parent.name.encode() not in response.body


@pytest.mark.parametrize(
    "query",
    ["MINMAX=1:0,1&PFL=0:0,0-5,0", "PFL=0:0,0", "SPECTRA=0,0,0,0", "CVT=jpeg", "TIL=0,0"],
)
def test_commands_before_an_image_are_an_iip_error(ask, query):
    response = ask(query)
    assert (response.status, response.body) == (400, b"Error/4:1 3 \r\n")


@pytest.mark.parametrize("channel", ["0", "7", "8", "99999999999", "-5"])
def test_a_channel_that_is_not_there_is_passed_over(ask, channel):
    query = "FIF=six.tif&CTW=1,0;0,1;1,0&{}PTL=0,0"
    assert ask(query.format(f"MINMAX={channel}:0,1&")).body == ask(query.format("")).body


@pytest.mark.parametrize("setter", ["RGN=0.1", "RGN=1,2,3", "SHD=30", "RGN=nan,nan,nan,nan"])
def test_short_arguments_are_passed_over(ask, setter):
    assert ask(f"FIF=grey.tif&{setter}&CVT=png").body == ask("FIF=grey.tif&CVT=png").body


@pytest.mark.parametrize("rotation", ["", "ROT=180&", "ROT=90&", "ROT=-270&", "ROT=!180&"])
@pytest.mark.parametrize(
    "tile",
    ["JTL=99,0", "JTL=2147483647,0", "JTL=0,99999", "JTL=1,4294967296", "PTL=0,6", "TIL=9,0"],
)
def test_levels_and_tiles_are_checked_above(ask, rotation, tile):
    assert ask(f"FIF=grey.tif&{rotation}{tile}").status == 404


def test_percent_signs_are_no_directives(ask):
    body = ask("FIF=odd%25s%25n+name.tif&OBJ=subject").body
    assert body == b"\r\nsubject/11:100%s %n %x\r\n"
    assert b"%s%n%x" in ask("FIF=%25s%25n%25x&JTL=0,0").body


def test_headers_of_a_client_change_no_answer(ask):
    query = "FIF=grey.tif&JTL=0,0"
    odd = {"HTTP_HOST": "evil.org", "HTTP_X_IIIF_ID": "evil", "HTTPS": "on"}
    assert ask(query, **odd) == ask(query)


@pytest.mark.parametrize("query", ["FIF=cut.tif&JTL=0,5", "FIF=cut.tif&CVT=jpeg"])
def test_pixels_that_cannot_be_read_are_no_success(ask, query):
    response = ask(query)
    assert response.status in (404, 503)
    assert dict(response.headers)["Content-Type"].startswith("text/plain")
    assert ask("FIF=grey.tif&JTL=0,0").status == 200


def test_not_modified_carries_cors_and_cache_control(ask):
    response = ask("FIF=grey.tif&JTL=0,0", HTTP_IF_MODIFIED_SINCE=DATE)
    headers = dict(response.headers)
    assert (response.status, response.body) == (304, b"")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cache-Control"] == "max-age=86400"


def test_head_sends_no_body(ask):
    response = ask("FIF=grey.tif&JTL=0,0", REQUEST_METHOD="HEAD")
    assert (response.status, response.body) == (200, b"")


def picture(response):
    assert response.status == 200
    return np.asarray(Image.open(io.BytesIO(response.body)))


@pytest.mark.parametrize(
    "query",
    [
        "FIF=grey.tif&WID=1401&RGN=-0.63,-0.5,2.2,2&CVT=png",
        "FIF=six.tif&WID=700&CTW=1,0;0,1;1,1&CVT=png",
        "FIF=grey.tif&RGN=0.25,0.25,0.5,0.5&CVT=png",
        "FIF=grey.tif&WID=11208&CVT=jpeg",
    ],
)
def test_enlargements_are_made(ask, query):  # client.md 3.6
    assert max(picture(ask(query)).shape) <= 5000


def test_an_enlargement_is_the_image_and_nothing_else(ask):
    whole = picture(ask("FIF=grey.tif&CVT=png"))
    assert (picture(ask("FIF=grey.tif&WID=260&CVT=png"))[::2, ::2] == whole).all()


@pytest.mark.parametrize("name", ["grey.tif", "six.tif", "planes.tif"])
def test_shading_reads_no_further_than_the_image(ask, name):
    assert picture(ask(f"FIF={name}&SHD=30,45&PTL=0,0")).shape == (64, 64)


def test_separate_planes_are_read_as_channels(ask):
    for query in ("PFL=0:3,5-99,5", "CTW=0,0,1;0,1;1,0&PTL=0,1"):
        assert ask(f"FIF=planes.tif&{query}").body == ask(f"FIF=six.tif&{query}").body


def test_many_channels_without_display_tags_have_sane_cuts(ask):  # operations.md 4.7
    body = ask("FIF=six.tif&OBJ=min-max-sample-values").body.decode()
    cuts = [float(field) for field in body.strip().split(":")[1].split()]
    assert len(cuts) == 12
    for low, high in zip(cuts[::2], cuts[1::2], strict=True):
        assert 75 < low < 95
        assert 105 < high < 125
    assert len(np.unique(picture(ask("FIF=six.tif&CTW=1,0,0,0,0,0&PTL=0,0")))) > 50


def test_blank_pixels_are_the_low_cut_and_null(root, ask):  # operations.md 4.11
    pixels = RNG.normal(100, 5, (64, 64)).astype(np.float32)
    pixels[0, 0], pixels[0, 1], pixels[0, 2] = np.nan, np.inf, -np.inf
    write(root / "nan.tif", pixels)
    assert json.loads(ask("FIF=nan.tif&PFL=0:0,0-3,0").body) == {"profile": [None] * 3}
    assert picture(ask("FIF=nan.tif&PTL=0,0"))[0, :3].tolist() == [0, 0, 0]
    assert picture(ask("FIF=nan.tif&INV&PTL=0,0"))[0, :3].tolist() == [255, 255, 255]


def test_a_replaced_file_is_noticed_at_the_next_request(root, ask):
    write(root / "new.tif", np.zeros((64, 64), np.uint8))
    assert ask("FIF=new.tif&OBJ=max-size").body == b"\r\nMax-size:64 64\r\n"
    write(root / "next.tif", np.full((65, 200), 9, np.uint8))
    os.replace(root / "next.tif", root / "new.tif")
    assert ask("FIF=new.tif&OBJ=max-size").body == b"\r\nMax-size:200 65\r\n"
    assert (picture(ask("FIF=new.tif&PTL=0,0")) == 9).all()
    os.remove(root / "new.tif")
    assert ask("FIF=new.tif&OBJ=max-size").status == 404
