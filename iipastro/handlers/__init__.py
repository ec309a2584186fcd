"""Job → Response: one handler per kind of output, and what they have in common."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import Fault
from ..images.catalog import Opened
from ..jobs import (
    Composite,
    FitsLine,
    FitsPixel,
    GridTile,
    IiifImage,
    IiifInfo,
    IiifRedirect,
    Info,
    Job,
    Objects,
    Profile,
    RawTiles,
    Region,
    Sheet,
    Spectra,
    Tile,
    Values,
    VisiomaticInfo,
)
from ..response import Header, Response, bodiless
from .doors import as_configured
from .fresh import NONE, Conditions, headers_of, is_known, state_of
from .iiif import headers_of_image, headers_of_info, serve_iiif_image, serve_iiif_redirect
from .iiif_info import serve_iiif_info
from .info import serve_info
from .objects import nothing_asked, serve_faults, serve_objects
from .profile import serve_profile
from .pyramids import serve_grid_tile, serve_sheet
from .rawtiles import serve_raw_tiles
from .recent import Answered, Known
from .region import headers_of_region, serve_region
from .service import Service
from .spectra import serve_spectra
from .tile import serve_tile
from .val import serve_values
from .visiomatic3 import serve_composite, serve_fits_line, serve_fits_pixel
from .visiomatic3_info import serve_visiomatic_info

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
    Values: serve_values,
    Info: serve_info,
    Composite: serve_composite,
    FitsPixel: serve_fits_pixel,
    FitsLine: serve_fits_line,
    VisiomaticInfo: serve_visiomatic_info,
    IiifImage: serve_iiif_image,
    IiifInfo: serve_iiif_info,
    IiifRedirect: serve_iiif_redirect,
}

HEADERS: dict[type, Callable[[Job, Any, Any, Service], Sequence[Header]]] = {
    Region: headers_of_region,
    IiifImage: headers_of_image,
    IiifInfo: headers_of_info,
}

_UNKNOWN_COMMAND = "2 2"


def serve(job: Job, conditions: Conditions, service: Service) -> Response:
    """Answer a job, out of a cache if one has the answer.  Raises Refused."""
    image = None
    if job.said is not None:
        job = as_configured(job, service.config)
    if job.image is not None:
        image = service.catalog.open(job.image, job.view.angles)
    known = service.recent.find(job, image)
    if known is not None:
        return _serve_again(known, image, conditions, service)
    faults = _fatal(job)
    if faults or job.output is None:
        return serve_faults(faults or [nothing_asked(job)])
    return _serve_first(job, image, conditions, service)


def _serve_again(
    known: Known, image: Opened | None, conditions: Conditions, service: Service
) -> Response:
    """Answer what was asked before, of a file that has not changed since."""
    if conditions is not NONE and is_known(known.state, conditions, made=True):
        return bodiless(304, *known.headers)
    if known.text is not None:
        service.answers.counts.memory += 1
        return known.text.with_headers(*known.headers)
    response = _answer(known.job, image, known.state.key, service)
    return response.with_headers(*known.headers) if response.status == 200 else response


def _serve_first(
    job: Job, image: Opened | None, conditions: Conditions, service: Service
) -> Response:
    state = state_of(job, image, service)
    if is_known(state, conditions):
        return bodiless(304, *headers_of(state), *_own_headers(job, image, service))
    response = _answer(job, image, state.key, service)
    if response.status != 200:
        return response
    state = state.with_body(response.body)
    headers = (*headers_of(state), *_own_headers(job, image, service))
    if image is not None and state.key and not job.faults:
        service.recent.keep(job, image, state, Answered(response, headers))
    if is_known(state, conditions, made=True):
        return bodiless(304, *headers)
    return response.with_headers(*headers)


def _answer(job: Job, image: Opened | None, key: str, service: Service) -> Response:
    """Return the answer without what depends on who asks, and how."""

    def make() -> Response:
        return HANDLERS[type(job.output)](job, job.output, image, service)

    return service.answers.fetch(key, make) if key else make()


def _own_headers(job: Job, image: Opened | None, service: Service) -> Sequence[Header]:
    """Return the headers that only answers of one kind have."""
    make = HEADERS.get(type(job.output))
    return make(job, job.output, image, service) if make else ()


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
