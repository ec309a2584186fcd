"""What a conversion reads, beside a reader of a few lines of NumPy and beside astropy."""

from __future__ import annotations

import gzip
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
import tifffile
from astropy.io import fits
from astropy.wcs import WCS

from iipastro import cli
from iipastro.convert.fits import open_source
from iipastro.convert.source import ConvertError, Options

KINDS = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
SIZES = [(1, 1), (1, 300), (300, 1), (257, 255), (811, 1237)]  # rows, columns


def reference(path):
    """Return the first image of a file: float32 (rows, columns, planes), the last row first.

    Reads the whole file, cards by splitting text, each number as FITS 4.0
    section 4.4.2.5 says, with Python's own integers where they are large.
    """
    data = Path(path).read_bytes()
    start = 0
    while True:
        words, at = {}, start
        while (card := data[at : at + 80].decode("latin1"))[:8].strip() != "END":
            if card[8] == "=":
                words.setdefault(card[:8].strip(), card[10:].split("/")[0].strip())
            at += 80
        start = -(-(at + 80) // 2880) * 2880
        shape = [int(words[f"NAXIS{n}"]) for n in range(int(words["NAXIS"]), 0, -1)]
        kind = np.dtype(KINDS[int(words["BITPIX"])])
        if len(shape) > 1:
            break
        start += -(-math.prod(shape or [0]) * kind.itemsize // 2880) * 2880
    raw = np.frombuffer(data, kind, math.prod(shape), start)
    scale, zero = (
        float(str(words.get(key, other)).replace("D", "E"))
        for key, other in (("BSCALE", 1), ("BZERO", 0))
    )
    values = raw.astype(np.float64)
    if scale != 1 or zero != 0:
        values = zero + scale * values
    if kind.kind == "i" and scale == 1 and zero == 2.0 ** (8 * kind.itemsize - 1):
        values = np.array([float(int(number) + int(zero)) for number in raw])
    if "BLANK" in words and kind.kind != "f":
        values[raw == int(words["BLANK"])] = np.nan
    with np.errstate(over="ignore"):
        cube = values.reshape(-1, *shape[-2:]).astype(np.float32)
    return cube.transpose(1, 2, 0)[::-1]


def read_in_strips(path, rows, **options):
    source = open_source([str(path)], Options(**options))
    strips = [
        source.read(top, min(rows, source.size.height - top))
        for top in range(0, source.size.height, rows)
    ]
    source.close()
    return np.concatenate(strips)


def image_file(path, array, **keywords):
    """Write an array as it is with keywords, by hand."""
    bits = {np.dtype(kind): bits for bits, kind in KINDS.items()}[array.dtype]
    cards = {"SIMPLE": "T", "BITPIX": bits, "NAXIS": array.ndim}
    cards |= {f"NAXIS{n}": side for n, side in enumerate(array.shape[::-1], 1)} | keywords
    text = "".join(f"{key:<8}= {value!s:>20}".ljust(80) for key, value in cards.items())
    text += "END".ljust(80)
    data = array.tobytes()
    path.write_bytes(
        text.ljust(-(-len(text) // 2880) * 2880).encode() + data + bytes(-len(data) % 2880)
    )


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[1]}x{size[0]}")
@pytest.mark.parametrize("bits", KINDS)
@pytest.mark.parametrize("planes", [1, 5])
def test_every_pixel_of_every_type_is_that_of_the_reference(tmp_path, size, bits, planes):
    rng = np.random.default_rng(abs(bits) + planes)
    kind = np.dtype(KINDS[bits])
    if bits > 0:
        limits = np.iinfo(kind)
        array = rng.integers(limits.min, limits.max, (planes, *size), kind.newbyteorder("="), True)
    else:
        array = rng.normal(0, 1e5, (planes, *size))
        array[rng.random(array.shape) < 0.01] = np.nan
    path = tmp_path / "a.fits"
    image_file(path, array.astype(kind))
    wanted = reference(path)
    assert wanted.shape == (*size, planes)
    assert np.array_equal(read_in_strips(path, 256), wanted, equal_nan=True)


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
@pytest.mark.parametrize("scaling", ["scaled", "unsigned"])
def test_scaled_unsigned_and_blank_numbers_are_those_of_the_reference(tmp_path, bits, scaling):
    kind = np.dtype(KINDS[bits])
    array = np.random.default_rng(bits).integers(0, 100, (53, 61)).astype(kind)
    array[0, :3] = np.iinfo(kind).min, np.iinfo(kind).max, 7
    keywords = {"BLANK": 50, "BZERO": 2 ** (bits - 1)}
    if scaling == "scaled":
        keywords |= {"BSCALE": "1.2345678901D-2", "BZERO": "-3.21E4"}
    path = tmp_path / "a.fits"
    image_file(path, array, **keywords)
    wanted = reference(path)
    assert np.isnan(wanted).any()
    assert np.array_equal(read_in_strips(path, 10), wanted, equal_nan=True)


REAL = {
    "astropy_m13": (300, 300),
    "astropy_sip-wcs": (50, 100),
    "astropy_test0_mef": (40, 40),
    "galactic_2d": (43, 43),
    "iraf_dev_pix_m51": (512, 512),
    "photutils_fermi_counts": (201, 401),
    "sep_image": (256, 256),
}


@pytest.fixture(name="real", params=REAL)
def _real(request, data):
    return data / "fits" / f"{request.param}.fits", REAL[request.param]


def by_astropy(path):
    """Return what astropy reads: the first image, float32, the last row first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of cards that break the rules
        with fits.open(path) as hdus:
            array = next(hdu.data for hdu in hdus if hdu.data is not None)
            return array.reshape(-1, *array.shape[-2:]).transpose(1, 2, 0)[::-1].astype(np.float32)


def test_real_files_are_read_as_the_reference_and_astropy_read_them(real):
    path, size = real
    got = read_in_strips(path, 64)
    assert got.shape == (*size, 1)
    assert np.array_equal(got, reference(path), equal_nan=True)
    wanted = by_astropy(path)
    if path.stem == "sep_image":  # astropy scales 16 bits in float32: rounded twice
        assert np.allclose(got, wanted, rtol=3e-7, atol=0)
    else:
        assert np.array_equal(got, wanted, equal_nan=True)


def test_real_files_are_read_the_same_out_of_gzip(real, tmp_path):
    path, _ = real
    packed = tmp_path / "a.fits.gz"
    packed.write_bytes(gzip.compress(path.read_bytes(), 1))
    assert np.array_equal(
        read_in_strips(packed, 100, scratch=str(tmp_path)), read_in_strips(path, 64), equal_nan=True
    )


def test_every_card_of_real_files_is_kept(real):
    path, _ = real
    data = path.read_bytes()
    source = open_source([str(path)], Options())
    source.close()
    assert source.cards
    assert all(card in data or b"?" in card for card in source.cards)


def test_every_extension_of_a_real_file_is_a_channel(data):
    path = data / "fits" / "astropy_test0_mef.fits"
    four = ("1", "2", "3", "4")
    with pytest.raises(ConvertError, match=r"mef\.fits\[3\]: not on the same pixels of the sky"):
        read_in_strips(path, 40, hdus=four)
    got = read_in_strips(path, 40, hdus=four, any_wcs=True)
    with fits.open(path) as hdus:
        wanted = np.dstack([hdu.data[::-1] for hdu in hdus[1:]])
    assert np.array_equal(got, wanted)


def test_a_real_file_cut_short_anywhere_is_refused_or_read_whole(data, tmp_path):
    whole = (data / "fits" / "astropy_sip-wcs.fits").read_bytes()
    path = tmp_path / "cut.fits"
    refused = 0
    for length in range(0, len(whole), 719):
        path.write_bytes(whole[:length])
        try:
            read_in_strips(path, 50)
        except ConvertError as error:
            assert "cut.fits" in str(error)
            refused += 1
    assert refused > 25


def test_a_real_file_with_any_byte_of_its_header_changed_is_refused_or_read(data, tmp_path):
    whole = bytearray((data / "fits" / "galactic_2d.fits").read_bytes())
    rng = np.random.default_rng(2)
    path = tmp_path / "changed.fits"
    for _ in range(150):
        changed = bytearray(whole)
        for at in rng.integers(0, 2880, 3):
            changed[at] = rng.integers(0, 256)
        path.write_bytes(changed)
        try:
            read_in_strips(path, 50)
        except ConvertError as error:
            assert "changed.fits" in str(error)


# ---- which way is up


def test_a_picture_of_m51_is_the_right_way_up(data, tmp_path):
    """North is up and east is left in row 0 = top, by the coordinates that the picture tells."""
    path = data / "fits" / "iraf_dev_pix_m51.fits"
    assert cli.main(["convert", str(path), "-o", str(tmp_path / "m51.ptif"), "--quiet"]) == 0
    with tifffile.TiffFile(tmp_path / "m51.ptif") as file:
        levels = [(page.asarray(), page.description) for page in file.pages]
    for step, (picture, description) in zip((1, 2), levels, strict=True):
        span = 255 * step * 0.00021277777  # degrees, by CDELT of the file
        ra, dec = sky_of(description, [0, 255, 0], [0, 0, 255], len(picture))
        assert dec[0] - dec[2] == pytest.approx(span, rel=0.01)  # the top is north
        assert abs(dec[0] - dec[1]) < 0.001
        east = (ra[0] - ra[1]) * np.cos(np.radians(dec[0]))
        assert east == pytest.approx(span, rel=0.01)  # the left is east
        assert abs(ra[0] - ra[2]) < 0.001


def test_a_star_of_m51_lies_where_the_fits_file_has_it(data, tmp_path):
    path = data / "fits" / "iraf_dev_pix_m51.fits"
    assert cli.main(["convert", str(path), "-o", str(tmp_path / "m51.ptif"), "--quiet"]) == 0
    with tifffile.TiffFile(tmp_path / "m51.ptif") as file:
        picture, description = file.pages[0].asarray(), file.pages[0].description
    array, header = fits.getdata(path), fits.getheader(path)
    (line,), (column,) = np.nonzero(array == array.max())
    (wanted_ra, wanted_dec) = WCS(header, fix=False).all_pix2world(column, line, 0)
    (row,), (left,) = np.nonzero(picture == picture.max())
    ra, dec = sky_of(description, left, row, len(picture))
    assert abs(row - len(picture) / 2) > 10  # a picture upside down has it elsewhere
    assert (float(ra), float(dec)) == pytest.approx((wanted_ra.item(), wanted_dec.item()), abs=1e-9)


def sky_of(description, columns, rows, height):
    """Return RA and Dec of pixels of a picture, whose row 0 is its top: FITS y = height - row."""
    coordinates = WCS(fits.Header.fromstring(description), fix=False)  # its DATE-OBS is no date
    return coordinates.all_pix2world(np.add(columns, 1), np.subtract(height, rows), 1)
