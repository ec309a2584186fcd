"""The options of the subcommand `regions`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, NamedTuple

SUFFIXES = {  # of input files → format
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".dat": "csv", ".asc": "csv", ".cat": "csv",
    ".fits": "fits", ".fit": "fits", ".fts": "fits", ".ldac": "fits",
    ".vot": "votable", ".votable": "votable", ".xml": "votable",
    ".reg": "ds9", ".ds9": "ds9",
}  # fmt: skip
FORMATS = tuple(dict.fromkeys(SUFFIXES.values()))
FRAMES = ("icrs", "fk5", "fk4", "galactic", "ecliptic", "pixel")
SKY_FRAMES = FRAMES[:-1]
_DELIMITERS = {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "bar": "|"}


def _delimiter(text: str) -> str:
    found = _DELIMITERS.get(text, text)
    if len(found) != 1 or found in '"\r\n':
        raise argparse.ArgumentTypeError(f"expected one character, tab or space, not {text!r}")
    return found


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 5):
        raise argparse.ArgumentTypeError(f"expected a whole number, not {text!r}")
    return int(text)


class Row(NamedTuple):
    """An option or argument: for argparse, and for the page of the command line."""

    name: str
    help: str
    more: Mapping[str, Any] = {}


def _one_of(words: tuple[str, ...], **more: Any) -> dict[str, Any]:
    return {"metavar": "|".join(words), "choices": words, **more}


ROWS = (
    Row("input", "The catalogue or region file.", {"metavar": "INPUT"}),
    Row(
        "-o",
        "The file to write; an older one is replaced when the new one is whole.",
        {"metavar": "OUTPUT.geojson", "dest": "output", "required": True},
    ),
    Row("--format", "The format of the input. Default: by content or suffix.", _one_of(FORMATS)),
    Row(
        "--delimiter",
        "What stands between the columns of text: a character, tab or space (any white space)."
        " Default: guessed.",
        {"metavar": "CHARACTER", "type": _delimiter},
    ),
    Row(
        "--table",
        "The HDU of a FITS file, or the table of a VOTable from 1. Default: the first one with"
        " coordinates.",
        {"metavar": "N", "type": _count},
    ),
    Row(
        "--lon",
        "The column of the right ascension, longitude or x. Default: guessed.",
        {"metavar": "COLUMN", "dest": "lng"},
    ),
    Row(
        "--lat",
        "The column of the declination, latitude or y. Default: guessed.",
        {"metavar": "COLUMN"},
    ),
    Row(
        "--frame",
        "The frame of these columns, or of regions before their file names one."
        " Default: by the names of the columns, else icrs.",
        _one_of(FRAMES),
    ),
    Row(
        "--unit",
        "The unit of the longitude. Default: that of the column, else degrees; hours where a"
        " right ascension is sexagesimal.",
        _one_of(("deg", "hour", "rad")),
    ),
    Row(
        "--origin",
        "What pixel columns call the first pixel. Default: 1, as in FITS; 0 for photutils' names.",
        {"metavar": "0|1", "choices": (0, 1), "type": _count},
    ),
    Row(
        "--radius",
        "Draw circles: a column of radii, or one number.",
        {"metavar": "COLUMN|NUMBER"},
    ),
    Row(
        "--axes",
        "Draw ellipses: columns of the semi-axes and of the angle in degrees, from north to"
        " east on the sky, from x to y in pixels.",
        {"metavar": "MAJOR,MINOR,ANGLE"},
    ),
    Row(
        "--size-unit",
        "The unit of radii and semi-axes on the sky. Default: that of the column, else deg.",
        _one_of(("deg", "arcmin", "arcsec", "rad")),
    ),
    Row("--label", "The column of the labels. Default: guessed.", {"metavar": "COLUMN"}),
    Row(
        "--id",
        "The column of the feature ids. Default: guessed, else the number of the row.",
        {"metavar": "COLUMN"},
    ),
    Row(
        "--description",
        "Columns to tell in the popup, beside the label.",
        {"metavar": "COLUMN,COLUMN"},
    ),
    Row(
        "--wcs",
        "The image whose WCS leads from the sky to pixels and back: FITS (image.fits[2] for an"
        " HDU), or a pyramid.",
        {"metavar": "IMAGE"},
    ),
    Row("--to", "The coordinates to write. Default: as the input.", _one_of(("sky", "pixel"))),
    Row(
        "--sky-frame",
        "The frame of sky coordinates that are written. Default: icrs.",
        _one_of(SKY_FRAMES, default="icrs"),
    ),
    Row(
        "--skip-bad",
        "Leave out rows of which no feature can be made. Default: they end the run.",
        {"action": "store_true"},
    ),
)
