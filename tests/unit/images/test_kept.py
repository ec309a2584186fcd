import os
import zlib
from types import SimpleNamespace

import numpy as np
import pytest

from iipastro.errors import NotFound, Unreadable
from iipastro.images.kept import KeptSource
from iipastro.images.tiff import TiffSource


class Shelf(dict):
    """A store that forgets nothing."""

    def put(self, key, value):
        self[key] = value


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def packed(write_tiff, ramp, shelf):
    """A DEFLATE image of 20 rows and 40 columns, in tiles of 16; the second level is not packed."""
    path = write_tiff([ramp(20, 40)], {259: ("H", [8])}, packed=zlib.compress)
    source = KeptSource(TiffSource.open(os.open(path, os.O_RDONLY)), shelf)
    yield source
    source.close()


def test_a_tile_is_unpacked_once(packed, shelf, ramp):
    first = packed.read_tile(0, 0)
    assert packed.read_tile(0, 0) is first
    assert list(shelf.values()) == [first]
    np.testing.assert_array_equal(first, ramp(20, 40)[:16, :16])


def test_nobody_can_write_to_what_is_kept(packed):  # operations.md 4.9
    with pytest.raises(ValueError, match="read-only"):
        packed.read_tile(0, 0)[:] = 0


def test_a_cropped_tile_keeps_nothing_else_alive(packed, ramp):
    tile = packed.read_tile(0, 5)
    assert tile.base is None or tile.base.nbytes == tile.nbytes
    np.testing.assert_array_equal(tile, ramp(20, 40)[16:, 32:])


@pytest.mark.parametrize(("room", "kept"), [(90, True), (91, False)])  # 80 and an eighth of it
def test_a_tile_is_not_copied_for_the_little_that_its_decoder_had_to_work_in(room, kept, shelf):
    class Source:
        info = SimpleNamespace(identity=(1, 2))
        made = np.zeros(room, dtype=np.uint8)

        def is_packed(self, _):
            return True

        def read_tile(self, *_):
            return self.made[:80].reshape(8, 10, 1)

    tile = KeptSource(Source(), shelf).read_tile(0, 0)
    assert np.shares_memory(tile, Source.made) is kept


def test_rows_come_from_the_tile_that_is_kept(packed, shelf, ramp):
    np.testing.assert_array_equal(packed.read_part(0, 1, slice(3, 5)), ramp(20, 40)[3:5, 16:32])
    assert len(shelf) == 1


def test_tiles_of_other_files_and_places_have_other_keys(packed, shelf, write_tiff, ramp):
    other = write_tiff([ramp(20, 40)], {259: ("H", [8])}, packed=zlib.compress, name="b.tif")
    source = KeptSource(TiffSource.open(os.open(other, os.O_RDONLY)), shelf)
    for image in (packed, source):
        for index in range(6):
            image.read_tile(0, index)
    assert len(shelf) == 12
    source.close()


def test_what_is_not_packed_is_read_again(write_tiff, ramp, shelf):
    source = KeptSource(TiffSource.open(os.open(write_tiff([ramp(20, 40)]), os.O_RDONLY)), shelf)
    source.read_tile(0, 0)[:] = 0
    np.testing.assert_array_equal(source.read_part(0, 0, slice(0, 2)), ramp(20, 40)[:2, :16])
    assert shelf == {}
    source.close()


@pytest.mark.parametrize(("level", "index"), [(1, 0), (-1, 0), (0, 6)])
def test_what_is_not_there_is_not_found(packed, shelf, level, index):
    with pytest.raises(NotFound):
        packed.read_tile(level, index)
    assert shelf == {}


def test_a_closed_image_gives_no_tile_that_is_not_kept(packed):
    packed.close()
    with pytest.raises(Unreadable):
        packed.read_tile(0, 0)
