from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from iipastro.convert.fits import open_source
from iipastro.convert.source import ConvertError, Options
from iipastro.geometry import Size

TAN = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.0, "CRVAL2": 2.0}
TAN |= {"CRPIX1": 1.0, "CRPIX2": 1.0, "CDELT1": -0.001, "CDELT2": 0.001}


def ramp(*shape):
    return np.arange(np.prod(shape)).reshape(shape).astype(">f4")


@pytest.fixture(name="image")
def _image(write_fits, fits_cards):
    """Return a writer of an image of floats with keywords."""

    def write(name, array, **more):
        cards = fits_cards(-32, *array.shape[::-1], **more)
        return write_fits(name, (cards, array.astype(">f4").tobytes()))

    return write


@pytest.fixture(name="mef")
def _mef(write_fits, fits_cards):
    """Return a file whose primary HDU says FILTER, and three extensions of 4 x 3."""
    hdus = [(fits_cards(8, FILTER="r", OBJECT="M51"), b"")]
    for number in (1, 2, 3):
        more = {"EXTNAME": f"CCD{number}", "INHERIT": number < 3}
        more["DETSEC"] = f"[{4 * number - 3}:{4 * number},1:3]"
        cards = fits_cards(-32, 4, 3, extension=True, **more)
        hdus.append((cards, (ramp(3, 4) + 100 * number).astype(">f4").tobytes()))
    return write_fits("mef.fits", *hdus)


@pytest.fixture(name="read")
def _read():
    def read(*paths, **options):
        source = open_source(paths, Options(**options))
        try:
            return source.read(0, source.size.height)
        finally:
            source.close()

    return read


def test_the_last_row_of_fits_is_the_first(image, read):
    array = ramp(3, 5)
    got = read(image("a.fits", array))
    assert got.dtype == np.float32
    assert np.array_equal(got[:, :, 0], array[::-1])


def test_any_rows_are_those_of_the_whole(image):
    array = ramp(700, 300)
    source = open_source([image("a.fits", array)], Options())
    for top, rows in ((0, 700), (0, 1), (699, 1), (130, 256)):
        assert np.array_equal(source.read(top, rows)[:, :, 0], array[::-1][top : top + rows])
    with ThreadPoolExecutor(4) as pool:
        strips = list(pool.map(lambda top: source.read(top, 100), range(0, 700, 100)))
    assert np.array_equal(np.concatenate(strips)[:, :, 0], array[::-1])
    source.close()


def test_a_reader_owns_what_it_gets(image):
    source = open_source([image("a.fits", ramp(3, 5))], Options())
    source.read(0, 3)[:] = -1
    assert source.read(0, 3).min() == 0
    source.close()


def test_files_planes_and_hdus_are_channels_in_turn(image, mef, read):
    one = image("one.fits", ramp(3, 4), FILTER="g")
    cube = image("cube.fits", ramp(2, 3, 4) + 50, FILTER="i")
    got = read(one, cube)
    assert got.shape == (3, 4, 3)
    assert got[2, 0].tolist() == [0, 50, 62]
    assert read(mef, hdus=("CCD3", "1"))[2, 0].tolist() == [300, 100]
    assert read(cube, planes=(2,))[2, 0].tolist() == [62]
    assert read(cube, planes=(2, 1))[2, 0].tolist() == [62, 50]


def test_axes_of_one_pixel_are_no_channels(image, read):
    assert read(image("a.fits", ramp(1, 1, 3, 4))).shape == (3, 4, 1)
    assert read(image("b.fits", ramp(1, 1))).shape == (1, 1, 1)


def test_channels_are_named_by_their_filter_or_as_asked(image, mef):
    paths = [image("a.fits", ramp(3, 4), FILTER="g"), image("b.fits", ramp(3, 4), BAND=7)]
    cube = image("cube.fits", ramp(2, 3, 4), FILTER="i")
    bare = image("bare.fits", ramp(2, 3, 4))

    def labels(*paths, **options):
        source = open_source(paths, Options(**options))
        source.close()
        return source.labels

    assert labels(*paths) == ("g", "")
    assert labels(*paths, label_key="BAND") == ("", "7")
    assert labels(*paths, labels=("u", "v")) == ("u", "v")
    assert labels(paths[1]) == ()
    assert labels(cube) == ("i 1", "i 2")
    assert labels(cube, planes=(2,)) == ("i 2",)
    assert labels(bare) == ("1", "2")
    assert labels(mef) == ("r",)  # inherited from the primary HDU
    with pytest.raises(ConvertError, match="3 names for 2 channels"):
        labels(cube, labels=("a", "b", "c"))


