"""Which columns of a table hold the coordinates, and in what units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .draft import PIXEL, InputError, Points
from .shapes import is_sky
from .tables import Table


class Pair(NamedTuple):
    """Two columns that are coordinates together, whatever the case of their names."""

    lng: str
    lat: str
    frame: str = "icrs"
    origin: int = 1  # of pixels: what the centre of the first one is called


PAIRS = (  # in order of preference
    Pair("ra", "dec"),
    Pair("ra_icrs", "de_icrs"),
    Pair("_raj2000", "_dej2000"),
    Pair("raj2000", "dej2000"),
    Pair("_ra", "_de"),
    Pair("ra_deg", "dec_deg"),
    Pair("radeg", "dedeg"),
    Pair("alphapsf_j2000", "deltapsf_j2000"),
    Pair("alphawin_j2000", "deltawin_j2000"),
    Pair("alpha_j2000", "delta_j2000"),
    Pair("alphawin_sky", "deltawin_sky"),
    Pair("alpha_sky", "delta_sky"),
    Pair("xwin_world", "ywin_world"),
    Pair("x_world", "y_world"),
    Pair("ramean", "decmean"),
    Pair("ra2000", "dec2000"),
    Pair("right_ascension", "declination"),
    Pair("lon", "lat"),
    Pair("lng", "lat"),
    Pair("longitude", "latitude"),
    Pair("glon", "glat", "galactic"),
    Pair("l", "b", "galactic"),
    Pair("elon", "elat", "ecliptic"),
    Pair("ecl_lon", "ecl_lat", "ecliptic"),
    Pair("xpsf_image", "ypsf_image", PIXEL),
    Pair("xwin_image", "ywin_image", PIXEL),
    Pair("x_image", "y_image", PIXEL),
    Pair("xcentroid", "ycentroid", PIXEL, 0),  # photutils counts from 0
    Pair("x_centroid", "y_centroid", PIXEL, 0),
    Pair("x", "y", PIXEL),
    Pair("xpix", "ypix", PIXEL),
)
UCDS = (  # of VOTables: they tell more than names
    Pair("pos.eq.ra;meta.main", "pos.eq.dec;meta.main"),
    Pair("pos_eq_ra_main", "pos_eq_dec_main"),
    Pair("pos.eq.ra", "pos.eq.dec"),
    Pair("pos.galactic.lon", "pos.galactic.lat", "galactic"),
)
LABELS = ("name", "label", "main_id", "designation", "object", "source_name", "id", "source_id")
IDS = ("id", "source_id", "number", "objid", "obj_id", "recno")
DEGREES = {"deg": 1.0, "hour": 15.0, "rad": 180 / np.pi, "arcmin": 1 / 60, "arcsec": 1 / 3600}
ALIASES = {
    "degree": "deg", "degrees": "deg", "h": "hour", "hr": "hour", "hours": "hour",
    "hourangle": "hour", "h:m:s": "hour", '"h:m:s"': "hour", "d:m:s": "deg", '"d:m:s"': "deg",
    "radian": "rad", "mas": "mas", "arcs": "arcsec", "pix": "pixel",
}  # fmt: skip
_SEXAGESIMAL = re.compile(
    r"([-+]?)(\d{1,3})(?:[:\s]+|([hd°])\s*)(\d{1,2}(?:\.\d*)?)"
    r"(?:(?:[:\s]+|[m'\u2032]\s*)(\d{1,2}(?:\.\d*)?)(?:s|\"|\u2033|'')?|[m'\u2032])?",
    re.ASCII | re.IGNORECASE,
)


class Places(NamedTuple):
    """The columns of the coordinates."""

    lng: int
    lat: int
    frame: str
    origin: int
    lng_unit: str  # a key of DEGREES; nothing: degrees, or hours where an RA is sexagesimal
    lat_unit: str


def column_of(table: Table, name: str) -> int:
    """Return the number of a column, found in any case.  Raises InputError."""
    if name in table.names:
        return table.names.index(name)
    found = [n for n, other in enumerate(table.names) if other.lower() == name.lower()]
    if len(found) != 1:
        known = ", ".join(table.names[:40])
        raise InputError(f"there is no column {name}; there are: {known}")
    return found[0]


def first_column(table: Table, names: Iterable[str]) -> int | None:
    """Return the number of the first of `names` that the table has; None if it has none."""
    lower = [name.lower() for name in table.names]
    return next((lower.index(name) for name in names if name in lower), None)


def unit_of(table: Table, column: int) -> str:
    """Return the unit of a column as DEGREES has it; nothing where it has no such unit."""
    text = table.units.get(table.names[column], "").strip()
    unit = ALIASES.get(text.lower(), text.lower())
    return unit if unit in DEGREES or unit == PIXEL else ""


def guess(table: Table, prefer_pixels: bool) -> Places | None:
    """Return the columns that are coordinates by their meanings or names; None if there are none.

    Of a table with both, sky coordinates are taken, or pixels where they are preferred.
    """
    names = [name.lower() for name in table.names]
    meanings = [table.ucds.get(name, "").lower() for name in table.names]
    found = [
        (pair, known.index(pair.lng), known.index(pair.lat))
        for pairs, known in ((UCDS, meanings), (PAIRS, names))
        for pair in pairs
        if pair.lng in known and pair.lat in known
    ]
    found.sort(key=lambda one: is_sky(one[0].frame) == prefer_pixels)  # stable
    if not found:
        return None
    pair, lng, lat = found[0]
    units = unit_of(table, lng), unit_of(table, lat)
    return Places(lng, lat, pair.frame, pair.origin, *units)


# ---- values


def angle_of(cell: Any, unit: str, hours: bool) -> float:
    """Return an angle in degrees: a decimal number in `unit`, or sexagesimal text.

    `hours` says that sexagesimal text without a letter is one of hours.  NaN for no number.
    Raises ValueError for what is none, and for minutes and seconds of 60 or more.
    """
    if cell is None:
        return np.nan
    text = str(cell).strip()
    matched = _SEXAGESIMAL.fullmatch(text)
    if matched is None:
        if "_" in text:  # Python takes it for a digit separator
            raise ValueError(f"{text} is no number")
        return float(text or "nan") * DEGREES[unit or "deg"]
    sign, whole, letter, minutes, seconds = matched.groups()
    parts = float(minutes), float(seconds or 0)
    if max(parts) >= 60 or (seconds and "." in minutes):
        raise ValueError(f"{text} is no sexagesimal angle")
    angle = float(whole) + parts[0] / 60 + parts[1] / 3600
    if letter.lower() == "h" if letter else hours:
        angle *= 15
    return -angle if sign == "-" else angle


def angles_of(cells: Sequence[Any], unit: str, hours: bool) -> tuple[Points, dict[int, str]]:
    """Return angles in degrees, (n,), and why some are none; those are NaN."""
    decimal = decimals_of(cells)
    if decimal is not None:
        return decimal * DEGREES[unit or "deg"], {}
    angles, faults = np.full(len(cells), np.nan), {}
    for number, cell in enumerate(cells):
        try:
            angles[number] = angle_of(cell, unit, hours)
        except ValueError:
            faults[number] = f"{str(cell)[:40]!r} is no angle"
    return angles, faults


def numbers_of(cells: Sequence[Any]) -> tuple[Points, dict[int, str]]:
    """Return numbers, (n,), and why some are none; those are NaN."""
    decimal = decimals_of(cells)
    if decimal is not None:
        return decimal, {}
    numbers, faults = np.full(len(cells), np.nan), {}
    for number, cell in enumerate(cells):
        decimal = decimals_of([cell])
        if decimal is None:
            faults[number] = f"{str(cell)[:40]!r} is no number"
        else:
            numbers[number] = decimal[0]
    return numbers, faults


def decimals_of(cells: Sequence[Any]) -> Points | None:
    """Return decimal numbers, (n,), all at once; None if one of them is something else."""
    try:
        numbers = np.array(cells, dtype=np.float64)
    except (ValueError, TypeError):
        return None
    odd = any(isinstance(cell, str) and "_" in cell for cell in cells)
    return None if odd or numbers.ndim != 1 else numbers
