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

from ..config import Config
from ..encoders import ENCODERS
from ..errors import TooLarge
from ..geometry import WHOLE, Plan, Size, plan_region
from ..images.catalog import Opened
from ..images.region import RowReader, moved_inside
from ..images.shrunk import ShrunkReader, halvings_to
from ..images.source import ImageInfo, ImageSource
from ..jobs import Job, Region
from ..pixels.orient import orient
from ..pixels.scene import Bytes, Resize, rows_needed
from ..response import Header, Response, answer, attachment
from ..view import View
from .scene import options_of, scene_of
from .service import Service
from .watermark import marked

_BAND_SAMPLES = 1 << 19  # of the source or of the answer: 2 MB as float32, near the processor


def serve_region(job: Job, region: Region, image: Opened, service: Service) -> Response:
    """Answer with a region.  Raises BadArgument, TooLarge, Busy."""
    plan = _plan(job.view, image.source.info, service.config)
    return serve_plan(job, plan, region.encoding, image, service)


def serve_plan(job: Job, plan: Plan, encoding: str, image: Opened, service: Service) -> Response:
    """Answer with a rectangle of a level, which `plan` has inside it, at any size.

    `job.view` says how it is shown, flipped and turned, and says nothing of which pixels.

    Raises
    ------
    TooLarge
        It covers more pixels than the limits allow.
    Busy
        Other long answers hold all slots.
    """
    view, info, config = job.view, image.source.info, service.config
    if plan.source.width * plan.source.height * info.channels > config.limits.max_source_samples:
        raise TooLarge("the region covers too many pixels")
    encoder = ENCODERS[encoding]
    options = options_of(encoding, view, info, config)
    if isinstance(job.output, Region):  # an export takes the file's notes along, a tile does not
        options = replace(options, xmp=info.xmp)
    with service.exports.slot(_cost(plan, info.channels)):
        pixels = orient(_pixels(view, plan, image, service), view.flip, view.rotation)
        body = encoder.encode(marked(pixels, job, image, service), options)
    return answer(encoder.mime, body)


def headers_of_region(job: Job, region: Region, _: Opened, __: Service) -> list[Header]:
    """Return the header with a name for the file that a client saves: the image's own."""
    base = (job.image or "").rstrip("/").rpartition("/")[2]
    name = base.rpartition(".")[0] or base
    return [attachment("inline", f"{name}.{ENCODERS[region.encoding].suffix}")]


def _plan(view: View, info: ImageInfo, config: Config) -> Plan:
    """Return which pixels make the region.  Raises BadArgument."""
    plan = plan_region(
        [level.size for level in info.levels],
        view.region or WHOLE,
        Size(view.width, view.height),
        config.limits.max_output,
        config.encoding.allow_upscaling,
    )
    return replace(plan, source=moved_inside(plan.source, info.levels[plan.level].size))


def _cost(plan: Plan, channels: int) -> int:
    """Return the samples that are read or written, whichever are more."""
    source, out = plan.source, plan.out
    return max(source.width * source.height * channels, out.width * out.height * 3)


def _pixels(view: View, plan: Plan, image: Opened, service: Service) -> Bytes:
    """Return the finished region, neither flipped nor turned: uint8, (rows, columns, 1 or 3)."""
    scene = scene_of(view, image.source)
    reader, size = _reader(plan, image.source)
    smooth = service.config.encoding.interpolation == "bilinear"
    whole = Resize(size, plan.out, 0, 0, 0, smooth)
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


def _reader(plan: Plan, source: ImageSource) -> tuple[RowReader | ShrunkReader, Size]:
    """Return what reads the pixels that are brought to the size of the answer, and their size."""
    size = Size(plan.source.width, plan.source.height)
    halvings = halvings_to(plan.out, size) if plan.means else 0
    if not halvings:
        return RowReader(source, plan.level, plan.source), size
    reader = ShrunkReader(source, plan.level, plan.source, halvings)
    return reader, reader.size


def _bands(plan: Plan, channels: int) -> Iterator[tuple[int, int]]:
    """Yield first row and number of rows of each band of the answer, from the top."""
    height = plan.out.height
    rows = max(1, height * _BAND_SAMPLES // _cost(plan, channels))
    for first in range(0, height, rows):
        yield first, min(rows, height - first)


def _neighbours(view: View, above: int, below: int) -> tuple[int, int]:
    """Return how many rows of those above and below a convolution needs to see."""
    margin = math.isqrt(len(view.kernel)) // 2
    return min(margin, above), min(margin, below)
