"""What every source of images does, on a file of each kind that is served.

The files are made at the start of the run by scripts/make_fixtures.py, from a
formula that the tests know as well.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import tifffile
from astropy.io import fits

from iipastro.errors import NotFound, Unreadable
from iipastro.geometry import Box, Size
from iipastro.images import FORMATS, open_source
from iipastro.images.fits import FitsOptions
from iipastro.images.level_cache import LevelCache
from iipastro.images.region import read_region
from iipastro.images.selection import WHOLE_FILE

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_fixtures.py"


def load_script():
    spec = importlib.util.spec_from_file_location("make_fixtures", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look there
    spec.loader.exec_module(module)
    return module


make = load_script()


@dataclass(frozen=True)
class FitsFixture:
    """A FITS file: its full resolution is the formula, its lower levels are means."""

    name: str
    dtype: str = "float32"
    channels: int = 1
    packed: bool = False
    lossy: bool = False
    bits: int = 0

    def reference(self, level):
        """Return what level `level`, 0 the smallest, holds: (rows, columns, channels)."""
        pixels = make.reference(make.Fixture("", self.dtype, self.channels), make.LEVELS - 1)
        means = pixels.astype("f8")
        for _ in range(make.LEVELS - 1 - level):
            rows, columns = means.shape[0] // 2 * 2, means.shape[1] // 2 * 2
            means = means[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2, -1).mean((1, 3))
        return (np.rint(means) if pixels.dtype.kind in "iu" else means).astype(pixels.dtype)

    def write(self, path):
        """Write the file: planes for channels, the last row first."""
        planes = np.moveaxis(self.reference(make.LEVELS - 1), -1, 0)[:, ::-1]
        array = np.ascontiguousarray(planes[0] if self.channels == 1 else planes)
        hdu = fits.CompImageHDU(array, tile_shape=(20, 30)) if self.packed else None
        hdus = [fits.PrimaryHDU(), hdu] if self.packed else [fits.PrimaryHDU(array)]
        fits.HDUList(hdus).writeto(path)


FITS_FIXTURES = [
    FitsFixture("fits_u1", "uint8"),
    FitsFixture("fits_i2", "int16"),
    FitsFixture("fits_u2", "uint16"),
    FitsFixture("fits_i4", "int32"),
    FitsFixture("fits_f4"),
    FitsFixture("fits_f4_3", channels=3),
    FitsFixture("fits_u1_5", "uint8", channels=5),
    FitsFixture("fits_packed", "int16", packed=True),
]
TIFF_FIXTURES = make.fixtures()
FIXTURES = [*TIFF_FIXTURES, *FITS_FIXTURES]
each_fixture = pytest.mark.parametrize("fixture", FIXTURES, ids=[f.name for f in FIXTURES])
NOT_BOOLEAN = [f for f in TIFF_FIXTURES if f.bits != 1]  # these tifffile gives as True and False
REAL = ("odd_r", "multi5_1k", "nan_1k", "odd_rgb8")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("images")
    for fixture in TIFF_FIXTURES:
        make.write(fixture, made / f"{fixture.name}.tif")
    for fixture in FITS_FIXTURES:
        fixture.write(made / f"{fixture.name}.tif")  # names mean nothing
    return made


@pytest.fixture
def open_path(tmp_path):
    sources = []
    how = FitsOptions(tile=make.TILE, cache=LevelCache(str(tmp_path / "cache"), 1 << 20))

    def opened(path):
        sources.append(open_source(os.open(path, os.O_RDONLY), WHOLE_FILE, how))
        return sources[-1]

    yield opened
    for source in sources:
        source.close()


@pytest.fixture
def source(fixture, folder, open_path):
    return open_path(folder / f"{fixture.name}.tif")


def reference(fixture, level):
    """Return what a level of a fixture holds."""
    if isinstance(fixture, FitsFixture):
        return fixture.reference(level)
    return make.reference(fixture, level)


def crop(level, tile, index):
    """Return what tile `index` of an array holds, by the numbering of spec 5.2."""
    columns = -(-level.shape[1] // tile.width)
    top, left = index // columns * tile.height, index % columns * tile.width
    return level[top : top + tile.height, left : left + tile.width]


def tiles_in(size, tile):
    return -(-size.width // tile.width) * -(-size.height // tile.height)


def assert_same(given, expected, lossy=False):
    assert given.shape == expected.shape
    assert given.dtype == expected.dtype
    assert given.dtype.isnative
    if lossy:
        # JPEG: the zeros beyond the edge of the image ring into its last columns
        assert np.abs(given.astype(int) - expected.astype(int)).mean() <= 3
    else:
        np.testing.assert_array_equal(given, expected)


@each_fixture
def test_every_tile_of_every_level_is_a_crop_of_the_reference(fixture, source):
    for number, (size, tile) in enumerate(source.info.levels):
        expected = reference(fixture, number)
        assert size == Size(expected.shape[1], expected.shape[0])
        for index in range(tiles_in(size, tile)):
            assert_same(source.read_tile(number, index), crop(expected, tile, index), fixture.lossy)


@each_fixture
def test_the_facts_of_an_image_are_those_of_its_file(fixture, source):
    info = source.info
    assert [level.size for level in info.levels] == [(18, 13), (37, 26), (75, 53)]
    assert info.full == (75, 53)
    assert info.channels == fixture.channels
    assert info.dtype == np.dtype(fixture.dtype)
    assert info.bits == (fixture.bits or np.dtype(fixture.dtype).itemsize * 8)
    assert len(info.cuts) == fixture.channels
    assert all(cut.low < cut.high for cut in info.cuts)


@each_fixture
def test_rows_of_a_tile_are_rows_of_the_tile(fixture, source):
    for rows in (slice(0, 1), slice(3, 5), slice(20, 99), slice(0, 0), slice(None)):
        tile = source.read_tile(2, 1)
        assert_same(source.read_part(2, 1, rows), tile[rows])


@each_fixture
def test_there_is_no_tile_and_no_level_beyond_the_last(fixture, source):
    count = tiles_in(*source.info.levels[2])
    for level, index in ((2, count), (2, -1), (3, 0), (-1, 0), (2**70, 0), (0, 2**70)):
        with pytest.raises(NotFound, match=r"no (tile|level)"):
            source.read_tile(level, index)


@each_fixture
def test_a_region_is_a_crop_of_the_reference(fixture, source):
    expected = reference(fixture, 2)
    given = read_region(source, 2, Box(29, 30, 40, 20))
    assert_same(given, expected[30:50, 29:69], fixture.lossy)


@each_fixture
def test_a_closed_image_gives_no_tiles(fixture, source):
    source.close()
    source.close()
    with pytest.raises(Unreadable):
        source.read_tile(0, 0)


@pytest.mark.parametrize("fixture", NOT_BOOLEAN, ids=[f.name for f in NOT_BOOLEAN])
def test_tifffile_reads_the_same(fixture, folder, source):
    with tifffile.TiffFile(folder / f"{fixture.name}.tif") as oracle:
        full = oracle.pages[0].asarray()
    full = full if full.ndim == 3 else full[..., np.newaxis]
    if full.shape[:2] != (53, 75):
        full = np.moveaxis(full, 0, 2)
    assert_same(read_region(source, 2, Box(0, 0, 75, 53)), full)


@pytest.mark.parametrize("name", REAL)
def test_images_of_stiff_are_read_as_tifffile_reads_them(name, data, open_path):
    source = open_path(data / f"{name}.ptif")
    with tifffile.TiffFile(data / f"{name}.ptif") as oracle:
        pages = [page.asarray() for page in reversed(oracle.pages)]
    assert len(pages) == len(source.info.levels)
    for number, page in enumerate(pages):
        size, tile = source.info.levels[number]
        level = page.reshape(*page.shape[:2], -1)
        for index in range(tiles_in(size, tile)):
            assert_same(source.read_tile(number, index), crop(level, tile, index))


def test_every_format_that_is_served_has_a_fixture(folder):
    starts = [path.read_bytes()[:10] for path in folder.iterdir()]
    served = [magic for magic, opener in FORMATS.items() if "_refuse" not in repr(opener)]
    assert len(served) == 5
    for magic in served:
        assert [start for start in starts if start.startswith(magic)]
    assert all(start.startswith(tuple(served)) for start in starts)
