from __future__ import annotations

import gzip
import itertools
import os
import struct
import tracemalloc

import numpy as np
import pytest
from astropy.io import fits as astropy_fits
from astropy.io.fits.hdu.compressed.section import CompImageSection

from iipastro.errors import Refused, TooLarge, Unreadable, Unservable
from iipastro.images.fits import UNPACKED_WHOLE
from iipastro.images.level_cache import LevelCache


def sky(dtype="f4", shape=(70, 90)):
    return np.random.default_rng(2).normal(1000, 30, shape).astype(dtype)


@pytest.fixture
def pack(tmp_path):
    """Return a function that writes a compressed image, and gives the path."""

    def packed(array, cards=(), **options):
        hdu = astropy_fits.CompImageHDU(array, **{"tile_shape": (16, 24), **options})
        for name, value in cards:
            hdu.header[name] = value
        path = tmp_path / "image.fits.fz"
        astropy_fits.HDUList([astropy_fits.PrimaryHDU(), hdu]).writeto(path, overwrite=True)
        return path

    return packed


@pytest.mark.parametrize("method", ["RICE_1", "GZIP_1", "GZIP_2"])
@pytest.mark.parametrize("dtype", ["i2", "i4", "f4"])
def test_a_compressed_image_is_what_it_was(pack, open_fits, method, dtype):
    array = sky(dtype)
    path = pack(array, compression_type=method, tile_shape=(16, 24))
    expected = astropy_fits.getdata(path)[::-1]
    source = open_fits(path, tile=16)
    assert source.info.dtype == np.dtype(dtype)
    for index in (0, 7, 29):
        top, left = index // 6 * 16, index % 6 * 16
        given = source.read_tile(3, index)[..., 0]
        np.testing.assert_array_equal(given, expected[top : top + 16, left : left + 16])
    four = expected[:16, :16].astype("f8").reshape(2, 8, 2, 8).mean((1, 3))
    if dtype == "f4":
        np.testing.assert_allclose(source.read_tile(0, 0)[:2, :2, 0], four, rtol=1e-6)


def test_quantised_nan_stays_nan(pack, open_fits):
    array = sky()
    array[69, :5] = np.nan
    given = open_fits(pack(array)).read_tile(0, 0)[..., 0]
    np.testing.assert_array_equal(np.isnan(given), np.isnan(array[::-1]))
    assert np.nanmax(np.abs(given - array[::-1])) < 3  # the quantum is a sixteenth of the noise


def test_unsigned_samples_and_planes_are_unpacked(pack, open_fits):
    cube = sky("u2", (3, 40, 50))
    source = open_fits(pack(cube, tile_shape=(1, 10, 50)))
    assert (source.info.dtype, source.info.channels) == (np.uint16, 3)
    np.testing.assert_array_equal(source.read_tile(0, 0), np.moveaxis(cube, 0, -1)[::-1])
    source = open_fits(pack(cube, tile_shape=(1, 10, 50)), "[1][2]")
    np.testing.assert_array_equal(source.read_tile(0, 0)[..., 0], cube[1][::-1])


def test_the_subject_is_the_header_from_before_the_compression(pack, open_fits):
    subject = open_fits(pack(sky(), [("OBJECT", "M 51"), ("CRPIX1", 3.5)])).info.metadata["subject"]
    cards = [subject[at : at + 80] for at in range(0, len(subject), 80)]
    assert len(subject) % 80 == 0
    values = {card[:8].rstrip(): card[10:].partition(b"/")[0].strip() for card in cards}
    assert values[b"NAXIS1"] == b"90"
    assert values[b"BITPIX"] == b"-32"
    assert values[b"OBJECT"] == b"'M 51    '"
    assert not [name for name in values if name.startswith((b"Z", b"TFORM"))]