def test_the_header_is_of_the_first_input_as_it_stands(image, fits_cards):
    paths = [image("a.fits", ramp(3, 4), OBJECT="one"), image("b.fits", ramp(3, 4), OBJECT="two")]
    source = open_source(paths, Options())
    assert source.cards == tuple(fits_cards(-32, 4, 3, OBJECT="one"))
    assert source.name.endswith("a.fits[0]")
    source.close()


def test_an_extension_has_what_it_inherits_only_if_it_says_so(mef):
    for hdu, found in (("1", True), ("3", False)):
        source = open_source([mef], Options(hdus=(hdu,)))
        assert any(card.startswith(b"OBJECT  = 'M51") for card in source.cards) == found
        source.close()


def test_gzip_is_read_as_its_content(image, read, tmp_path):
    array = ramp(30, 50)
    path = Path(image("a.fits", array))
    packed = tmp_path / "a.fits.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert np.array_equal(read(str(packed), scratch=str(tmp_path))[::-1, :, 0], array)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.fits.gz"]


def test_a_compressed_image_is_read_and_has_its_own_header(read, tmp_path):
    from astropy.io import fits

    array = np.random.default_rng(1).integers(0, 900, (300, 70)).astype(np.int16)
    path = tmp_path / "a.fits.fz"
    fits.CompImageHDU(array, fits.Header({"FILTER": "z"})).writeto(path)
    source = open_source([str(path)], Options())
    assert source.labels == ("z",)
    with ThreadPoolExecutor(3) as pool:
        strips = list(pool.map(lambda top: source.read(top, 30), range(0, 300, 30)))
    assert np.array_equal(np.concatenate(strips)[::-1, :, 0], array)
    assert all(len(card) == 80 for card in source.cards)
    source.close()
    packed = tmp_path / "b.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert np.array_equal(read(str(packed))[::-1, :, 0], array)


# ---- NaN and flags


def test_nan_stays_or_is_replaced(image, read):
    array = ramp(2, 3)
    array[0, 1] = np.nan
    array[1, 2] = np.inf
    path = image("a.fits", array)
    assert np.isnan(read(path)[1, 1, 0])
    got = read(path, blank_value=-5.0)
    assert got[1, 1, 0] == -5
    assert got[0, 2, 0] == np.inf


def test_flagged_pixels_are_nan(image, read):
    flags = np.zeros((2, 3))
    flags[0, 2] = 4
    path, map_ = image("a.fits", ramp(2, 3)), image("flags.fits", flags)
    nan = np.nan
    assert np.array_equal(
        read(path, flags=(map_,))[:, :, 0], [[3, 4, 5], [0, 1, nan]], equal_nan=True
    )
    assert read(path, flags=(map_,), blank_value=9)[1, 2, 0] == 9
    cube, clean = image("cube.fits", ramp(2, 2, 3)), image("clean.fits", np.zeros((2, 3)))
    assert np.isnan(read(cube, flags=(map_,))[1, 2]).tolist() == [True, True]
    both = read(path, path, flags=(clean, map_))
    assert np.isnan(both[1, 2]).tolist() == [False, True]


def test_flags_that_fit_nothing_are_refused(image):
    path, other = image("a.fits", ramp(2, 3)), image("b.fits", ramp(3, 3))
    cube, three = image("cube.fits", ramp(2, 2, 3)), image("three.fits", ramp(3, 2, 3))
    with pytest.raises(ConvertError, match=r"a\.fits: 3 x 2 pixels, but its flag map has 3 x 3"):
        open_source([path], Options(flags=(other,)))
    with pytest.raises(ConvertError, match=r"cube\.fits: 3 flag maps for 2 channels"):
        open_source([cube], Options(flags=(three,)))
    with pytest.raises(ConvertError, match="2 flag maps for 1 files"):
        open_source([path], Options(flags=(other, other)))


# ---- mosaics


def test_extensions_become_one_image(mef):
    source = open_source([mef], Options(mosaic="detsec", hdus=("CCD1", "CCD3")))
    assert source.size == Size(12, 3)
    assert source.channels == 1
    row = source.read(2, 1)[0, :, 0]
    assert np.array_equal(
        row, [100, 101, 102, 103, *[np.nan] * 4, 300, 301, 302, 303], equal_nan=True
    )
    assert b"NAXIS1  =                   12".ljust(80) in source.cards
    source.close()
    source = open_source([mef], Options(mosaic="detsec"))
    assert not np.isnan(source.read(0, 3)).any()
    source.close()


