"""The mark is on every picture that is sent, and in no values (operations 4.8)."""

from __future__ import annotations

import io
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from PIL import Image

from iipastro.geometry import Size
from iipastro.handlers import HANDLERS
from iipastro.handlers.watermark import chance_of_mark, is_drawn_by_lot
from iipastro.images.source import Level, Range
from iipastro.pixels import kernels
from iipastro.pixels.watermark import make_mark
from iipastro.protocol import visiomatic3
from iipastro.protocol.iip import parse

BRIGHT = make_mark(np.array([[[0, 90, 0, 255]]], np.uint8), 1, additive=True)


@pytest.fixture
def marking(ramp, shelve):
    """A function that returns a service whose images are black, and marked with one dot."""

    def build(settings=None, **facts):
        defaults = {"dtype": np.uint8, "cuts": (Range(1e5, 2e5),) * facts.get("channels", 1)}
        service = shelve(settings, a=ramp(**defaults | facts))
        return replace(service, mark=BRIGHT, lot=Random(7))

    return build


def ask(service, query, read=parse):
    job = read(query, 64)
    image = service.catalog.open(job.image, job.view.angles)
    return HANDLERS[type(job.output)](job, job.output, image, service)


def picture(response):
    return np.asarray(Image.open(io.BytesIO(response.body)).convert("RGB"))


PICTURES = [
    "FIF=a&JTL=1,0",
    "FIF=a&PTL=1,0",
    "FIF=a&WTL=1,0",
    "FIF=a&CVT=jpeg",
    "FIF=a&CVT=png",
    "FIF=a&CVT=webp",
    "FIF=a&CVT=tiff",
    "FIF=a&WID=5&RGN=0,0,0.5,0.5&CVT=png",
    "DeepZoom=a_files/4/0_0.jpg",
    "Zoomify=a/TileGroup0/1-0-0.jpg",
    "IIIF=a/0,0,4,4/max/0/default.jpg",
    "IIIF=a/full/5,/180/default.webp",
    "FIF=a&ROT=90&JTL=1,0",
    "FIF=a&ROT=180&CVT=png",
]
VALUES = [
    "FIF=a&PFL=1:0,0-9,0",
    "FIF=a&SPECTRA=1,0,0,0",
    "FIF=a&TIL=1,0-3",
    "FIF=a&OBJ=max-size&OBJ=min-max-sample-values",
    "FIF=a&VAL=0,0;9,6",
    "FIF=a&INFO",
    "DeepZoom=a.dzi",
]
OF_VISIOMATIC_3 = ["FIF=a&JTL=1,0", "FIF=a&CHAN=1&JTL=1,0", "FIF=a&CHAN=1&RGN=1,1:10,8"]


@pytest.mark.parametrize("query", PICTURES)
@pytest.mark.parametrize("facts", [{}, {"dtype": np.float32}, {"channels": 3}, {"channels": 5}])
def test_every_picture_gets_the_mark(marking, query, facts):
    plain = replace(marking(**facts), mark=None)
    assert not picture(ask(plain, query)).any()
    assert picture(ask(marking(**facts), query)).max() > 30


@pytest.mark.parametrize("query", OF_VISIOMATIC_3)
def test_every_picture_of_visiomatic_3_gets_it(marking, query):
    assert not picture(ask(replace(marking(), mark=None), query, visiomatic3.parse)).any()
    assert picture(ask(marking(), query, visiomatic3.parse)).max() > 30
    assert is_drawn_by_lot(visiomatic3.parse(query, 64), marking())


def test_samples_that_are_shown_as_they_are_stored_are_not_written_to(marking):
    service = replace(marking(cuts=(Range(0, 255),)), render=kernels.render)
    source = service.catalog.images["a"]
    tile = source.read_tile(1, 0)
    source.read_tile = lambda *_: tile
    stored = tile.copy()
    shown = picture(ask(service, "FIF=a&PTL=1,0"))[:, :, :1]
    np.testing.assert_array_equal(tile, stored)
    assert np.count_nonzero(shown != stored) == 1


@pytest.mark.parametrize("query", VALUES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_values_never_get_it(marking, query, dtype):
    service = marking(dtype=dtype)
    assert ask(service, query) == ask(replace(service, mark=None), query)
    assert not is_drawn_by_lot(parse(query, 64), service)


def test_the_smallest_edge_tile_gets_it(marking):
    shown = picture(ask(marking(), "FIF=a&PTL=0,1"))  # one column of three pixels
    assert shown.shape[:2] == (3, 1)
    assert np.count_nonzero(shown.any(axis=2)) == 1


def test_a_large_export_gets_several(marking):
    level = Level(Size(70, 40), Size(4, 4))
    service = marking({"watermark.spacing": "16"}, levels=(level,))
    shown = picture(ask(service, "FIF=a&CVT=png"))
    assert np.count_nonzero(shown.any(axis=2)) == 4 * 2


def test_how_often_pictures_get_it_goes_by_their_name(marking):
    settings = {
        "watermark.probability": "0.5",
        "watermark.rules": "press/* => 0\n*.tif => 1",
    }
    service = marking(settings)
    for name, chance in [("press/a.tif", 0), ("/press//a.tif", 0), ("a.tif", 1), ("a.fits", 0.5)]:
        job = parse(f"FIF={name}&JTL=0,0", 64)
        assert chance_of_mark(job, service) == chance
        assert is_drawn_by_lot(job, service) == (chance > 0)
        assert chance_of_mark(job, replace(service, mark=None)) == 0


def test_of_a_thousand_answers_as_many_are_marked_as_told_and_everywhere(marking):
    level = Level(Size(32, 32), Size(32, 32))
    service = marking({"watermark.probability": "0.5"}, levels=(level,))
    shown = [picture(ask(service, "FIF=a&PTL=0,0")).any(axis=2) for _ in range(1000)]
    places = np.array([np.argwhere(pixels)[0] for pixels in shown if pixels.any()])
    assert abs(len(places) - 500) < 4 * 15.8  # deviation of 1000 draws
    expected = len(places) / 64
    counts = np.bincount(places[:, 0] // 4 * 8 + places[:, 1] // 4, minlength=64)
    assert ((counts - expected) ** 2 / expected).sum() < 63 + 4 * 126**0.5  # mean, 4 deviations


def test_answers_differ_from_draw_to_draw(marking):
    level = Level(Size(64, 64), Size(64, 64))
    service = marking(levels=(level,))
    assert len({ask(service, "FIF=a&PTL=0,0").body for _ in range(20)}) > 15


def test_a_mark_that_is_cached_is_the_same_whoever_draws_it(marking):
    level = Level(Size(64, 64), Size(8, 8))
    settings = {"watermark.cache": "yes"}
    first, second = (marking(settings, levels=(level,)) for _ in range(2))
    ask(first, "FIF=a&PTL=0,5")  # what went before has no effect
    queries = [f"FIF=a&PTL=0,{tile}" for tile in range(64)]
    answers = [ask(first, query).body for query in queries]
    assert answers == [ask(second, query).body for query in queries]
    assert len(set(answers)) > 30  # of 64 places
    assert not is_drawn_by_lot(parse(queries[0], 64), first)


def test_every_name_for_one_answer_has_the_same_mark(marking):
    level = Level(Size(64, 64), Size(64, 64))
    service = marking({"watermark.cache": "yes"}, levels=(level,))
    shelf = service.catalog
    shelf.images["/a"] = shelf.images["a"]
    assert ask(service, "FIF=/a&PTL=0,0").body == ask(service, "FIF=a&PTL=0,0").body
