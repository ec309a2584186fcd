from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from iipastro.convert.files import open_file
from iipastro.convert.hdus import find_hdus
from iipastro.convert.planes import open_image
from iipastro.convert.source import ConvertError
from iipastro.geometry import Size

KINDS = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}


@pytest.fixture(name="read")
def _read(write_fits, fits_cards):
    """Return a reader of one plane of an array, written with keywords."""

    def read(array, plane=0, unsigned=False, **more):
        bits = {np.dtype(kind): bits for bits, kind in KINDS.items()}[array.dtype]
        cards = fits_cards(bits, *array.shape[::-1], **more)
        file = open_file(write_fits("a.fits", (cards, array.tobytes())), "")
        image = open_image(file, find_hdus(file, ())[0], unsigned)
        out = np.empty(image.planes[plane].size[::-1], np.float32)
        image.planes[plane].read_into(out, 0, 0)
        image.close()
        file.close()
        return out

    return read


@pytest.mark.parametrize("bits", KINDS)
def test_every_type_is_read(read, bits):
    array = np.arange(-12, 12).reshape(4, 6).astype(KINDS[bits])
    assert np.array_equal(read(array), array.astype(np.float64).astype(np.float32))


def test_numbers_are_scaled_in_double_precision_and_rounded_once(read):
    array = np.array([[-32768, 7, 32767]], ">i2")
    got = read(array, BSCALE=2.92273835509, BZERO=3713.66692596)
    wanted = [3713.66692596 + 2.92273835509 * number for number in (-32768, 7, 32767)]
    assert got.tolist() == [[float(np.float32(value)) for value in wanted]]


@pytest.mark.parametrize(("bits", "zero"), [(16, 2**15), (32, 2**31), (64, 2**63)])
def test_unsigned_integers_are_exact(read, bits, zero):
    values = [0, 1, 5, 2**bits - 1, 2 ** (bits - 1)]
    array = np.array([[value - zero for value in values]]).astype(KINDS[bits])
    assert read(array, BZERO=zero).tolist() == [[float(np.float32(value)) for value in values]]


def test_signed_bytes_have_their_sign(read):
    assert read(np.array([[0, 128, 255]], "u1"), BZERO=-128).tolist() == [[-128.0, 0.0, 127.0]]


def test_integers_are_unsigned_on_request_where_nothing_else_is_said(read):
    array = np.array([[-1, 1]], ">i2")
    assert read(array, unsigned=True).tolist() == [[65535.0, 1.0]]
    assert read(array, unsigned=True, BZERO=10).tolist() == [[9.0, 11.0]]
    assert read(np.array([[-1.0]], ">f4"), unsigned=True).tolist() == [[-1.0]]


def test_blank_is_nan_before_scaling_and_for_integers_only(read):
    got = read(np.array([[-99, 1]], ">i2"), BLANK=-99, BSCALE=2.0, BZERO=100)
    assert np.isnan(got[0, 0])
    assert got[0, 1] == 102
    got = read(np.array([[-32768, 32767]], ">i2"), BLANK=-32768, BZERO=32768)
    assert np.isnan(got[0, 0])
    assert got[0, 1] == 65535
    assert read(np.array([[-99.0]], ">f4"), BLANK=-99) == -99
    assert read(np.array([[1, 2]], ">i2"), BLANK=10**9).tolist() == [[1.0, 2.0]]


def test_what_is_not_finite_stays_so(read):
    array = np.array([[np.nan, np.inf, -np.inf, 1e300, -1e300]], ">f8")
    assert str(read(array).tolist()) == "[[nan, inf, -inf, inf, -inf]]"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"BSCALE": 0.0}, "BSCALE is 0: all pixels would be equal"),
        ({"BSCALE": "NaN"}, "BSCALE is .* not a finite number"),
        ({"BZERO": True}, "BZERO is 'T', not a finite number"),
        ({"BLANK": 1.5}, "BLANK is '1.5', not an integer"),
    ],
)
def test_a_scale_of_nonsense_is_refused(read, more, message):
    with pytest.raises(ConvertError, match=r"a\.fits\[0\]: " + message):
        read(np.array([[1]], ">i2"), **more)


def test_a_plane_of_a_cube_is_read(read):
    array = np.arange(24).reshape(2, 3, 4).astype(">i4")
    assert np.array_equal(read(array, plane=1), array[1])


