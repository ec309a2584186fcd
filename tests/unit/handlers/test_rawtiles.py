import io

import numpy as np
import pytest
from PIL import Image

from iipastro.errors import NotFound, TooLarge
from iipastro.geometry import Size
from iipastro.handlers.rawtiles import serve_raw_tiles
from iipastro.images.source import Level
from iipastro.jobs import Job, RawTiles
from iipastro.view import View


@pytest.fixture
def tiles(ramp, shelve):
    def body(level, first, last, **facts):
        service = shelve(a=ramp(**facts))
        job = Job("a", View(), RawTiles(level, first, last))
        return serve_raw_tiles(job, job.output, service.catalog.open("a"), service).body

    return body


def test_raw_tiles_come_column_by_column(tiles):  # spec 2.6; level 1 is 3 x 2 tiles
    body = tiles(1, 1, 5)
    heads = [part.partition(b":")[0] for part in body.split(b"Tile,")[1:]]
    assert [head.split(b",")[1] for head in heads] == [b"1", b"4", b"2", b"5"]


def test_float_samples_come_as_they_are(tiles):
    body = tiles(0, 1, 1)  # the second tile of 5 columns and 3 rows is one wide
    data = np.array([4, 104, 204], np.float32).tobytes()
    assert body == b"Tile,0,1,0/20:" + bytes((0, 0, 0, 0, 0, 0x11, 0, 0)) + data + b"\r\n"


def test_16_bit_samples_are_labelled_3(tiles):
    assert tiles(0, 1, 1, dtype=np.uint16).startswith(b"Tile,0,1,0/14:\x03\0\0\0\0\x11\0\0")


def test_grey_bytes_come_as_jpeg_with_no_processing(tiles):
    body = tiles(0, 0, 0, dtype=np.uint8)
    head, _, rest = body.partition(b":")
    assert head.startswith(b"Tile,0,0,0/")
    assert rest[:8] == b"\x02\0\0\0\0\x11\0\0"
    picture = np.asarray(Image.open(io.BytesIO(rest[8:-2])), dtype=int)
    assert abs(picture - (np.arange(4) + np.arange(0, 300, 100)[:, None])).max() <= 4


def test_more_tiles_than_the_limit_are_refused(tiles):
    wide = (Level(Size(400, 8), Size(4, 4)),)
    with pytest.raises(TooLarge):
        tiles(0, 0, 199, levels=wide)


@pytest.mark.parametrize(("level", "first", "last"), [(2, 0, 0), (1, 0, 6), (1, 9, 9)])
def test_tiles_that_are_not_there_are_not_found(tiles, level, first, last):
    with pytest.raises(NotFound):
        tiles(level, first, last)


def test_more_samples_than_the_limit_are_refused(tiles):
    large = (Level(Size(4096, 4096), Size(2048, 2048)),)
    with pytest.raises(TooLarge):
        tiles(0, 0, 3, levels=large, channels=5)


def test_samples_of_one_bit_come_as_the_bytes_they_are(tiles):
    assert tiles(0, 0, 0, dtype=np.uint8, bits=1).partition(b":")[2].startswith(b"\x02")
