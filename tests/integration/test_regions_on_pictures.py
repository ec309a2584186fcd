"""Catalogues and regions lie where the server's picture shows what they are about.

A small sky whose stars are known becomes a pyramid.  Their places on the sky are found by
astropy from the header that the pyramid holds; `iipastro regions` makes pixels of them again,
from three formats, and the picture that the server gives has a peak at each.
"""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from astropy.io.fits import Header
from astropy.table import Table
from astropy.wcs import WCS
from PIL import Image

from iipastro import cli, sky
from iipastro.config import load_config
from iipastro.geometry import Size
from iipastro.handlers.service import build_service
from iipastro.wsgi import respond

pytestmark = pytest.mark.integration

SIDE = 600
FLUX = 2e5  # ADU: a peak of 13 000, below saturation
AROUND = 6  # pixels
PLACES = (  # columns and rows from the top left corner, whose pixel begins at 0
    (40.5, 33.5), (560.5, 40.25), (300.0, 299.5), (20.75, 580.5), (577.5, 570.5), (150.25, 420.75),
    (410.5, 180.5),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of the image `sky.ptif`."""
    path = tmp_path_factory.mktemp("images")
    stars = tuple(sky.Star(column, row, FLUX, 0.0, 60.0) for column, row in PLACES)
    strips = sky.Sky(SIDE, 1, stars, ()).strips()
    sky.write_strips(str(path / "sky.ptif"), Size(SIDE, SIDE), sky.BANDS, strips)
    return path


@pytest.fixture(scope="module")
def places():
    """The stars on the sky, (stars, 2) degrees: FITS counts rows from below, and from 1."""
    full = Size(SIDE, SIDE)
    wcs = WCS(Header.fromstring(sky.header(full, 0, full, sky.BANDS)))
    pixels = [(column + 0.5, SIDE - row + 0.5) for column, row in PLACES]
    return wcs.all_pix2world(pixels, 1)


@pytest.fixture(scope="module")
def picture(folder):
    """The red band as the server shows it, (rows, columns), the whole image at full size."""
    config = load_config([], {}, {"images.root": str(folder)}).config
    red = ",".join("1" if number == sky.RED else "0" for number in range(len(sky.BANDS)))
    query = f"FIF=sky.ptif&MINMAX={sky.RED + 1}:600,15000&CTW={red};{red};{red}&WID={SIDE}&CVT=png"
    environ = {"REQUEST_METHOD": "GET", "QUERY_STRING": query}
    response = respond(environ, b"", build_service(config))
    assert (response.status, dict(response.headers)["Content-Type"]) == (200, "image/png")
    with Image.open(io.BytesIO(response.body)) as shown:
        assert shown.size == (SIDE, SIDE)
        return np.asarray(shown.convert("L"), dtype=float)


def as_csv(path, places):
    rows = (f"star {n},{lng:.9f},{lat:.9f}" for n, (lng, lat) in enumerate(places, 1))
    path.write_text("\n".join(["name,RAJ2000,DEJ2000", *rows]))


def as_fits(path, places):
    names = [f"star {n}" for n in range(1, len(places) + 1)]
    made = Table({"name": names, "ALPHA_J2000": places[:, 0], "DELTA_J2000": places[:, 1]})
    made.write(path)


def as_ds9(path, places):
    lines = (f'circle({lng:.9f},{lat:.9f},1.5") # text={{star}}' for lng, lat in places)
    path.write_text("\n".join(["# Region file format: DS9 version 4.1", "icrs", *lines]))


@pytest.mark.parametrize(
    ("name", "write"), [("a.csv", as_csv), ("a.fits", as_fits), ("a.reg", as_ds9)]
)
def test_each_star_of_the_picture_is_at_its_point(folder, places, picture, tmp_path, name, write):
    write(tmp_path / name, places)
    output = tmp_path / "out.geojson"
    words = ["--wcs", str(folder / "sky.ptif"), "--to", "pixel"]
    assert cli.main(["regions", str(tmp_path / name), "-o", str(output), *words]) == 0
    made = json.loads(output.read_text())
    assert made["iipastro"] == {
        "frame": "pixel", "units": "pixel", "first_pixel": [1, 1], "source": name,
    }  # fmt: skip
    assert len(made["features"]) == len(PLACES)
    for feature, expected in zip(made["features"], PLACES, strict=True):
        column, row = on_picture(feature)
        assert peak_near(picture, column, row) == pytest.approx((column, row), abs=1)
        assert (column + 0.5, row + 0.5) == pytest.approx(expected, abs=1e-3)


def on_picture(feature):
    """Return where a feature is: column and row of the picture, whose first pixel is 0, 0."""
    shape = feature["properties"].get("shape")
    x, y = shape["center"] if shape else feature["geometry"]["coordinates"]
    return x - 1, SIDE - y


def peak_near(picture, column, row):
    """Return the column and the row of the brightest pixel about a place."""
    left, top = round(column) - AROUND, round(row) - AROUND
    part = picture[top : top + 2 * AROUND + 1, left : left + 2 * AROUND + 1]
    assert part.max() > 128
    brightest = np.unravel_index(part.argmax(), part.shape)
    return left + int(brightest[1]), top + int(brightest[0])


def test_circles_on_the_sky_are_circles_about_the_stars(folder, places, tmp_path):
    """1.5 seconds of arc are 1.5 / 0.186 pixels, and each vertex is that far away."""
    as_ds9(tmp_path / "a.reg", places)
    output = tmp_path / "out.geojson"
    words = ["--wcs", str(folder / "sky.ptif"), "--to", "pixel"]
    assert cli.main(["regions", str(tmp_path / "a.reg"), "-o", str(output), *words]) == 0
    for feature in json.loads(output.read_text())["features"]:
        (ring,) = feature["geometry"]["coordinates"]
        away = np.hypot(*(np.array(ring) - feature["properties"]["shape"]["center"]).T)
        assert away == pytest.approx(1.5 / 0.186, rel=1e-4)
