"""INFO: what is known of an image, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import __version__
from ..config import Config
from ..images.catalog import Opened
from ..images.fits_cards import Value
from ..images.metadata import values_of
from ..images.source import ImageInfo, Level, Range
from ..jobs import Info, Job
from ..response import Response
from .scene import cuts_of
from .service import Service
from .val import finite, json_answer

_READING = 4  # samples that are read in the time in which a byte of a header is


def serve_info(job: Job, _: Info, image: Opened, service: Service) -> Response:
    """Answer with the facts of the image; its cuts as MINMAX before left them.  Raises Busy.

    The name of the image is not among them: the same answer is kept for all its names.
    """
    info = image.source.info
    with service.exports.slot(header_cost(info)):
        return json_answer(_facts(job, image, header_of(info, service.config)))


def _facts(job: Job, image: Opened, header: dict[str, Value]) -> dict[str, Any]:
    info = image.source.info
    texts = {name: text.decode("utf-8", "replace") for name, text in info.metadata.items()}
    if header:
        del texts["subject"]
    return {
        "server": {"name": "iipastro", "version": __version__},
        "width": info.full.width,
        "height": info.full.height,
        "levels": [_level(level) for level in info.levels],
        "type": info.dtype.name,
        "bits": info.bits,
        "color": info.color,
        "channels": _channels(header, cuts_of(job.view.cuts, info)),
        "views": {"horizontal": image.horizontal, "vertical": image.vertical},
        "dots_per_metre": info.dots_per_metre,
        "texts": texts,
        "header": header,
    }


def header_of(info: ImageInfo, config: Config) -> dict[str, Value]:
    """Return the FITS header that came with an image, by keyword; a number is finite or None."""
    values = values_of(info.metadata.get("subject", b""))
    if config.images.hide_latpole:
        values.pop("LATPOLE", None)
    return {
        keyword: finite(value) if isinstance(value, float) else value
        for keyword, value in values.items()
    }


def header_cost(info: ImageInfo) -> int:
    """Return the samples that are read in the time in which the header is."""
    return len(info.metadata.get("subject", b"")) * _READING


def text_of(header: Mapping[str, Value], keyword: str) -> str:
    """Return the text of a card; an empty one where it has another value, or is not there."""
    value = header.get(keyword)
    return value.strip() if isinstance(value, str) else ""


def _level(level: Level) -> dict[str, int]:
    return {
        "width": level.size.width,
        "height": level.size.height,
        "tile_width": level.tile.width,
        "tile_height": level.tile.height,
    }


def _channels(header: dict[str, Value], cuts: tuple[Range, ...]) -> list[dict[str, Any]]:
    unit = text_of(header, "BUNIT") or None  # FITS 4.0 §4.4.2.5
    return [
        {
            "name": text_of(header, f"CHAN{number:04d}") or None,
            "unit": unit,
            "low": finite(low),
            "high": finite(high),
        }
        for number, (low, high) in enumerate(cuts, 1)
    ]