def test_a_rectangle_is_read_into_any_view(write_fits, fits_cards):
    array = np.arange(700 * 900).reshape(700, 900).astype(">f4")  # over one piece
    file = open_file(write_fits("a.fits", (fits_cards(-32, 900, 700), array.tobytes())), "")
    (plane,) = open_image(file, find_hdus(file, ())[0], False).planes
    out = np.zeros((600, 300, 2), np.float32)
    plane.read_into(out[::-1, ::-1, 1], 50, 20)
    assert np.array_equal(out[::-1, ::-1, 1], array[50:650, 20:320])
    assert not out[..., 0].any()
    file.close()


def test_a_truncated_image_is_refused_when_it_is_opened(write_fits, fits_cards, tmp_path):
    path = write_fits("a.fits", (fits_cards(16, 100, 100), bytes(2880)))
    file = open_file(path, "")
    with pytest.raises(ConvertError, match=r"a\.fits\[0\]: truncated: .* 22880 bytes"):
        open_image(file, find_hdus(file, ())[0], False)
    file.close()


def test_missing_padding_is_no_damage(write_fits, fits_cards, tmp_path):
    path = tmp_path / "a.fits"
    write_fits("a.fits", (fits_cards(8, 10, 10), bytes(100)))
    path.write_bytes(path.read_bytes()[: 2880 + 100])
    file = open_file(str(path), "")
    assert open_image(file, find_hdus(file, ())[0], False).planes[0].size == Size(10, 10)
    file.close()


# ---- compressed by tiles: astropy writes them


@pytest.fixture(name="compressed")
def _compressed(tmp_path):
    """Return a writer of a compressed HDU, and what astropy itself reads of it."""
    from astropy.io import fits

    def write(array, **options):
        path = tmp_path / "a.fits.fz"
        header = fits.Header(options.pop("cards", {}))
        hdu = fits.CompImageHDU(array, header, **options)
        hdu.writeto(path, overwrite=True)
        return str(path), fits.getdata(path, 1)

    return write


def read_compressed(path):
    file = open_file(path, "")
    image = open_image(file, find_hdus(file, ())[0], False)
    out = [np.empty(plane.size[::-1], np.float32) for plane in image.planes]
    for plane, target in zip(image.planes, out, strict=True):
        for top in range(0, len(target), 37):
            plane.read_into(target[top : top + 37], top, 0)
    image.close()
    file.close()
    return np.stack(out), image.cards


@pytest.mark.parametrize("kind", ["RICE_1", "GZIP_1", "GZIP_2", "HCOMPRESS_1"])
@pytest.mark.parametrize("tile", [(1, 150), (50, 40), (120, 150)])
def test_compressed_integers_are_exact(compressed, kind, tile):
    if kind == "HCOMPRESS_1" and tile[0] < 4:
        tile = (16, 150)
    array = np.random.default_rng(1).integers(-3000, 3000, (120, 150)).astype(np.int16)
    path, _ = compressed(array, compression_type=kind, tile_shape=tile)
    got, cards = read_compressed(path)
    assert np.array_equal(got[0], array)
    assert any(card.startswith(b"NAXIS1  =                  150") for card in cards)
    assert not any(card.startswith(b"ZIMAGE") for card in cards)


def test_compressed_unsigned_and_blank_integers_are_those_of_astropy(compressed):
    array = np.random.default_rng(1).integers(0, 65535, (20, 30)).astype(np.uint16)
    path, wanted = compressed(array, tile_shape=(1, 30))
    assert np.array_equal(read_compressed(path)[0][0], wanted)
    assert np.array_equal(wanted, array)


def test_compressed_floats_are_those_of_astropy(compressed):
    array = np.random.default_rng(1).normal(100, 5, (70, 90)).astype(np.float32)
    array[3:5, 10:20] = np.nan
    path, wanted = compressed(array, tile_shape=(1, 90), quantize_level=16)
    assert np.array_equal(read_compressed(path)[0][0], wanted, equal_nan=True)
    assert np.isnan(wanted).sum() == 20


def test_a_rectangle_of_high_tiles_is_read(compressed):
    array = np.arange(150 * 100).reshape(150, 100).astype(np.int32)
    path, _ = compressed(array, tile_shape=(140, 30))
    file = open_file(path, "")
    image = open_image(file, find_hdus(file, ())[0], False)
    out = np.empty((60, 25), np.float32)
    image.planes[0].read_into(out[:, ::-1], 85, 61)
    assert np.array_equal(out[:, ::-1], array[85:145, 61:86])
    image.close()
    file.close()


