"""VisiOmatic 3: pictures whose cuts and mix follow from the image, pixels as FITS counts them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from ..errors import BadArgument, TooLarge
from ..geometry import Box, Plan, Size
from ..images.catalog import Opened
from ..images.places import Indices, read_places
from ..images.source import ImageInfo, ImageSource, Range
from ..jobs import ChannelColor, Composite, Cutout, FitsLine, FitsPixel, Job, Region, Tile
from ..response import Response
from ..view import Cut, View
from .region import serve_plan
from .scene import cuts_of
from .service import Service
from .tile import serve_tile
from .val import Number, Places, json_answer, lane, numbers_of

_BEYOND = 2  # sides of the image that a line may be long: a page draws past the edges


# ---- pictures


def serve_composite(job: Job, composite: Composite, image: Opened, service: Service) -> Response:
    """Answer with a tile or a rectangle.  Raises BadArgument, NotFound, TooLarge, Busy."""
    info, part = image.source.info, composite.part
    view = completed(job.view, composite, info)
    if isinstance(part, Tile):
        return serve_tile(replace(job, view=view, output=part), part, image, service)
    plan = plan_of(part, info, service.config.limits.max_output)
    return serve_plan(replace(job, view=view, output=Region()), plan, "jpeg", image, service)


def completed(view: View, composite: Composite, info: ImageInfo) -> View:
    """Return the view with what a composite means for an image.  Raises BadArgument."""
    ranges = exposed(cuts_of(view.cuts, info), composite.brightness, composite.contrast)
    cuts = tuple(Cut(channel, *cut) for channel, cut in enumerate(ranges))
    return replace(view, cuts=cuts, mix=_mix(composite, info.channels))


def exposed(cuts: Sequence[Range], brightness: float, contrast: float) -> tuple[Range, ...]:
    """Return the cuts that show pixels brighter, and with more contrast.

    A value x of 0 to 1 between the cuts becomes contrast (x + brightness / 100),
    before channels are mixed: a straight line, so that other cuts do the same.
    A contrast of 0 shows everything as the low cut.
    """
    if (brightness, contrast) == (0, 1):
        return tuple(cuts)
    ranges = []
    for low, high in cuts:
        width = high - low
        start = low - brightness / 100 * width
        ranges.append(Range(start, start + width / contrast if contrast else np.inf))
    return tuple(ranges)


def _mix(composite: Composite, channels: int) -> tuple[tuple[float, ...], ...]:
    """Return the rows that mix the channels, red, green and blue; (): one is shown as it is."""
    channel = composite.channel
    if channel is not None and channel >= channels:
        raise BadArgument(f"no channel {channel + 1}")
    if channels == 1 and not composite.colors:
        return ()
    if channel is not None:
        return ((0.0,) * channel + (1.0,),)
    if not composite.colors:
        return ((1.0,) * channels,) * 3
    return mixed(composite.colors, channels)


def mixed(colors: Sequence[ChannelColor], channels: int) -> tuple[tuple[float, ...], ...]:
    """Return the rows of a mix in which channels between two of `colors` have colours between.

    Those before the first and behind the last one have its colour.  All are
    divided by the number of channels, and multiplied by the three of a picture.
    """
    given, *parts = np.array(colors, dtype=np.float64).T
    rows = [np.interp(np.arange(channels), given, part) * 3 / channels for part in parts]
    return tuple(tuple(row.tolist()) for row in rows)


def plan_of(cutout: Cutout, info: ImageInfo, most: int) -> Plan:
    """Return which pixels of which level a cutout is: it is never resampled.

    Raises
    ------
    BadArgument
        Outside the image, or no level is as small.
    TooLarge
        A side longer than `most` pixels.
    """
    halvings = cutout.binning.bit_length() - 1
    level = len(info.levels) - 1 - halvings
    if level < 0:
        raise BadArgument(f"no level is binned by {cutout.binning}")
    lvl = info.levels[level].size
    left, top = max(0, cutout.left >> halvings), max(0, cutout.top >> halvings)
    right = min(lvl.width, cutout.right >> halvings)
    bottom = min(lvl.height, cutout.bottom >> halvings)
    out = Size(right - left, bottom - top)
    if min(out) < 1:
        raise BadArgument("the region is outside the image")
    if max(out) > most:
        raise TooLarge(f"a side of the region is longer than {most} pixels")
    return Plan(level, Box(left, top, *out), out)


# ---- values


def serve_fits_pixel(_: Job, pixel: FitsPixel, image: Opened, service: Service) -> Response:
    """Answer with the values of a pixel; null outside the image, and for channels it has not.

    Raises TooLarge, Busy.
    """
    here = np.array([pixel.column]), np.array([pixel.row])
    with _values(here, pixel.channels, image.source, service) as (values,):
        return json_answer({"values": values})


def serve_fits_line(_: Job, line: FitsLine, image: Opened, service: Service) -> Response:
    """Answer with the pixels along a line, and their places, counted from 0, rows upwards.

    Raises BadArgument for a channel that is not there, TooLarge, Busy.
    """
    channels, full = image.source.info.channels, image.source.info.full
    if not all(0 <= channel < channels for channel in line.channels):
        raise BadArgument(f"there are channels 1 to {channels}")
    length = max(abs(last - first) for first, last in zip(line.start, line.end, strict=True))
    if length > _BEYOND * sum(full):
        raise TooLarge("the profile is too long")
    columns, rows = pixels_between(line.start, line.end)
    with _values((columns, rows), line.channels, image.source, service) as values:
        places = zip((columns - 1).tolist(), (rows - 1).tolist(), values, strict=True)
        profile = [{"x": column, "y": row, "values": numbers} for column, row, numbers in places]
        return json_answer({"profile": profile})


def pixels_between(start: tuple[int, int], end: tuple[int, int]) -> tuple[Indices, Indices]:
    """Return columns and rows of Bresenham's line: a step is a pixel further on the longer axis.

    On the other axis the nearest pixel is taken; of two, the one nearer to the end.
    """
    (column, row), (last_column, last_row) = start, end
    across, down = last_column - column, last_row - row
    length = max(abs(across), abs(down), 1)
    steps = np.arange(max(abs(across), abs(down)) + 1)
    near, far = ((2 * steps * abs(part) + length) // (2 * length) for part in (across, down))
    return column + np.sign(across) * near, row + np.sign(down) * far


@contextmanager
def _values(
    places: Places, channels: Sequence[int], source: ImageSource, service: Service
) -> Iterator[list[list[Number]]]:
    """Give the chosen channels of some pixels, and the lane in which an answer is made of them.

    Pixels are counted as FITS does.  Of those outside the image, and of
    channels that it has not, values are null.  Raises TooLarge, Busy.
    """
    (columns, rows), (width, height) = places, source.info.full
    inside = (columns >= 1) & (columns <= width) & (rows >= 1) & (rows <= height)
    found = columns[inside] - 1, height - rows[inside]
    chosen = channels or range(source.info.channels)
    numbers = len(columns) * max(len(chosen), source.info.channels)
    with lane(source, found, numbers, service):
        values = iter(_chosen(numbers_of(read_places(source, *found)), chosen))
        blank: list[Number] = [None] * len(chosen)
        yield [next(values) if here else blank for here in inside.tolist()]


def _chosen(pixels: list[list[Number]], channels: Sequence[int]) -> list[list[Number]]:
    return [
        [pixel[channel] if 0 <= channel < len(pixel) else None for channel in channels]
        for pixel in pixels
    ]
