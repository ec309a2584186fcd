"""CVT: a rectangle of the image, at any size.

It is made in bands of rows, so that the memory it takes does not grow with
the answer: only the finished bytes are held whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..encoders import ENCODERS
from ..errors import TooLarge
from ..geometry import WHOLE, Box, Plan, Size, plan_region
from ..images.catalog import Opened
from ..images.region import read_region
from ..jobs import Job, Region
from ..pixels.orient import orient
from ..pixels.scene import Bytes, Resize, rows_needed
from ..response import Response, answer, attachment
from .scene import options_of, scene_of
from .service import Service

_BAND_PIXELS = 1 << 20  # of the source, times the channels: some megabytes for each stage


def serve_region(job: Job, region: Region, image: Opened, service: Service) -> Response:
    """Answer with a region.  Raises BadArgument, TooLarge."""
    view, info, config = job.view, image.source.info, service.config
    plan = plan_region(
        [level.size for level in info.levels],
        view.region or WHOLE,
        Size(view.width, view.height),
        config.limits.max_output,
        config.encoding.allow_upscaling,
    )
    if plan.source.width * plan.source.height > config.limits.max_source_pixels:
        raise TooLarge("the region covers too many pixels")
    pixels = np.concatenate(list(_bands(job, plan, image, service)))
    pixels = orient(pixels, view.flip, view.rotation)
    encoder = ENCODERS[region.encoding]
    options = replace(options_of(region.encoding, view, info, config), xmp=info.xmp)
    body = encoder.encode(pixels, options)
    return answer(encoder.mime, body, attachment("inline", _file_name(job, encoder.suffix)))


def _bands(job: Job, plan: Plan, image: Opened, service: Service) -> Iterator[Bytes]:
    """Yield the answer band by band; in one where a stage looks at neighbours."""
    scene = scene_of(job.view, image.source)
    source, out = plan.source, plan.out
    smooth = service.config.encoding.interpolation == "bilinear"
    rows = out.height
    if not job.view.kernel:
        cost = source.width * source.height * image.source.info.channels
        rows = max(1, out.height * _BAND_PIXELS // max(1, cost))
    for first in range(0, out.height, rows):
        count = min(rows, out.height - first)
        resize = Resize(Size(source.width, source.height), out, 0, first, count, smooth)
        top, needed = rows_needed(resize)
        band = Box(source.left, source.top + top, source.width, needed)
        raw = read_region(image.source, plan.level, band)
        yield service.render(raw, job.view, replace(scene, resize=resize._replace(top=top)))


def _file_name(job: Job, suffix: str) -> str:
    """Return a name for the file that a client saves: the image's own, another suffix."""
    base = (job.image or "").rpartition("/")[2]
    return f"{base.rpartition('.')[0] or base}.{suffix}"
