"""SPECTRA: one pixel of every horizontal view, as XML."""

from __future__ import annotations

import math

from ..errors import BadArgument, NotFound
from ..geometry import tile_box
from ..images.catalog import Opened
from ..images.source import ImageSource, Raw
from ..jobs import Job, Spectra
from ..response import Response, answer
from .service import Service

_FULL_SCALE = {"uint8": 255.0, "uint16": 65535.0}


def serve_spectra(job: Job, spectra: Spectra, image: Opened, service: Service) -> Response:
    """Answer with a point per view: its angle and the first channel's value (spec 2.9).

    Raises BadArgument for a place outside the tile, border tiles included.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<spectra>"]
    for angle in image.horizontal:
        member = service.catalog.open(job.image or "", (angle, job.view.angles[1]))
        _check(spectra, member.source)
        tile = member.source.read_tile(spectra.level, spectra.index)
        lines += _point(angle, _reflectance(tile, spectra))
    lines.append("</spectra>")
    return answer("application/xml", ("\n".join(lines)).encode())


def _check(spectra: Spectra, source: ImageSource) -> None:
    levels = source.info.levels
    if not 0 <= spectra.level < len(levels):
        raise NotFound(f"no level {spectra.level}")
    box = tile_box(*levels[spectra.level], spectra.index)
    if spectra.column >= box.width or spectra.row >= box.height:
        raise BadArgument("x and y are outside the tile")


def _reflectance(tile: Raw, spectra: Spectra) -> float:
    value = tile[spectra.row, spectra.column, 0]
    return float(value) / _FULL_SCALE.get(tile.dtype.name, 1.0)


def _point(angle: int, reflectance: float) -> list[str]:
    value = f"{reflectance:f}" if math.isfinite(reflectance) else ""
    return [
        "\t<point>",
        f"\t\t<wavelength>{angle}</wavelength>",
        f"\t\t<reflectance>{value}</reflectance>",
        "\t</point>",
    ]
