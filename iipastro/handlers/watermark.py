"""The mark on pictures: which of them get it, and from where the lot is drawn."""

from __future__ import annotations

from random import Random

from ..config.sections.watermark import Watermark
from ..images.catalog import Opened
from ..jobs import Composite, GridTile, IiifImage, Job, Region, Tile
from ..pixels.scene import Bytes
from ..pixels.watermark import scatter
from .caches import subject_of
from .rules import for_image
from .service import Service

_PICTURES = (Tile, GridTile, Region, Composite, IiifImage)


def marked(pixels: Bytes, job: Job, image: Opened, service: Service) -> Bytes:
    """Return finished pixels with the mark, if they get one: called just before every encoding.

    `pixels` is written over, unless it is read-only.
    """
    probability = chance_of_mark(job, service)
    if service.mark is None or not probability:
        return pixels
    settings = service.config.watermark
    pixels = pixels if pixels.flags.writeable else pixels.copy()
    lot = _lot_of(job, image, service) if settings.cache else service.lot
    return scatter(pixels, service.mark, settings.spacing, probability, lot)


def is_drawn_by_lot(job: Job, service: Service) -> bool:
    """Return whether the same request may be answered with other bytes the next time."""
    return not service.config.watermark.cache and chance_of_mark(job, service) > 0


def chance_of_mark(job: Job, service: Service) -> float:
    """Return how often an answer gets the mark, 0 to 1: part of what the answer is."""
    settings: Watermark = service.config.watermark
    if service.mark is None or not isinstance(job.output, _PICTURES):
        return 0.0
    return for_image(settings.rules, job.image or "", settings.probability)


def _lot_of(job: Job, image: Opened, service: Service) -> Random:
    """Return a generator that draws the same for the same answer, in every worker.

    What is kept under one key has one content, whoever made it.
    """
    seed = repr((service.fingerprint, subject_of(job, image, service.config)))
    return Random(seed)  # noqa: S311  no secret
