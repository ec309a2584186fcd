import io

import numpy as np
import pytest
from PIL import Image

from iipastro.errors import BadArgument, TooLarge
from iipastro.handlers import region as region_module
from iipastro.handlers.region import serve_region
from iipastro.images.source import Range
from iipastro.jobs import Job, Region
from iipastro.view import Fraction, View

BYTES = (Range(0.0, 255.0),)
PLAIN = View()


@pytest.fixture
def region(ramp, shelve):
    def response(view=PLAIN, name="a", settings=None):
        service = shelve(settings, **{name: ramp(dtype=np.uint8, cuts=BYTES)})
        job = Job(name, view, Region("png"))
        return serve_region(job, job.output, service.catalog.open(name), service)

    return response


def picture(response):
    return np.asarray(Image.open(io.BytesIO(response.body)))


def test_the_whole_image_comes_at_full_size(region, ramp):
    expected = ramp(dtype=np.uint8).pixels(1)[..., 0]
    assert (picture(region()) == expected).all()


def test_a_region_without_size_comes_as_it_is(region, ramp):  # spec 11.3
    expected = ramp(dtype=np.uint8).pixels(1)[2:5, 5:10, 0]
    assert (picture(region(View(region=Fraction(0.5, 0.3, 0.5, 0.4)))) == expected).all()


def test_a_smaller_size_is_made_from_a_smaller_level(region, ramp):
    assert (picture(region(View(width=5))) == ramp(dtype=np.uint8).pixels(0)[..., 0]).all()


def test_a_turn_comes_after_the_size(region):
    assert picture(region(View(width=5, rotation=90))).shape == (5, 3)


def test_an_enlargement_is_made_and_bounded(region):
    assert picture(region(View(width=40))).shape == (28, 40)
    assert picture(region(View(width=4000), settings={"limits.max_output": "64"})).shape == (45, 64)
    unscaled = {"encoding.allow_upscaling": "no"}
    assert picture(region(View(width=4000), settings=unscaled)).shape == (7, 10)


def test_bands_make_the_same_picture_as_a_whole(region, monkeypatch):
    view = View(width=37, region=Fraction(0.1, 0.2, 0.7, 0.75))
    whole = picture(region(view))
    monkeypatch.setattr(region_module, "_BAND_PIXELS", 10)
    assert (picture(region(view)) == whole).all()
    assert (picture(region(View(width=7))) == picture(region(View(width=7)))).all()


def test_a_convolution_sees_no_bands(region, monkeypatch):
    view = View(kernel=(1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0), width=9)
    whole = picture(region(view))
    monkeypatch.setattr(region_module, "_BAND_PIXELS", 10)
    assert (picture(region(view)) == whole).all()


def test_a_region_outside_the_image_is_refused(region):
    with pytest.raises(BadArgument):
        region(View(region=Fraction(1.0, 0.0, 0.0, 1.0)))


def test_more_pixels_than_the_limit_are_refused(ramp, shelve):
    from iipastro.geometry import Size
    from iipastro.images.source import Level

    service = shelve(
        {"limits.max_source_pixels": "64K"},
        a=ramp(levels=(Level(Size(300, 300), Size(4, 4)),)),
    )
    job = Job("a", View(width=10), Region("png"))
    with pytest.raises(TooLarge):
        serve_region(job, job.output, service.catalog.open("a"), service)


@pytest.mark.parametrize(
    ("name", "saved"), [("a/b.c.ptif", "b.c.png"), ("plain", "plain.png"), ('x".tif', "x_.png")]
)
def test_the_file_is_named_after_the_image(region, name, saved):
    headers = dict(region(name=name).headers)
    assert headers["Content-Disposition"] == f'inline;filename="{saved}"'


def test_metadata_goes_with_an_export_and_not_with_tiles(ramp, shelve):
    from iipastro.handlers.tile import serve_tile
    from iipastro.jobs import Tile

    service = shelve(a=ramp(xmp=b"<x:xmpmeta/>"))
    image = service.catalog.open("a")
    job = Job("a", PLAIN, None)
    assert b"<x:xmpmeta/>" in serve_region(job, Region("jpeg"), image, service).body
    assert b"xmpmeta" not in serve_tile(job, Tile(1, 0), image, service).body
