"""Extensions that are parts of one image, placed by DETSEC and DATASEC or by WCS.

DETSEC, DATASEC and CCDSUM as NOAO's mosaic cameras write them (IRAF mscred):
``[x1:x2,y1:y2]``, from 1, both ends included, downwards where a readout is
turned round.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..geometry import Size
from .hdus import MAX_SIDE, Hdu
from .header import Header, replaced
from .planes import Plane
from .source import ConvertError, Floats
from .wcs import Linear, corners, linear_of, mapped

SECTION = re.compile(r"\[ *([0-9]{1,9}) *: *([0-9]{1,9}) *, *([0-9]{1,9}) *: *([0-9]{1,9}) *\]")
BINNING = re.compile(r" *([1-9][0-9]?)[ ,]+([1-9][0-9]?) *")
MOST_EMPTY = 16  # times the pixels of all parts: what the mosaic may have
MOST_OFF = 1.0  # pixels that a corner may lie beside its place


class Rect(NamedTuple):
    """A rectangle of pixels in the order of FITS, from 0."""

    column: int
    row: int
    width: int
    height: int


class Part(NamedTuple):
    """Which pixels of a plane lie where in the mosaic."""

    plane: Plane
    source: Rect
    column: int
    row: int
    flip_columns: bool = False
    flip_rows: bool = False


class MosaicPlane:
    """Parts side by side.  Between them there is NaN; where they overlap the last one counts."""

    def __init__(self, parts: Sequence[Part], name: str):
        self._parts = _from_origin(parts)
        width = max(part.column + part.source.width for part in self._parts)
        height = max(part.row + part.source.height for part in self._parts)
        self.size = Size(width, height)
        pixels = sum(part.source.width * part.source.height for part in self._parts)
        if max(self.size) > MAX_SIDE or width * height > MOST_EMPTY * pixels:
            raise ConvertError(f"{name}: a mosaic of {width} x {height} pixels, almost all empty")

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts, placed from 0 on."""
        return self._parts

    def read_into(self, target: Floats, row: int, column: int) -> None:
        """Fill `target` with the pixels from there on."""
        rows, columns = target.shape
        target[...] = np.nan
        for part in self._parts:
            first, end = max(row, part.row), min(row + rows, part.row + part.source.height)
            left = max(column, part.column)
            right = min(column + columns, part.column + part.source.width)
            if first < end and left < right:
                view = target[first - row : end - row, left - column : right - column]
                _read_part(part, view, first - part.row, left - part.column)


def _from_origin(parts: Sequence[Part]) -> tuple[Part, ...]:
    left, low = min(part.column for part in parts), min(part.row for part in parts)
    return tuple(part._replace(column=part.column - left, row=part.row - low) for part in parts)


def _read_part(part: Part, view: Floats, row: int, column: int) -> None:
    """Fill `view` with what lies `row` and `column` pixels inside the part."""
    source, (rows, columns) = part.source, view.shape
    if part.flip_rows:
        row, view = source.height - row - rows, view[::-1]
    if part.flip_columns:
        column, view = source.width - column - columns, view[:, ::-1]
    part.plane.read_into(view, source.row + row, source.column + column)


# ---- by DETSEC


def parts_by_detector(hdus: Sequence[Hdu], planes: Sequence[Plane]) -> list[Part]:
    """Return the parts placed by DETSEC, DATASEC and CCDSUM.  Raises ConvertError."""
    binnings = {_binning(hdu.header) for hdu in hdus}
    if len(binnings) > 1:
        raise ConvertError(f"{hdus[0].name} and others: CCDSUM differs")
    binning = binnings.pop()
    return [_detector_part(*pair, binning) for pair in zip(hdus, planes, strict=True)]


def _binning(header: Header) -> tuple[int, int]:
    if "CCDSUM" not in header:
        return 1, 1
    match = BINNING.fullmatch(header.text("CCDSUM"))
    if match is None:
        raise ConvertError(f"{header.name}: CCDSUM is {header.text('CCDSUM')!r}")
    return int(match[1]), int(match[2])


def _section(header: Header, key: str) -> tuple[tuple[int, int], tuple[int, int]]:
    match = SECTION.fullmatch(header.text(key).strip())
    if match is None or min(map(int, match.groups())) < 1:
        raise ConvertError(f"{header.name}: {key} is {header.text(key)!r}, not [x1:x2,y1:y2]")
    return (int(match[1]), int(match[2])), (int(match[3]), int(match[4]))


