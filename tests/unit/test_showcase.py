"""What the demonstration shows."""

from __future__ import annotations

import json

import pytest
import tifffile

from iipastro.showcase import (
    M51,
    fits_pixel,
    make_files,
    page_config,
    write_catalogue,
    write_regions,
)
from iipastro.sky import Galaxy, Sky, Star

STAR = Star(column=100.5, row=20.5, flux=10_000.0, tint=0.0, reach=5.0)
FAINT = STAR._replace(flux=10.0)
GALAXY = Galaxy(
    column=10.0, row=250.0, flux=1e4, tint=0.0, reach=50.0, scale=4.0, axis_ratio=0.5, angle=0.5,
    arms=0.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with the files of a small demonstration."""
    folder = tmp_path_factory.mktemp("showcase") / "new"
    make_files(str(folder), 512, lambda _: None)
    return folder


def test_rows_from_the_top_become_pixels_of_fits(folder):
    # The star is in the middle of pixel 100 (from 0) of row 20 of 256: 101, and 256 - 20 = 236.
    assert fits_pixel(STAR, 256) == (101.0, 236.0)


def test_the_catalogue_has_the_bright_stars_with_their_magnitudes(tmp_path):
    path = tmp_path / "stars.csv"
    write_catalogue(str(path), Sky(256, 0, (FAINT, STAR), ()))
    assert path.read_text().splitlines() == [
        "name,x,y,mag_r,g_r",
        "S1,101.000,236.000,20.000,0.000",  # 30 - 2.5 log 10000
    ]


def test_the_regions_are_ellipses_as_ds9_has_them(tmp_path):
    path = tmp_path / "galaxies.reg"
    write_regions(str(path), Sky(256, 0, (), (GALAXY,)))
    # The angle goes from x against the clock; that of the sky went the other way.
    assert path.read_text().splitlines()[-1] == "ellipse(10.50,6.50,10.00,5.00,-28.65) # text={G1}"


def test_the_overlays_are_on_the_sky_of_the_image(folder):
    stars = json.loads((folder / "stars.geojson").read_text())
    galaxies = json.loads((folder / "galaxies.geojson").read_text())
    assert stars["iipastro"]["frame"] == galaxies["iipastro"]["frame"] == "icrs"
    for feature in stars["features"]:
        lng, lat = feature["geometry"]["coordinates"]
        assert abs(lng - 210.8025) < 0.05  # 512 pixels of 0.186″ are 0.026°
        assert abs(lat - 54.3489) < 0.03
    shapes = [feature["properties"]["shape"]["type"] for feature in galaxies["features"]]
    assert shapes
    assert set(shapes) == {"ellipse"}


def test_what_is_there_is_kept(folder):
    (folder / "stars.geojson").write_text("kept")
    said = []
    make_files(str(folder), 512, said.append)
    assert (folder / "stars.geojson").read_text() == "kept"
    assert said == []
    with tifffile.TiffFile(folder / "sky.ptif") as file:
        assert file.pages[0].shape == (512, 512, 5)


def test_the_page_is_told_of_the_images_that_are_there(folder, tmp_path):
    config = page_config(str(folder), "/iip", "data/")
    assert config["endpoint"] == "/iip"
    assert [image["name"] for image in config["images"]] == ["sky.ptif", "m51.fits"]
    assert "IRAF" in config["images"][1]["credit"]
    assert [one["url"] for one in config["regions"]] == [
        "data/stars.geojson",
        "data/galaxies.geojson",
    ]
    assert (folder / M51).read_bytes()[:6] == b"SIMPLE"
    assert [image["name"] for image in page_config(str(tmp_path), "/iip", "")["images"]] == [
        "sky.ptif"
    ]
