"""Job → Response: one handler per kind of output, and what they have in common."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ..errors import Fault, NotModified
from ..images.catalog import Opened
from ..jobs import (
    GridTile,
    Job,
    Objects,
    Profile,
    RawTiles,
    Region,
    Sheet,
    Spectra,
    Tile,
)
from ..response import Response, freshness
from .objects import nothing_asked, serve_faults, serve_objects
from .profile import serve_profile
from .pyramids import serve_grid_tile, serve_sheet
from .rawtiles import serve_raw_tiles
from .region import serve_region
from .service import Service
from .spectra import serve_spectra
from .tile import serve_tile

_log = logging.getLogger("iipastro")

Handler = Callable[[Job, Any, Any, Service], Response]

HANDLERS: dict[type, Handler] = {
    Tile: serve_tile,
    GridTile: serve_grid_tile,
    Sheet: serve_sheet,
    Region: serve_region,
    Objects: serve_objects,
    Profile: serve_profile,
    Spectra: serve_spectra,
    RawTiles: serve_raw_tiles,
}

_UNKNOWN_COMMAND = "2 2"


def serve(job: Job, since: int | None, service: Service) -> Response:
    """Answer a job.

    `since` is the date of If-Modified-Since, in seconds since 1970.  Raises
    NotModified, or any other Refused.
    """
    image = None
    if job.image is not None:
        image = service.catalog.open(job.image, job.view.angles)
        if since is not None and image.source.info.modified <= since:
            raise NotModified("the client's copy is still good")
    faults = _fatal(job)
    if faults or job.output is None:
        return serve_faults(faults or [nothing_asked(job)])
    response = HANDLERS[type(job.output)](job, job.output, image, service)
    return (
        response.with_headers(*_freshness(image, service)) if response.status == 200 else response
    )


def _fatal(job: Job) -> list[Fault]:
    """Return the faults that stand against an answer.

    An unknown command does not, where something else was asked for
    (spec 11.3); an unknown object does, for text answers only.
    """
    if job.output is None:
        return list(job.faults)
    for code, argument in job.faults:
        _log.info("passed over: Error %s %s", code, argument)
    if not isinstance(job.output, Objects):
        return []
    wrong = [fault for fault in job.faults if fault.code != _UNKNOWN_COMMAND]
    return list(job.faults) if wrong else []


def _freshness(image: Opened | None, service: Service) -> tuple[tuple[str, str], ...]:
    cache_control = service.config.http.cache_control
    if image is None:
        return (("Cache-Control", cache_control),)
    return freshness(image.source.info.modified, cache_control)