def _detector_part(hdu: Hdu, plane: Plane, binning: tuple[int, int]) -> Part:
    header = hdu.header
    whole = (1, plane.size.width), (1, plane.size.height)
    data = _section(header, "DATASEC") if "DATASEC" in header else whole
    detector = _section(header, "DETSEC")
    if max(data[0]) > plane.size.width or max(data[1]) > plane.size.height:
        raise ConvertError(f"{hdu.name}: DATASEC lies outside its {plane.size} pixels")
    sides = [max(span) - min(span) + 1 for span in data]
    for side, span, binned in zip(sides, detector, binning, strict=True):
        if abs(max(span) - min(span) + 1 - side * binned) >= binned:
            raise ConvertError(f"{hdu.name}: DETSEC and DATASEC differ in size")
    flips = [(a > b) != (c > d) for (a, b), (c, d) in zip(data, detector, strict=True)]
    source = Rect(min(data[0]) - 1, min(data[1]) - 1, sides[0], sides[1])
    column, row = ((min(s) - 1) // binned for s, binned in zip(detector, binning, strict=True))
    return Part(plane, source, column, row, *flips)


# ---- by WCS


def parts_by_wcs(hdus: Sequence[Hdu], planes: Sequence[Plane]) -> list[Part]:
    """Return the parts placed to whole pixels of the first one's grid.

    Raises ConvertError for a part without coordinates of the sky, or of
    another scale, rotation or projection: a corner more than a pixel off.
    """
    first = _linear(hdus[0])
    return [
        _sky_part(hdu, plane, _linear(hdu), first) for hdu, plane in zip(hdus, planes, strict=True)
    ]


def _linear(hdu: Hdu) -> Linear:
    linear = linear_of(hdu.header)
    if linear is None:
        raise ConvertError(f"{hdu.name}: no world coordinates to place it by")
    return linear


def _sky_part(hdu: Hdu, plane: Plane, linear: Linear, first: Linear) -> Part:
    """Place the four corners in the first part's grid; where two of them come, the others must."""
    width, height = plane.size
    places = mapped(corners(plane.size), linear, first)
    low_left, high_right = places[0], places[3]
    if not np.isfinite(places).all() or np.abs(places).max() > MAX_SIDE:
        raise ConvertError(f"{hdu.name}: lies too far from the first part")
    flips = tuple(bool(end < start) for start, end in zip(low_left, high_right, strict=True))
    middle = (low_left + high_right) / 2
    column, row = (
        math.floor(centre - (side + 1) / 2 + 0.5)
        for centre, side in zip(middle, (width, height), strict=True)
    )
    off = 0.0
    for (x, y), place in zip(corners(plane.size), places, strict=True):
        wanted = (
            column + (width + 1 - x if flips[0] else x),
            row + (height + 1 - y if flips[1] else y),
        )
        off = max(off, float(np.hypot(*(place - wanted))))
    if off > MOST_OFF:
        raise ConvertError(
            f"{hdu.name}: its scale or rotation differs from the first part's:"
            f" a corner is {off:.1f} pixels off"
        )
    return Part(plane, Rect(0, 0, width, height), column, row, *flips)


# ---- the header


def reference_of(parts: Sequence[Part]) -> int:
    """Return the part whose header the mosaic has: the first one that is not turned round."""
    upright = (n for n, part in enumerate(parts) if not (part.flip_columns or part.flip_rows))
    return next(upright, 0)


def mosaic_cards(header: Header, part: Part, size: Size) -> tuple[bytes, ...]:
    """Return the cards of a part with NAXIS, CRPIX and the matrix of the mosaic."""
    numbers: dict[str, float] = {"NAXIS1": size.width, "NAXIS2": size.height}
    source = part.source
    spans = (
        (source.column, source.width, part.column, part.flip_columns),
        (source.row, source.height, part.row, part.flip_rows),
    )
    for axis, (start, side, place, flip) in enumerate(spans, 1):
        inside = header.number(f"CRPIX{axis}", 0.0) - start
        numbers[f"CRPIX{axis}"] = place + (side + 1 - inside if flip else inside)
        if flip:
            numbers.update(_turned(header, axis))
    return replaced(header.cards, numbers)


def _turned(header: Header, axis: int) -> Mapping[str, float]:
    """Return the cards of a pixel axis with the other sign: of its matrix, else of its step."""
    keys = [f"{name}{i}_{axis}" for name in ("CD", "PC") for i in (1, 2)]
    keys = [key for key in keys if key in header] or [f"CDELT{axis}"]
    return {key: -header.number(key) for key in keys if key in header}
