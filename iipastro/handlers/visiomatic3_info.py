"""VisiOmatic 3's INFO: the facts of an image, named as its page reads them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from ..config import Config
from ..images.catalog import Opened
from ..images.fits_cards import Value
from ..images.source import ImageInfo, ImageSource, Raw
from ..jobs import Job, VisiomaticInfo
from ..protocol.visiomatic3 import BRIGHTNESS, CONTRAST, GAMMA
from ..response import Response
from .info import header_cost, header_of, text_of
from .service import Service
from .val import finite, json_answer

_DIALECT = {"type": "visiomatic", "version": "3.0"}  # the page takes nothing else
_SATURATION = 1.5  # that the page begins with; it is the page's own affair
_UNIT = {"CD1_1": 1.0, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 1.0}
_ENOUGH = 1 << 16  # pixels of a channel of which medians are taken


def serve_visiomatic_info(
    _: Job, asked: VisiomaticInfo, image: Opened, service: Service
) -> Response:
    """Answer with what the page has to know before it shows anything.  Raises Busy."""
    info = image.source.info
    tile = info.levels[0].tile
    with service.exports.slot(max(header_cost(info), tile.width * tile.height * info.channels)):
        return json_answer(_facts(asked, image.source, service.config))


def _facts(asked: VisiomaticInfo, source: ImageSource, config: Config) -> dict[str, Any]:
    info = source.info
    header = header_of(info, config)
    return {
        **_DIALECT,
        "image_name": asked.name,
        "object_name": text_of(header, "OBJECT"),
        "full_size": info.full,
        "tile_size": info.levels[-1].tile,
        "tile_levels": len(info.levels),
        "channels": info.channels,
        "bits_per_channel": info.bits,
        "brightness": BRIGHTNESS[0],
        "contrast": CONTRAST[0],
        "color_saturation": _SATURATION,
        "gamma": GAMMA[0],
        "quality": config.encoding.jpeg_quality,
        "header": {**header, **_axes(info), **linear_part(header)},
        "images": [_image(source, {**header, **_axes(info)})],
    }


def _axes(info: ImageInfo) -> dict[str, Value]:
    """Return the cards of the axes as they are here: a level or a plane may have been chosen."""
    return {"NAXIS1": info.full.width, "NAXIS2": info.full.height, "NAXIS3": info.channels}


def _image(source: ImageSource, header: Mapping[str, Value]) -> dict[str, object]:
    """Return the one image of which the mosaic is made, from 1 to its last pixel on both axes."""
    info = source.info
    whole = [[1, info.full.width, 1], [1, info.full.height, 1]]
    planes = np.moveaxis(source.read_tile(0, 0), 2, 0)  # most of the image, in small
    background = [_background(plane) for plane in planes]
    return {
        "size": [*info.full, info.channels],
        "dataslice": whole,
        "detslice": whole,
        "background_level": [level for level, _ in background],
        "background_mad": [deviation for _, deviation in background],
        "min_max": [(finite(low), finite(high)) for low, high in info.cuts],
        "header": header,
    }


def _background(plane: Raw) -> tuple[float, float]:
    """Return the median of a channel and the median deviation from it; 0 for what is not finite.

    Of a level whose pixels are means of many, the deviation is less than that of single pixels.
    """
    every = -(-plane.size // _ENOUGH) | 1  # odd: of all columns, where they are a power of two
    samples = plane.ravel()[::every].astype(np.float64)
    valid = samples[np.isfinite(samples)]
    if not valid.size:
        return 0.0, 0.0
    with np.errstate(over="ignore"):
        median = finite(float(np.median(valid))) or 0.0
        return median, finite(float(np.median(np.abs(valid - median)))) or 0.0


def linear_part(header: Mapping[str, Value]) -> dict[str, float]:
    """Return the matrix of a header as CD cards, which are all that the page knows.

    From CD, else from PC and CDELT, else from CDELT and CROTA2 (FITS 4.0 §8.1 and 8.2;
    Calabretta & Greisen 2002, eq. 189); of a header without any of them, and where
    a member is beyond float64, the unit matrix.
    """
    scales = [_number(header, f"CDELT{axis}", 1.0) for axis in (1, 2)]
    angle = math.radians(_number(header, "CROTA2", 0.0))
    turned = (
        (scales[0] * math.cos(angle), -scales[1] * math.sin(angle)),
        (scales[0] * math.sin(angle), scales[1] * math.cos(angle)),
    )
    matrix = {}
    for row, column in product((1, 2), (1, 2)):
        place = f"{row}_{column}"
        if _has(header, "CD"):
            value = _number(header, f"CD{place}", 0.0)
        elif _has(header, "PC"):
            value = scales[row - 1] * _number(header, f"PC{place}", float(row == column))
        else:
            value = turned[row - 1][column - 1]
        matrix[f"CD{place}"] = value
    return matrix if all(map(math.isfinite, matrix.values())) else dict(_UNIT)


def _has(header: Mapping[str, Value], matrix: str) -> bool:
    return any(f"{matrix}{row}_{column}" in header for row, column in product((1, 2), (1, 2)))


def _number(header: Mapping[str, Value], keyword: str, otherwise: float) -> float:
    value = header.get(keyword)
    return otherwise if isinstance(value, bool | str | None) else float(value)
