"""The display cuts of a FITS file are the same whether it is served as it is or converted."""

from __future__ import annotations

import os

import numpy as np
import pytest
from astropy.io import fits

from iipastro import cli
from iipastro.images import open_source

RNG = np.random.default_rng(8)
SKY = RNG.normal(1000, 30, (300, 410)).astype("f4")
HOLES = np.where(RNG.random(SKY.shape) < 0.3, np.float32("nan"), SKY)
MADE = {
    "a plane with NaN": HOLES,
    "an image without a value": np.full((20, 30), np.nan, "f4"),
    "an image of one value": np.full((20, 30), 5, "i2"),
    "bytes": (SKY / 5).astype("u1"),
    "integers": SKY.astype("i2"),
    "unsigned integers": (SKY * 50).astype("u2"),
    "long integers": (SKY * 1e6).astype("i4"),
    "floats of 64 bits": SKY.astype("f8") * np.pi,
    "a cube": np.stack([SKY, 2 * HOLES, -SKY]),
    "a larger image": RNG.normal(5, 1, (2300, 1900)).astype("f4"),
    "a larger cube": RNG.normal(5, 1, (3, 1300, 1200)).astype("f4"),
}


def served(path):
    source = open_source(os.open(path, os.O_RDONLY))
    source.close()
    return source.info.cuts


def converted(path, folder):
    assert cli.main(["convert", str(path), "-o", str(folder / "a.ptif"), "--quiet"]) == 0
    return served(folder / "a.ptif")


@pytest.mark.parametrize(
    ("name", "cuts"),
    [
        ("iraf_dev_pix_m51", (87, 1569)),
        ("sep_image", (6842, 20610)),
        ("photutils_fermi_counts", None),
        ("galactic_2d", None),
    ],
)
def test_real_files_have_the_cuts_of_their_conversion(data, tmp_path, name, cuts):
    path = data / "fits" / f"{name}.fits"
    given = served(path)
    assert given == converted(path, tmp_path)
    assert cuts is None or tuple(map(round, given[0])) == cuts


@pytest.mark.parametrize("name", MADE)
def test_images_of_every_kind_have_the_cuts_of_their_conversion(tmp_path, name):
    path = tmp_path / "a.fits"
    fits.PrimaryHDU(MADE[name]).writeto(path)
    given = served(path)
    assert given == converted(path, tmp_path)
    assert len(given) == (3 if "cube" in name else 1)


@pytest.mark.parametrize(("scale", "zero"), [(0.25, 100.0), (1.0, 32768.0), (2e-3, 0.0)])
def test_scaled_integers_have_the_cuts_of_their_conversion(tmp_path, scale, zero):
    path = tmp_path / "a.fits"
    hdu = fits.PrimaryHDU(SKY.astype("i2"))
    hdu.header.update({"BSCALE": scale, "BZERO": zero, "BLANK": 1000})
    hdu.writeto(path)
    assert served(path) == converted(path, tmp_path)


@pytest.mark.parametrize("tile", [(1, 410), (100, 100)])
def test_packed_images_have_the_cuts_of_their_conversion(tmp_path, tile):
    path = tmp_path / "a.fits"
    hdu = fits.CompImageHDU(SKY, compression_type="RICE_1", tile_shape=tile)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
    assert served(path) == converted(path, tmp_path)


def test_a_large_packed_image_has_almost_the_cuts_of_its_conversion(tmp_path):
    path = tmp_path / "a.fits"
    array = RNG.normal(1000, 30, (2050, 2060)).astype("i2")
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(array)]).writeto(path)
    ((low, high),) = served(path)
    ((its_low, its_high),) = converted(path, tmp_path)
    assert (low, high) == pytest.approx((its_low, its_high), abs=15)  # half a sigma
