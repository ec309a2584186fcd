"""Frames of coordinates, and the way from one to another: through the WCS of an image, if need be.

The only module of the package that brings points from frame to frame; astropy does the work.
"""

from __future__ import annotations

import os
import re
import warnings
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np

from ..errors import Refused
from ..images import decode, open_source
from .draft import PHYSICAL, PIXEL, InputError, Points
from .shapes import is_sky

FRAMES = {  # our name → astropy's
    "icrs": "icrs",
    "fk5": "fk5",
    "fk4": "fk4",
    "galactic": "galactic",
    "ecliptic": "barycentricmeanecliptic",
}
_EXTENSION = re.compile(r"(.*)\[(\d{1,5})\]", re.DOTALL)  # image.fits[2]
_CARD = 80
_ASTRAY = 1e-6  # degrees: where the search for a distorted pixel ended elsewhere
_ASTROPY_ERRORS = (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError)


class ImageWcs(NamedTuple):
    """The WCS of an image."""

    wcs: Any  # astropy.wcs.WCS of two axes
    frame: Any  # of astropy.coordinates
    physical: tuple[float, float, float, float]  # LTM1_1, LTV1, LTM2_2, LTV2


class Target(NamedTuple):
    """The frame of the output, and the image that leads from pixels to the sky and back."""

    frame: str  # pixel, or one of FRAMES
    image: ImageWcs | None = None


def converted(points: Points, frame: str, target: Target) -> Points:
    """Return points of `frame` in the frame of the target; NaN for what lies outside of it.

    Raises InputError where only the WCS of an image could help and there is none.
    """
    if frame == PHYSICAL:
        points, frame = _from_physical(points, target.image), PIXEL
    if frame == target.frame:
        return points
    if is_sky(frame) and is_sky(target.frame):
        return _turned(points, FRAMES[frame], FRAMES[target.frame])
    if target.image is None:
        raise InputError(
            f"{'sky' if is_sky(frame) else 'pixel'} coordinates, where"
            f" {'sky' if is_sky(target.frame) else 'pixel'} coordinates are wanted: give --wcs"
        )
    if is_sky(frame):
        return _pixels(_turned(points, FRAMES[frame], target.image.frame), target.image.wcs)
    sky = target.image.wcs.all_pix2world(points, 1)
    return _turned(sky, target.image.frame, FRAMES[target.frame])


def _from_physical(points: Points, image: ImageWcs | None) -> Points:
    if image is None:
        return points
    scale1, shift1, scale2, shift2 = image.physical
    moved: Points = points * np.array([scale1, scale2]) + np.array([shift1, shift2])
    return moved


def _turned(points: Points, old: Any, new: Any) -> Points:
    """Return points of one celestial frame in another; NaN stays NaN."""
    from astropy.coordinates import SkyCoord  # noqa: PLC0415  only where frames differ

    result = np.full(points.shape, np.nan)
    good = np.isfinite(points).all(axis=1)
    if good.any():
        sky = SkyCoord(*points[good].T, unit="deg", frame=old).transform_to(new)
        result[good] = np.stack([sky.spherical.lon.deg, sky.spherical.lat.deg], axis=-1)
    return result


def _pixels(points: Points, wcs: Any) -> Points:
    """Return the pixels of the sky; NaN where the projection, or its distortion, has none."""
    result = np.full(points.shape, np.nan)
    good = np.isfinite(points).all(axis=1)
    if not good.any():
        return result
    with np.errstate(all="ignore"):
        result[good] = wcs.all_world2pix(points[good], 1, quiet=True)
        if wcs.has_distortion:
            back = wcs.all_pix2world(result[good], 1)
            result[np.flatnonzero(good)[_apart(back, points[good]) > _ASTRAY]] = np.nan
    return result


def _apart(one: Points, other: Points) -> Points:
    steps = one - other
    steps[:, 0] = ((steps[:, 0] + 180) % 360 - 180) * np.cos(np.radians(other[:, 1]))
    return np.nan_to_num(np.hypot(steps[:, 0], steps[:, 1]), nan=np.inf)


# ---- reading


def read_wcs(path: str) -> ImageWcs:
    """Return the WCS of a FITS image (`image.fits[2]` names an HDU) or of a pyramidal TIFF.

    Raises InputError for an image that has none.
    """
    matched = _EXTENSION.fullmatch(path)
    if matched and not os.path.exists(path):
        return _celestial(path, _fits_header(matched[1], int(matched[2])))
    try:
        with open(path, "rb") as file:
            is_tiff = file.read(2) in {b"II", b"MM"}
    except OSError as error:
        raise InputError(f"{path} cannot be opened: {error.strerror}") from error
    return _celestial(path, _tiff_header(path) if is_tiff else _fits_header(path, None))


def _tiff_header(path: str) -> Any:
    """Return the FITS cards that the ImageDescription of a pyramid holds (spec 5.7)."""
    from astropy.io.fits import Header  # noqa: PLC0415  no other input needs it

    decode.warm_up()  # tiles are sampled where no tags name the cuts: keep what is compiled
    try:
        with closing(open_source(os.open(path, os.O_RDONLY | os.O_CLOEXEC))) as source:
            subject = source.info.metadata.get("subject", b"")
    except Refused as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    if len(subject) < _CARD or b"CTYPE1" not in subject:
        raise InputError(f"{path} has no FITS header with a WCS")
    return Header.fromstring(subject.decode("latin-1"))


def _fits_header(path: str, number: int | None) -> Any:
    """Return the header of an HDU, or of the first one that holds an image with a WCS."""
    from astropy.io import fits  # noqa: PLC0415  no other input needs it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with fits.open(path, memmap=True) as hdus:
                for hdu in hdus if number is None else [hdus[number]]:
                    if hdu.is_image and hdu.header["NAXIS"] >= 2 and "CTYPE1" in hdu.header:
                        return hdu.header.copy()
    except (*_ASTROPY_ERRORS, fits.VerifyError) as error:
        raise InputError(f"{path} cannot be read as FITS: {error}") from error
    raise InputError(f"{path} has no image with a WCS{'' if number is None else ' there'}")


def _celestial(path: str, header: Any) -> ImageWcs:
    from astropy.wcs import WCS  # noqa: PLC0415  only where a WCS is given
    from astropy.wcs.utils import wcs_to_celestial_frame  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what astropy puts right in a header
            wcs = WCS(header).celestial
            if wcs.naxis != 2:
                raise InputError(f"the WCS of {path} is not one of the sky")
            physical = tuple(
                float(header.get(key, default))
                for key, default in (("LTM1_1", 1), ("LTV1", 0), ("LTM2_2", 1), ("LTV2", 0))
            )
            return ImageWcs(wcs, wcs_to_celestial_frame(wcs), physical)  # type: ignore[arg-type]
    except _ASTROPY_ERRORS as error:
        raise InputError(f"the WCS of {path} cannot be used: {error}") from error
