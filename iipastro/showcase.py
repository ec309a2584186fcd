"""What the demonstration shows: a synthetic sky with its catalogue and regions, and M51."""

from __future__ import annotations

import csv
import math
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

from .sky import Galaxy, Sky, Star, make_sky, write_sky
from .vector.command import Settings, convert

SKY, STARS, GALAXIES, M51 = "sky.ptif", "stars.geojson", "galaxies.geojson", "m51.fits"
M51_SOURCE = "tests/data/fits/iraf_dev_pix_m51.fits"  # in a checkout alone
BRIGHT = 2000.0  # ADU in r: stars of a greater flux are in the catalogue
ZERO_POINT = 30.0  # magnitude of 1 ADU
LARGE = 60  # galaxies that have regions
EDGE = 2.5  # scales of its disk to which the ellipse of a galaxy goes

Say = Callable[[str], None]


def make_files(folder: str, side: int, say: Say) -> None:
    """Make what is not there yet.  Raises OSError, and InputError for a sky that was replaced."""
    os.makedirs(folder, exist_ok=True)
    sky = os.path.join(folder, SKY)
    if not os.path.exists(sky):
        write_sky(
            sky, side, lambda percent: say(f"\rMaking a sky of {side} x {side} pixels: {percent} %")
        )
        say("\n")
    _make_overlays(folder, side)
    source = os.path.join(os.path.dirname(__file__), "..", M51_SOURCE)
    if os.path.exists(source):
        shutil.copyfile(source, os.path.join(folder, M51))


def _make_overlays(folder: str, side: int) -> None:
    """Write the catalogue of the stars and the regions of the galaxies, through `regions`."""
    for name, draft, write in (
        (STARS, "stars.csv", write_catalogue),
        (GALAXIES, "galaxies.reg", write_regions),
    ):
        output = os.path.join(folder, name)
        if not os.path.exists(output):
            given = os.path.join(folder, draft)
            write(given, make_sky(side))
            convert(Settings(given, output, wcs=os.path.join(folder, SKY), to="sky"))


def write_catalogue(path: str, sky: Sky) -> None:
    """Write the bright stars as CSV: FITS pixels, magnitude and colour."""
    bright = sorted((star for star in sky.stars if star.flux > BRIGHT), key=lambda star: -star.flux)
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("name", "x", "y", "mag_r", "g_r"))
        for number, star in enumerate(bright, 1):
            x, y = fits_pixel(star, sky.side)
            magnitude = ZERO_POINT - 2.5 * math.log10(star.flux)
            colour = 2.5 * math.log10(math.e) * star.tint  # from a band to the next
            rows.writerow(
                (f"S{number}", f"{x:.3f}", f"{y:.3f}", f"{magnitude:.3f}", f"{colour:.3f}")
            )


def write_regions(path: str, sky: Sky) -> None:
    """Write the large galaxies as regions of ds9: ellipses in FITS pixels."""
    large = sorted(sky.galaxies, key=lambda galaxy: -galaxy.scale)[:LARGE]
    with open(path, "w", encoding="utf-8") as file:
        file.write("# Region file format: DS9\nimage\n")
        file.writelines(_ellipses(large, sky.side))


def _ellipses(galaxies: list[Galaxy], side: int) -> Iterator[str]:
    for number, galaxy in enumerate(galaxies, 1):
        x, y = fits_pixel(galaxy, side)
        major = EDGE * galaxy.scale
        angle = -math.degrees(galaxy.angle)  # rows of the sky go down
        shape = f"{x:.2f},{y:.2f},{major:.2f},{major * galaxy.axis_ratio:.2f},{angle:.2f}"
        yield f"ellipse({shape}) # text={{G{number}}}\n"


def fits_pixel(thing: Star | Galaxy, side: int) -> tuple[float, float]:
    """Return where a thing is as FITS counts: the centre of the lowest left pixel is 1, 1."""
    return thing.column + 0.5, side - thing.row + 0.5


def page_config(folder: str, endpoint: str, data: str) -> dict[str, Any]:
    """Return the config.json of the demonstration; `data` is where its overlays are served."""
    images: list[dict[str, Any]] = [
        {"name": SKY, "title": "Synthetic sky", "credit": "Made by iipastro"}
    ]
    if os.path.exists(os.path.join(folder, M51)):
        credit = "Test image dev$pix of IRAF"
        faint = {"gamma": 2.2}  # its arms are: integers are shown as they are otherwise
        images.append({"name": M51, "title": "M51", "credit": credit, "settings": faint})
    return {
        "endpoint": endpoint,
        "images": images,
        "regions": [
            {"name": "Stars of the sky", "url": f"{data}{STARS}", "color": "#ffd59a"},
            {"name": "Galaxies", "url": f"{data}{GALAXIES}", "color": "#56b4e9", "label": True},
        ],
    }
