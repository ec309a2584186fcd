"""CVT: a rectangle of the image, at any size.

It is made in bands of rows, so that the memory it takes does not grow with
the answer: only the finished bytes are held whole.  A convolution sees the
rows around its band.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..encoders import ENCODERS
from ..errors import TooLarge
from ..geometry import WHOLE, Plan, Size, plan_region
from ..images.catalog import Opened
from ..images.region import RowReader, moved_inside
from ..jobs import Job, Region
from ..pixels.orient import orient
from ..pixels.scene import Bytes, Resize, rows_needed
from ..response import Response, answer, attachment
from ..view import View
from .scene import options_of, scene_of
from .service import Service

_BAND_SAMPLES = 1 << 19  # of the source or of the answer: 2 MB as float32, near the processor


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
    plan = replace(plan, source=moved_inside(plan.source, info.levels[plan.level].size))
    if plan.source.width * plan.source.height * info.channels > config.limits.max_source_samples:
        raise TooLarge("the region covers too many pixels")
    pixels = orient(_pixels(view, plan, image, service), view.flip, view.rotation)
    encoder = ENCODERS[region.encoding]
    options = replace(options_of(region.encoding, view, info, config), xmp=info.xmp)
    name = attachment("inline", _file_name(job, encoder.suffix))
    return answer(encoder.mime, encoder.encode(pixels, options), name)


def _pixels(view: View, plan: Plan, image: Opened, service: Service) -> Bytes:
    """Return the finished region, neither flipped nor turned: uint8, (rows, columns, 1 or 3)."""
    scene = scene_of(view, image.source)
    reader = RowReader(image.source, plan.level, plan.source)
    smooth = service.config.encoding.interpolation == "bilinear"
    whole = Resize(Size(plan.source.width, plan.source.height), plan.out, 0, 0, 0, smooth)
    finished = None
    for first, count in _bands(plan, image.source.info.channels):
        above, below = _neighbours(view, first, plan.out.height - first - count)
        resize = whole._replace(first=first - above, rows=above + count + below)
        top, needed = rows_needed(resize)
        raw = reader.read(top, needed)
        band = service.render(raw, view, replace(scene, resize=resize._replace(top=top)))
        if finished is None:
            finished = np.empty((plan.out.height, plan.out.width, band.shape[2]), np.uint8)
        finished[first : first + count] = band[above : above + count]
    assert finished is not None  # an answer has at least one row
    return finished


def _bands(plan: Plan, channels: int) -> Iterator[tuple[int, int]]:
    """Yield first row and number of rows of each band of the answer, from the top."""
    source, out = plan.source, plan.out
    cost = max(source.width * source.height * channels, out.width * out.height * 3)
    rows = max(1, out.height * _BAND_SAMPLES // cost)
    for first in range(0, out.height, rows):
        yield first, min(rows, out.height - first)


def _neighbours(view: View, above: int, below: int) -> tuple[int, int]:
    """Return how many rows of those above and below a convolution needs to see."""
    margin = math.isqrt(len(view.kernel)) // 2
    return min(margin, above), min(margin, below)


def _file_name(job: Job, suffix: str) -> str:
    """Return a name for the file that a client saves: the image's own, another suffix."""
    base = (job.image or "").rstrip("/").rpartition("/")[2]
    return f"{base.rpartition('.')[0] or base}.{suffix}"
