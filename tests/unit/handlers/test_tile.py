import io

import numpy as np
import pytest
from PIL import Image

from iipastro.errors import NotFound
from iipastro.handlers.tile import serve_tile
from iipastro.images.source import Range
from iipastro.jobs import Job, Tile
from iipastro.view import Cut, View

BYTES = (Range(0.0, 255.0),)
PLAIN = View()


@pytest.fixture
def tile(ramp, shelve):
    def response(level, index, view=PLAIN, encoding="png"):
        service = shelve(a=ramp(dtype=np.uint8, cuts=BYTES))
        job = Job("a", view, Tile(level, index, encoding))
        return serve_tile(job, job.output, service.catalog.open("a"), service)

    return response


def picture(response):
    return np.asarray(Image.open(io.BytesIO(response.body)))


def test_a_tile_is_its_part_of_the_level(tile):
    assert picture(tile(1, 2)).tolist() == [[8, 9], [108, 109], [208, 209], [52, 53]]


@pytest.mark.parametrize(
    ("encoding", "mime"),
    [
        ("jpeg", "image/jpeg"),
        ("png", "image/png"),
        ("webp", "image/webp"),
        ("avif", "image/avif"),
        ("tiff", "image/tiff"),
    ],
)
def test_a_tile_comes_in_every_format(tile, encoding, mime):
    response = tile(1, 0, encoding=encoding)
    assert dict(response.headers)["Content-Type"] == mime
    assert Image.open(io.BytesIO(response.body)).size == (4, 4)


def test_a_quarter_turn_turns_the_tile_in_place(tile):  # spec 2.5
    assert picture(tile(1, 2, View(rotation=90))).tolist() == [[52, 208, 108, 8], [53, 209, 109, 9]]


def test_half_a_turn_reads_the_opposite_tile(tile):
    # the tile opposite to the first is the sixth: two columns, three rows
    assert picture(tile(1, 0, View(rotation=180))).tolist() == [[97, 96], [253, 252], [153, 152]]


@pytest.mark.parametrize("rotation", [0, 90, 180])
@pytest.mark.parametrize("place", [(2, 0), (99999, 0), (1, 6), (1, 99999)])
def test_a_tile_that_is_not_there_is_not_found(tile, rotation, place):
    with pytest.raises(NotFound):
        tile(*place, View(rotation=rotation))


def test_a_view_does_not_outlive_its_request(ramp, shelve):
    service = shelve(a=ramp(dtype=np.uint8, cuts=BYTES))

    def ask(view):
        job = Job("a", view, Tile(1, 0, "png"))
        return serve_tile(job, job.output, service.catalog.open("a"), service).body

    plain = ask(View())
    views = (View(cuts=(Cut(0, 50.0, 60.0),)), View(inverted=True), View(mix=((2.0,),)))
    for view in views:
        assert ask(view) != plain
        assert ask(View()) == plain
