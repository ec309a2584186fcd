"""PFL: pixel values as the file holds them, along a row or a column."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..errors import BadArgument, TooLarge
from ..geometry import Box, Size
from ..images.catalog import Opened
from ..images.region import read_region
from ..images.source import ImageSource
from ..jobs import Job, Profile
from ..pixels.decimals import decimals
from ..response import Response, answer
from .service import Service


class Line(NamedTuple):
    """A row or a column of pixels."""

    box: Box
    level: int


def serve_profile(job: Job, profile: Profile, image: Opened, service: Service) -> Response:
    """Answer with the values as JSON; several horizontal views become an object by angle."""
    most = service.config.limits.profile_values // len(image.horizontal)
    if len(image.horizontal) == 1:
        profiles = _values(image.source, _line(profile, image.source, most))
        return answer("application/json", b'{\n\t"profile": [%b]\n}' % profiles)
    profiles = _of_views(job, image, service, lambda source: _line(profile, source, most))
    return answer("application/json", b'{\n\t"profile": %b\n}' % profiles)


def _line(profile: Profile, source: ImageSource, most_values: int) -> Line:
    """Return the pixels that are asked for.  Raises BadArgument, TooLarge.

    The longer axis is taken: VisiOmatic sends its vertical lines with ends
    that differ by one column half of the time.
    """
    levels = source.info.levels
    if not 0 <= profile.level < len(levels):
        raise BadArgument(f"no level {profile.level}")
    size = levels[profile.level].size
    left, top = profile.start
    right, bottom = profile.end or profile.start
    if not _inside(profile.start, size) or not _inside((right - 1, bottom - 1), size, -1):
        raise BadArgument("the profile leaves the image")
    across, down = right - left, bottom - top
    length = max(1, across, down)
    if length * source.info.channels > most_values:
        raise TooLarge("the profile is too long")
    shape = (length, 1) if across >= down else (1, length)
    return Line(Box(left, top, *shape), profile.level)


def _inside(place: tuple[int, int], size: Size, least: int = 0) -> bool:
    return least <= place[0] < size.width and least <= place[1] < size.height


def _of_views(
    job: Job, image: Opened, service: Service, line_of: Callable[[ImageSource], Line]
) -> bytes:
    """Return the profiles of all horizontal views, keys quoted."""
    vertical = job.view.angles[1]
    entries = []
    for angle in image.horizontal:
        member = service.catalog.open(job.image or "", (angle, vertical))
        values = _values(member.source, line_of(member.source))
        entries.append(b'\t\t"%d": [%b]' % (angle, values))
    return b"{\n%b\n\t}" % b",\n".join(entries)


def _values(source: ImageSource, line: Line) -> bytes:
    return decimals(read_region(source, line.level, line.box))
