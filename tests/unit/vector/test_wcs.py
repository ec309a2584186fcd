"""Frames and the WCS of images, beside astropy."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from iipastro.vector.draft import InputError
from iipastro.vector.wcs import FRAMES, Target, converted, read_wcs

PLACES = np.array([[10.0, 20.0], [359.9, -45.0], [180.0, 89.0]])
TAN = {
    "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CUNIT1": "deg", "CUNIT2": "deg",
    "CRVAL1": 150.0, "CRVAL2": 2.0, "CRPIX1": 50.5, "CRPIX2": 40.5, "CDELT1": -1e-3, "CDELT2": 1e-3,
}  # fmt: skip


@pytest.fixture
def image(tmp_path):
    """Write an image with the given cards and return its path."""

    def write(cards, shape=(80, 100), name="image.fits"):
        path = tmp_path / name
        header = fits.Header()
        header.update(cards)
        fits.PrimaryHDU(np.zeros(shape, np.float32), header).writeto(path, output_verify="ignore")
        return str(path)

    return write


@pytest.mark.parametrize("old", FRAMES)
@pytest.mark.parametrize("new", FRAMES)
def test_frames_of_the_sky_are_those_of_astropy(old, new):
    ours = converted(PLACES, old, Target(new))
    theirs = SkyCoord(*PLACES.T, unit="deg", frame=FRAMES[old]).transform_to(FRAMES[new]).spherical
    np.testing.assert_allclose(ours, np.stack([theirs.lon.deg, theirs.lat.deg], -1), atol=1e-9)


def test_the_galactic_centre_is_where_it_is():
    """Of Reid and Brunthaler 2004: 17h45m37.224s -28d56m10.23s (J2000) at l = b = 0."""
    found = converted(np.array([[0.0, 0.0]]), "galactic", Target("fk5"))
    np.testing.assert_allclose(found, [[266.40510, -28.936175]], atol=2e-4)


def test_pixels_count_from_1(image):
    target = Target("pixel", read_wcs(image(TAN)))
    assert converted(np.array([[150.0, 2.0]]), "icrs", target) == pytest.approx(
        np.array([[50.5, 40.5]])
    )
    found = converted(np.array([[50.5, 40.5]]), "pixel", Target("icrs", target.image))
    assert found == pytest.approx(np.array([[150.0, 2.0]]))


def test_there_and_back_through_the_wcs_of_a_pyramid(data):
    """The header of the pyramid is read by this package, the oracle is astropy on its text."""
    wcs = read_wcs(str(data / "multi5_1k.ptif"))
    pixels = np.array([[1.0, 1.0], [512.5, 512.5], [1000.25, 3.5]])
    sky = converted(pixels, "pixel", Target("icrs", wcs))
    np.testing.assert_allclose(sky[1], [150.11632213, 2.20973371], atol=1e-12)  # CRVAL at CRPIX
    np.testing.assert_allclose(converted(sky, "icrs", Target("pixel", wcs)), pixels, atol=1e-7)
    galactic = converted(pixels, "pixel", Target("galactic", wcs))
    np.testing.assert_allclose(
        converted(galactic, "galactic", Target("pixel", wcs)), pixels, atol=1e-6
    )


def test_an_image_in_another_frame_is_gone_through(image):
    cards = {**TAN, "CTYPE1": "GLON-TAN", "CTYPE2": "GLAT-TAN"}
    sky = SkyCoord(150, 2, unit="deg", frame="galactic").icrs
    target = Target("pixel", read_wcs(image(cards)))
    found = converted(np.array([[sky.ra.deg, sky.dec.deg]]), "icrs", target)
    np.testing.assert_allclose(found, [[50.5, 40.5]], atol=1e-6)


def test_what_lies_behind_the_projection_is_nan(image):
    target = Target("pixel", read_wcs(image(TAN)))
    found = converted(np.array([[330.0, -2.0], [150.0, 2.0], [np.nan, 0.0]]), "icrs", target)
    assert np.isnan(found).all(axis=1).tolist() == [True, False, True]
    nothing = converted(np.array([[np.nan, 0.0]]), "icrs", target)
    assert np.isnan(nothing).all()


def test_distortion_is_undone_and_its_failures_are_nan(image):
    sip = {**TAN, "CTYPE1": "RA---TAN-SIP", "CTYPE2": "DEC--TAN-SIP", "A_ORDER": 2, "B_ORDER": 2,
           "A_2_0": 1e-4, "B_0_2": 1e-4}  # fmt: skip
    wcs = read_wcs(image(sip))
    pixels = np.array([[1.0, 2.0], [90.0, 70.0]])
    sky = converted(pixels, "pixel", Target("icrs", wcs))
    np.testing.assert_allclose(converted(sky, "icrs", Target("pixel", wcs)), pixels, atol=1e-4)
    far = converted(np.array([[200.0, 30.0]]), "icrs", Target("pixel", wcs))
    assert np.isnan(far).all()


def test_physical_pixels_go_through_ltm_and_ltv(image):
    """IRAF: logical = LTM physical + LTV; here every second pixel from 11 on."""
    cards = {**TAN, "LTM1_1": 0.5, "LTM2_2": 0.5, "LTV1": -5.0, "LTV2": -4.0}
    target = Target("pixel", read_wcs(image(cards)))
    assert converted(np.array([[12.0, 10.0]]), "physical", target).tolist() == [[1, 1]]
    assert converted(np.array([[12.0, 10.0]]), "physical", Target("pixel")).tolist() == [[12, 10]]


@pytest.mark.parametrize(
    ("frame", "target", "message"),
    [
        ("pixel", "icrs", "pixel coordinates, where sky"),
        ("fk5", "pixel", "sky coordinates, where pixel"),
        ("physical", "icrs", "pixel coordinates, where sky"),
    ],
)
def test_without_a_wcs_pixels_stay_pixels(frame, target, message):
    with pytest.raises(InputError, match=message):
        converted(PLACES, frame, Target(target))


# ---- reading


def test_an_hdu_can_be_named(tmp_path):
    path = tmp_path / "mef.fits"
    hdus = [fits.PrimaryHDU()]
    for crval in (10.0, 20.0):
        header = fits.Header()
        header.update({**TAN, "CRVAL1": crval})
        hdus.append(fits.ImageHDU(np.zeros((8, 8)), header))
    fits.HDUList(hdus).writeto(path)
    assert read_wcs(str(path)).wcs.wcs.crval[0] == 10
    assert read_wcs(f"{path}[2]").wcs.wcs.crval[0] == 20
    for number in (0, 3):
        with pytest.raises(InputError):
            read_wcs(f"{path}[{number}]")


def test_the_two_axes_of_a_cube_are_taken(image):
    cards = {**TAN, "CTYPE3": "FREQ", "CRVAL3": 1e9, "CDELT3": 1e6, "CRPIX3": 1.0}
    assert read_wcs(image(cards, shape=(3, 80, 100))).wcs.naxis == 2


@pytest.mark.parametrize(
    ("cards", "message"),
    [
        ({}, "no image with a WCS"),
        ({"CTYPE1": "LINEAR", "CTYPE2": "LINEAR"}, "not one of the sky"),
        ({**TAN, "CTYPE2": "GLAT-TAN"}, "cannot be used"),
        ({**TAN, "CDELT1": 0.0}, "cannot be used"),
    ],
)
def test_an_image_without_a_wcs_is_refused(image, cards, message):
    with pytest.raises(InputError, match=message):
        read_wcs(image(cards))


def test_a_pyramid_without_a_header_is_refused(tmp_path):
    import tifffile

    path = tmp_path / "plain.tif"
    tifffile.imwrite(path, np.zeros((64, 64), np.float32), tile=(64, 64), metadata=None)
    with pytest.raises(InputError, match="no FITS header with a WCS"):
        read_wcs(str(path))


@pytest.mark.parametrize("content", [b"", b"II", b"II\x2a\0nonsense", b"SIMPLE  = x", b"GIF89a"])
def test_what_is_no_image_is_refused(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(InputError, match="x cannot be read"):
        read_wcs(str(path))
    with pytest.raises(InputError, match="cannot be opened"):
        read_wcs(str(tmp_path / "none"))


def test_the_wcs_of_a_linear_image_is_no_way(image):
    assert isinstance(read_wcs(image(TAN)).wcs, WCS)


def test_what_is_compiled_to_read_an_image_is_kept_for_the_next_time(data, tmp_path):
    path, kept = str(data / "multi5_1k.ptif"), tmp_path / "kept"
    program = "import sys; from iipastro.vector.wcs import read_wcs; read_wcs(sys.argv[1])"
    environ = {**os.environ, "NUMBA_CACHE_DIR": str(kept), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program, path]
    done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {file.name.partition("-")[0] for file in kept.rglob("*.nbi")} >= {
        "lzw.fill",
        "differences.add_up",
    }
