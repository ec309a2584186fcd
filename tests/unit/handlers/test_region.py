import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from iipastro.errors import BadArgument, TooLarge
from iipastro.geometry import Size, tile_box
from iipastro.handlers import region as region_module
from iipastro.handlers.region import headers_of_region, serve_region
from iipastro.images.source import Level, Range
from iipastro.jobs import Job, Region
from iipastro.pixels import kernels, pipeline
from iipastro.pixels.scene import Resize, Scene
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
    monkeypatch.setattr(region_module, "_BAND_SAMPLES", 10)
    assert (picture(region(view)) == whole).all()
    assert (picture(region(View(width=7))) == picture(region(View(width=7)))).all()


def test_a_convolution_sees_no_bands(region, monkeypatch):
    view = View(kernel=(1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0), width=9)
    whole = picture(region(view))
    monkeypatch.setattr(region_module, "_BAND_SAMPLES", 10)
    assert (picture(region(view)) == whole).all()


def test_a_region_outside_the_image_is_refused(region):
    with pytest.raises(BadArgument):
        region(View(region=Fraction(1.0, 0.0, 0.0, 1.0)))


def test_more_pixels_than_the_limit_are_refused(ramp, shelve):
    service = shelve(
        {"limits.max_source_samples": "64K"},
        a=ramp(levels=(Level(Size(300, 300), Size(4, 4)),)),
    )
    job = Job("a", View(width=10), Region("png"))
    with pytest.raises(TooLarge):
        serve_region(job, job.output, service.catalog.open("a"), service)


@pytest.mark.parametrize(
    ("name", "saved"), [("a/b.c.ptif", "b.c.png"), ("plain", "plain.png"), ('x".tif', "x_.png")]
)
def test_the_file_is_named_after_the_image(name, saved):
    headers = headers_of_region(Job(name, View(), Region("png")), Region("png"), None, None)
    assert headers == [("Content-Disposition", f'inline;filename="{saved}"')]


def test_metadata_goes_with_an_export_and_not_with_tiles(ramp, shelve):
    from iipastro.handlers.tile import serve_tile
    from iipastro.jobs import Tile

    service = shelve(a=ramp(xmp=b"<x:xmpmeta/>"))
    image = service.catalog.open("a")
    job = Job("a", PLAIN, Region("jpeg"))
    assert b"<x:xmpmeta/>" in serve_region(job, job.output, image, service).body
    assert b"xmpmeta" not in serve_tile(job, Tile(1, 0), image, service).body


QUARTERS = (
    Level(Size(33, 33), Size(16, 16)),
    Level(Size(130, 130), Size(16, 16)),
    Level(Size(2080, 2080), Size(16, 16)),
)


@pytest.mark.parametrize("levels", [QUARTERS, QUARTERS[::2], (QUARTERS[0], QUARTERS[2])])
def test_levels_that_do_not_halve_give_pixels_of_the_image_and_no_others(ramp, shelve, levels):
    """Box and level are those that are there: what lies behind the array is nobody's business."""

    class Sevens(ramp):
        def read_part(self, level, index, rows):
            _, _, width, height = tile_box(*self.info.levels[level], index)
            return np.full((height, width, 1), 7, np.uint8)[rows]

    service = shelve(a=Sevens(levels=levels, dtype=np.uint8, cuts=BYTES))
    image = service.catalog.open("a")
    for render in (pipeline.render, kernels.render):
        for fraction in (0.05, 0.33, 0.9, 0.999):
            for width in (10, 100, 300):
                view = View(region=Fraction(0.0, 0.05, fraction, fraction / 2), width=width)
                job = Job("a", view, Region("png"))
                answered = serve_region(job, job.output, image, replace(service, render=render))
                assert (picture(answered) == 7).all()


def test_a_box_over_the_bottom_edge_is_moved_as_a_whole(ramp, shelve, monkeypatch):
    levels = tuple(Level(Size(1237 >> n, 811 >> n), Size(64, 64)) for n in (2, 1, 0))
    image = ramp(levels=levels, dtype=np.uint16, cuts=(Range(0.0, 65535.0),))
    service = shelve(a=image)
    view = View(region=Fraction(0.25, 0.764, 0.5, 0.236), width=200)
    job = Job("a", view, Region("png"))
    monkeypatch.setattr(region_module, "_BAND_SAMPLES", 2000)
    answered = serve_region(job, job.output, service.catalog.open("a"), service)
    # rows 310 to 405 of a level of 405 rows (spec 2.7 step 5): the last 96
    rows = image.pixels(1)[309:405, 155 : 155 + 309]
    resize = Resize(Size(309, 96), Size(200, 62), 0, 0, 62, smooth=True)
    expected = pipeline.render(rows, view, Scene(image.info.cuts, resize=resize))
    assert (picture(answered) == expected[..., 0]).all()