@pytest.fixture
def unpacked(monkeypatch):
    """Return the list of the tiles that astropy unpacks, a number each time."""
    seen, section = [], CompImageSection.__getitem__

    def noted(self, where):
        tiles = zip(where, self.hdu.tile_shape, strict=True)
        ranges = [range(part.start // n, -(-part.stop // n)) for part, n in tiles]
        seen.extend(itertools.product(*ranges))
        return section(self, where)

    monkeypatch.setattr(CompImageSection, "__getitem__", noted)
    return seen


def test_a_large_tile_is_unpacked_once_for_its_neighbours(pack, open_fits, unpacked):
    array = sky("i4", (2, 512, 600))
    source = open_fits(pack(array, compression_type="GZIP_1", tile_shape=(2, 512, 300)), tile=64)
    unpacked.clear()
    last = len(source.info.levels) - 1
    for index in (0, 1, 2, 10, 3):
        top, left = index // 10 * 64, index % 10 * 64
        expected = np.moveaxis(array, 0, -1)[::-1][top : top + 64, left : left + 64]
        np.testing.assert_array_equal(source.read_tile(last, index), expected)
    assert unpacked == [(0, 0, 0)]
    source.read_tile(last, 4)  # columns 256 to 319: of both tiles
    assert unpacked == [(0, 0, 0), (0, 0, 1)]


@pytest.mark.parametrize("tile", [(512, 600), (1024, 1024), (3000, 300), (64, 3000), (1, 3000)])
def test_no_tile_is_unpacked_twice_for_the_cuts(pack, open_fits, unpacked, tile):
    array = sky("i2", (3000, 3000))
    cuts = open_fits(pack(array, compression_type="RICE_1", tile_shape=tile)).info.cuts[0]
    assert len(unpacked) == len(set(unpacked))
    size = tile[0] * tile[1]
    assert 1 <= len(unpacked) <= max(16, -(-UNPACKED_WHOLE // size))
    assert len(unpacked) * size <= 16 * 64 * 3000 + UNPACKED_WHOLE
    assert cuts.high == pytest.approx(1000 + 3.29 * 30, abs=9)  # 1 of 2000 is above
    assert cuts.low == pytest.approx((1000 - 0.001 * cuts.high) / 0.999, abs=2)


def test_two_readers_of_one_file_do_not_disturb_each_other(pack, open_fits):
    source = open_fits(pack(sky()))
    other = source._pixels.again()
    source.close()
    assert other.identity == source.info.identity
    other.close()
    other.close()


def test_everything_is_closed_in_the_end(pack, open_fits, descriptors):
    path = pack(sky())
    before = descriptors()
    source = open_fits(path, tile=16)
    source.read_tile(0, 0)
    source.close()
    assert descriptors() == before


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        (b"ZCMPTYPE", b"'NOTHING '", Unservable),
        (b"ZCMPTYPE", b"'HCOMPRESS_1'", Unservable),  # its decoder ends the process
        (b"ZBITPIX ", b"12", Unservable),
        (b"ZNAXIS1 ", b"9000", (Unservable, Unreadable)),
        (b"ZTILE1  ", b"0", Unservable),
        (b"ZTILE1  ", b"99999999", TooLarge),
        (b"ZNAXIS  ", b"0", Unservable),
        (b"PCOUNT  ", b"999999999999", Unservable),
        (b"TFIELDS ", b"99", (Unservable, Unreadable)),
        (b"NAXIS2  ", b"1", (Unservable, Unreadable)),
    ],
)
def test_a_header_that_lies_is_refused(pack, open_fits, descriptors, name, value, error):
    path = pack(sky())
    content = path.read_bytes()
    at = content.index(name + b"=", 2880)
    path.write_bytes(content[:at] + (name + b"= " + value).ljust(80) + content[at + 80 :])
    before = descriptors()
    with pytest.raises(error):
        open_fits(path).read_tile(0, 0)
    assert descriptors() - before in (0, 1)  # a source that the fixture closes


def test_damaged_tiles_are_pixels_or_a_refusal(pack, open_fits):
    rng, path = np.random.default_rng(13), pack(sky())
    content = path.read_bytes()
    for _ in range(60):
        damaged = bytearray(content)
        for at in rng.integers(2880, len(content), rng.integers(1, 20)):
            damaged[at] = rng.integers(0, 256)
        path.write_bytes(damaged)
        try:
            source = open_fits(path, cache=LevelCache())
            source.read_tile(len(source.info.levels) - 1, 0)
            source.close()
        except Refused as error:
            assert str(error).isprintable()
    os.unlink(path)


@pytest.mark.parametrize("members", [1, 3000])
def test_a_tile_that_gunzips_to_more_than_a_tile_is_refused(pack, open_fits, members):
    path = pack(sky("i2"), compression_type="GZIP_1", tile_shape=(70, 90))
    content = bytearray(path.read_bytes())
    tile, heap = content.index(b"\x1f\x8b"), 1 << 20
    bomb = gzip.compress(bytes((64 << 20) // members)) * members  # of 64 MB
    assert len(bomb) < heap
    # the descriptor of the only tile stands before it: its length, and where it is in the heap
    assert struct.unpack(">ii", content[tile - 8 : tile])[1] == 0
    content[tile - 8 : tile] = struct.pack(">ii", len(bomb), 0)
    at = content.index(b"PCOUNT  =", 2880)
    content[at : at + 80] = f"PCOUNT  = {len(bomb):>20}".ljust(80).encode()
    content[tile:] = bomb
    content += bytes(-len(content) % 2880)
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match="damaged"):
            open_fits(path)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
