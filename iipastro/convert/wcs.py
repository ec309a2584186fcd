"""The linear part of celestial coordinates: do two images lie on the same grid, and where.

Greisen & Calabretta 2002 (Paper I, section 2.1.2: CD, PC and CDELT; 6.1:
CROTA) and Calabretta & Greisen 2002 (Paper II).  Distortions are passed over.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..geometry import Size
from .header import Header
from .source import ConvertError

Matrix = tuple[tuple[float, float], tuple[float, float]]


class Linear(NamedTuple):
    """What leads from pixels to the sky, but for distortions."""

    ctypes: tuple[str, str]
    crval: tuple[float, float]  # degrees
    crpix: tuple[float, float]
    cd: Matrix  # degrees per pixel


def linear_of(header: Header) -> Linear | None:
    """Return the coordinates that a header gives, None if it gives none of the sky.

    Raises ConvertError where a number of them is not finite or no area is left.
    """
    ctypes = _projection(header.text("CTYPE1")), _projection(header.text("CTYPE2"))
    if not all(ctypes) or "CRVAL1" not in header:
        return None
    crval = header.number("CRVAL1"), header.number("CRVAL2", 0.0)
    crpix = header.number("CRPIX1", 0.0), header.number("CRPIX2", 0.0)
    cd = _matrix(header)
    if cd[0][0] * cd[1][1] == cd[0][1] * cd[1][0]:
        raise ConvertError(f"{header.name}: its world coordinates have no inverse")
    return Linear(ctypes, crval, crpix, cd)


def _projection(ctype: str) -> str:
    """Return CTYPE without the name of a distortion, '' where it is not of the sky."""
    name = ctype[:8]
    if len(name) < 8 or name[4] != "-":
        return ""
    return name[:5] + ("TAN" if name[5:] in ("TPV", "TNX", "TPD") else name[5:])


def _matrix(header: Header) -> Matrix:
    if any(f"CD{i}_{j}" in header for i in (1, 2) for j in (1, 2)):
        return _four(header, "CD", 0.0)
    across, down = header.number("CDELT1", 1.0), header.number("CDELT2", 1.0)
    if "CROTA2" in header:
        angle = math.radians(header.number("CROTA2"))
        cosine, sine = math.cos(angle), math.sin(angle)
        return (across * cosine, -down * sine), (across * sine, down * cosine)
    pc = _four(header, "PC", 1.0)
    return (across * pc[0][0], across * pc[0][1]), (down * pc[1][0], down * pc[1][1])


def _four(header: Header, name: str, diagonal: float) -> Matrix:
    return (
        (header.number(f"{name}1_1", diagonal), header.number(f"{name}1_2", 0.0)),
        (header.number(f"{name}2_1", 0.0), header.number(f"{name}2_2", diagonal)),
    )


def mapped(points: list[tuple[float, float]], source: Linear, onto: Linear) -> Any:
    """Return where points of `source` lie in `onto`: float64 (points, 2), first pixel 1.

    A point without a place there, as on the other side of the sky, is NaN; so
    are all if one has equatorial and the other galactic coordinates.
    """
    nowhere = np.full((len(points), 2), np.nan)
    if [name[:4] for name in source.ctypes] != [name[:4] for name in onto.ctypes]:
        return nowhere
    import astropy.wcs  # noqa: PLC0415  takes longer than many a conversion

    try:
        sky = _astropy(source).wcs_pix2world(np.array(points, float), 1)
        places: Any = _astropy(onto).wcs_world2pix(sky, 1)
    except (ValueError, astropy.wcs.WcsError):
        return nowhere
    return places


def _astropy(linear: Linear) -> Any:
    import astropy.wcs  # noqa: PLC0415

    wcs = astropy.wcs.WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.crpix = linear.ctypes, linear.crval, linear.crpix
    wcs.wcs.cd = linear.cd
    wcs.wcs.set()
    return wcs


def corners(size: Size) -> list[tuple[float, float]]:
    """Return the centres of the four pixels in the corners; the first pixel is 1."""
    return [(x, y) for x in (1.0, float(size.width)) for y in (1.0, float(size.height))]


def drift(source: Linear, onto: Linear, size: Size) -> float:
    """Return by how many pixels a corner lies elsewhere in `onto`; infinite without a place."""
    if source == onto:
        return 0.0
    points = corners(size)
    away = np.hypot(*(mapped(points, source, onto) - np.array(points)).T)
    return float(away.max()) if np.isfinite(away).all() else math.inf