def test_extensions_are_placed_by_the_sky(write_fits, fits_cards, read):
    hdus = [(fits_cards(8), b"")]
    for shift in (0, 5):
        more = TAN | {"CRPIX1": 1.0 - shift}
        cards = fits_cards(-32, 4, 3, extension=True, **more)
        hdus.append((cards, (ramp(3, 4) + shift).astype(">f4").tobytes()))
    got = read(write_fits("sky.fits", *hdus), mosaic="wcs")
    assert got.shape == (3, 9, 1)
    assert np.array_equal(got[2, :, 0], [0, 1, 2, 3, np.nan, 5, 6, 7, 8], equal_nan=True)


def test_mosaics_of_nonsense_are_refused(image, mef):
    with pytest.raises(ConvertError, match="no way 'guess' to place a mosaic"):
        open_source([mef], Options(mosaic="guess"))
    with pytest.raises(ConvertError, match=r"mef\.fits\[1\]: no world coordinates"):
        open_source([mef], Options(mosaic="wcs"))
    with pytest.raises(ConvertError, match=r"cube\.fits\[0\]: a cube cannot be a part"):
        open_source([image("cube.fits", ramp(2, 3, 4))], Options(mosaic="detsec"))


# ---- what does not fit


def test_files_of_different_sizes_are_both_named(image):
    paths = [image("a.fits", ramp(3, 4)), image("b.fits", ramp(3, 5))]
    with pytest.raises(
        ConvertError, match=r"b\.fits\[0\]: 5 x 3 pixels, but .*a\.fits\[0\] has 4 x 3"
    ):
        open_source(paths, Options())


def test_files_of_different_places_of_the_sky_are_refused_unless_asked(image):
    first = image("a.fits", ramp(3, 4), **TAN)
    same = image("b.fits", ramp(3, 4), **(TAN | {"CRPIX1": 1.4}))
    bare = image("c.fits", ramp(3, 4))
    other = image("d.fits", ramp(3, 4), **(TAN | {"CRPIX1": 9.0}))
    open_source([bare, first, same, bare], Options()).close()
    with pytest.raises(
        ConvertError,
        match=r"d\.fits\[0\]: not on the same pixels .* as .*a\.fits\[0\].* 8\.0 pixels",
    ):
        open_source([bare, first, other], Options())
    open_source([bare, first, other], Options(any_wcs=True)).close()


def test_no_input_no_plane_and_too_many_channels_are_refused(image):
    with pytest.raises(ConvertError, match="no input"):
        open_source([], Options())
    cube = image("cube.fits", ramp(2, 3, 4))
    for plane in (0, 3, -1):
        with pytest.raises(ConvertError, match=rf"cube\.fits\[0\]: no plane {plane}; it has 2"):
            open_source([cube], Options(planes=(plane,)))
    with pytest.raises(ConvertError, match="70000 channels; TIFF has 65535 at most"):
        open_source([cube], Options(planes=(1,) * 70_000))


def test_a_row_that_no_memory_should_hold_is_refused(image):
    wide = image("wide.fits", ramp(1, 1100))
    open_source([wide], Options(planes=(1,) * 60_000)).close()
    with pytest.raises(ConvertError, match=r"wide\.fits\[0\]: 65000 channels: a row has 286000000"):
        open_source([wide], Options(planes=(1,) * 65_000))


def test_a_file_that_shrinks_while_it_is_read_is_told(image):
    path = image("a.fits", ramp(300, 400))
    source = open_source([path], Options())
    with open(path, "rb+") as file:
        file.truncate(3000)
    with pytest.raises(ConvertError, match=r"a\.fits: the file ends"):
        source.read(0, 300)
    source.close()


def test_plain_fits_is_read_without_astropy(image):
    import subprocess
    import sys

    program = (
        "import sys; from iipastro.convert.fits import open_source;"
        "from iipastro.convert.source import Options; from iipastro.convert.cuts import *;"
        "source = open_source(sys.argv[1:], Options()); sample_cuts(source, Rule());"
        "sys.exit('astropy' in sys.modules)"
    )
    paths = [image("a.fits", ramp(3, 4), **TAN), image("b.fits", ramp(3, 4), **TAN)]
    done = subprocess.run([sys.executable, "-c", program, *paths], check=False)
    assert done.returncode == 0
