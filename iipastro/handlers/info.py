"""INFO: what is known of an image, as JSON."""

from __future__ import annotations

from typing import Any

from .. import __version__
from ..images.catalog import Opened
from ..images.fits_cards import Value
from ..images.metadata import values_of
from ..images.source import ImageInfo, Level, Range
from ..jobs import Info, Job
from ..response import Response
from .scene import cuts_of
from .service import Service
from .val import finite, json_answer


def serve_info(job: Job, _: Info, image: Opened, __: Service) -> Response:
    """Answer with the facts of the image; its cuts as MINMAX before left them.

    The name of the image is not among them: the same answer is kept for all its names.
    """
    info = image.source.info
    header = header_of(info)
    texts = {name: text.decode("utf-8", "replace") for name, text in info.metadata.items()}
    if header:
        del texts["subject"]
    return json_answer(
        {
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
    )


def header_of(info: ImageInfo) -> dict[str, Value]:
    """Return the FITS header that came with an image, by keyword; a number is finite or None."""
    values = values_of(info.metadata.get("subject", b""))
    return {
        keyword: finite(value) if isinstance(value, float) else value
        for keyword, value in values.items()
    }


def unit_of(header: dict[str, Value]) -> str | None:
    """Return the unit of the pixels (FITS 4.0 §4.4.2.5); None where the header has none."""
    return str(header.get("BUNIT", "")).strip() or None


def _level(level: Level) -> dict[str, int]:
    return {
        "width": level.size.width,
        "height": level.size.height,
        "tile_width": level.tile.width,
        "tile_height": level.tile.height,
    }


def _channels(header: dict[str, Value], cuts: tuple[Range, ...]) -> list[dict[str, Any]]:
    unit = unit_of(header)
    return [
        {
            "name": str(header.get(f"CHAN{number:04d}", "")).strip() or None,
            "unit": unit,
            "low": finite(low),
            "high": finite(high),
        }
        for number, (low, high) in enumerate(cuts, 1)
    ]