def test_the_planes_of_a_compressed_cube_are_read(compressed):
    array = np.arange(2 * 3 * 20 * 30).reshape(2, 3, 20, 30).astype(np.int32)
    path, _ = compressed(array, tile_shape=(1, 1, 1, 30))
    assert np.array_equal(read_compressed(path)[0], array.reshape(6, 20, 30))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("ZTILE1", 0, "tiles of"),
        ("ZTILE1", 7, "tiles, "),
        ("ZNAXIS2", 10**6, "tiles, "),
        ("ZBITPIX", 17, "ZBITPIX is 17"),
        ("ZNAXIS", 5, "ZNAXIS3 is absent"),
        ("ZCMPTYPE", "NONSENSE", "cannot be decompressed"),
        ("PCOUNT", 10**12, "truncated"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_compressed_image_of_nonsense_is_refused(compressed, key, value, message):
    path, _ = compressed(np.zeros((20, 30), np.int16), tile_shape=(1, 30))
    with open(path, "rb+") as file:
        data = file.read()
        at = data.index(f"{key:<8}=".encode())
        text = f"'{value:<8}'" if isinstance(value, str) else f"{value:>20}"
        file.seek(at + 10)
        file.write(text.ljust(70).encode())
    with pytest.raises(ConvertError, match=rf"a\.fits\.fz\[1\]: .*{message}"):
        read_compressed(path)


def test_tiles_that_no_memory_holds_are_refused(compressed):
    path, _ = compressed(np.zeros((20, 30), np.int16), tile_shape=(20, 30))
    data = bytearray(Path(path).read_bytes())
    for key in ("ZNAXIS1", "ZNAXIS2", "ZTILE1", "ZTILE2"):
        at = data.index(f"{key:<8}=".encode())
        data[at + 10 : at + 30] = f"{2**20:>20}".encode()
    Path(path).write_bytes(data)
    with pytest.raises(ConvertError, match="a row of its tiles is over 268435456 bytes"):
        read_compressed(path)


def test_damaged_tiles_are_told(compressed):
    array = np.random.default_rng(1).integers(0, 3000, (64, 64)).astype(np.int16)
    path, _ = compressed(array, compression_type="GZIP_1", tile_shape=(64, 64))
    data = bytearray(Path(path).read_bytes())
    at = data.index(b"\x1f\x8b")
    data[at + 10 : at + 2000] = bytes(1990)
    Path(path).write_bytes(data)
    with pytest.raises(ConvertError, match=r"a\.fits\.fz\[1\]: cannot be decompressed"):
        read_compressed(path)


@pytest.mark.parametrize("tile", [(10, 500), (400, 500)])
def test_all_of_an_image_of_gzip_tiles_is_read_at_once(compressed, tile):
    array = np.random.default_rng(1).integers(0, 3000, (400, 500)).astype(np.int16)
    path, _ = compressed(array, compression_type="GZIP_1", tile_shape=tile)
    file = open_file(path, "")
    image = open_image(file, find_hdus(file, ())[0], False)
    out = np.empty(array.shape, np.float32)
    image.planes[0].read_into(out, 0, 0)
    assert np.array_equal(out, array)
    image.close()
    file.close()


@pytest.mark.parametrize("rows", [(0, 40), (0, 10)])
def test_a_tile_that_is_a_bomb_is_refused(compressed, rows):
    array = np.random.default_rng(1).integers(0, 3000, (40, 5000)).astype(np.int16)
    path, _ = compressed(array, compression_type="GZIP_1", tile_shape=(10, 5000))
    data = bytearray(Path(path).read_bytes())
    at = data.index(b"\x1f\x8b")
    bomb = gzip.compress(bytes(30 << 20))
    data[at : at + len(bomb)] = bomb
    Path(path).write_bytes(data)
    file = open_file(path, "")
    image = open_image(file, find_hdus(file, ())[0], False)
    out = np.empty((rows[1] - rows[0], 5000), np.float32)
    with pytest.raises(ConvertError, match=r"\[1\]: .* a tile is longer than it may be"):
        image.planes[0].read_into(out, rows[0], 0)
    image.close()
    file.close()
