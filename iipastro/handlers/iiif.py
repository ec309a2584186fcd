"""IIIF: a region of the image at a size, and the headers that tell where it is."""

from __future__ import annotations

from ..encoders import ENCODERS
from ..errors import NotFound
from ..geometry import Box, Plan, Size
from ..images.catalog import Opened
from ..images.source import ImageInfo
from ..jobs import IiifImage, IiifInfo, IiifRedirect, IiifSize, Job, Tile
from ..response import Header, Response, bodiless
from .address import PAGE
from .iiif_plan import box_of, plan_of, size_of, tile_of
from .region import serve_plan
from .service import Service
from .tile import serve_tile

CONTEXT = "http://iiif.io/api/image/{}/context.json"
PROFILE = "http://iiif.io/api/image/{}/level2.json"
_HALF_TURN = 180
_QUALITIES = {"color": "default", "gray": "gray", "binary": "bitonal"}  # by the view's palette


def serve_iiif_image(job: Job, asked: IiifImage, image: Opened, service: Service) -> Response:
    """Answer with a region.  Raises BadArgument, NotFound, TooLarge, Busy.

    One that is a stored tile is served as tiles are: it waits for no export.
    """
    look_for_page(job, image)
    info = image.source.info
    plan = _plan(asked, info, service)
    index = tile_of(plan, info.levels[plan.level])
    # half a turn makes a tile of IIP another one (spec 2.5)
    if index is not None and job.view.rotation != _HALF_TURN:
        return serve_tile(job, Tile(plan.level, index, asked.encoding), image, service)
    return serve_plan(job, plan, asked.encoding, image, service)


def serve_iiif_redirect(job: Job, asked: IiifRedirect, image: Opened, service: Service) -> Response:
    """Answer with where the information is (Image API 3.0, 2).  Raises NotFound."""
    look_for_page(job, image)
    headers = ("Location", f"{asked.base}/info.json"), ("Content-Length", "0")
    return bodiless(303, *headers, *_vary(service))


def look_for_page(job: Job, image: Opened) -> None:
    """Raise NotFound for a page of an image that is no sequence: SDS says nothing there."""
    page = job.view.angles[0]
    if PAGE in (job.said or ()) and page not in image.horizontal:
        raise NotFound(f"no page {page}")


def _vary(service: Service, *names: str) -> list[Header]:
    """Return what an answer that tells an address depends on, besides its URL."""
    settings = service.config.iiif
    told = () if settings.base_url or not settings.id_header else (settings.id_header,)
    return [("Vary", ", ".join((*names, *told)))] if names or told else []


def _plan(asked: IiifImage, info: ImageInfo, service: Service) -> Plan:
    """Return which pixels make an answer.  Raises BadArgument."""
    box, out = _frames(asked, info, service)
    return plan_of(tuple(level.size for level in info.levels), box, out)


def _frames(asked: IiifImage, info: ImageInfo, service: Service) -> tuple[Box, Size]:
    """Return the region in pixels of the full image, and its size in the answer."""
    config = service.config
    upscaling = config.encoding.allow_upscaling and (asked.version == 2 or asked.size.upscaled)
    box = box_of(info.full, asked.region)
    return box, size_of(box, asked.size, config.limits.max_output, upscaling)


def headers_of_image(job: Job, asked: IiifImage, image: Opened, service: Service) -> list[Header]:
    """Return what goes with an image: its level of compliance, and the one URL of many."""
    links = [f'<{PROFILE.format(asked.version)}>;rel="profile"']
    if asked.base:
        canonical = "/".join((asked.base, *_canonical(job, asked, image.source.info, service)))
        links.insert(0, f'<{canonical}>;rel="canonical"')
    return [("Link", ", ".join(links)), *_vary(service)]


def _canonical(
    job: Job, asked: IiifImage, info: ImageInfo, service: Service
) -> tuple[str, str, str, str]:
    """Return the canonical parameters (Image API 3.0, 4.8; 2.1, 4.7)."""
    view = job.view
    box, out = _frames(asked, info, service)
    region = "full" if box[2:] == info.full else ",".join(map(str, box))
    rotation = f"{'!' if view.flip else ''}{view.rotation}"
    file = f"{_QUALITIES[view.palette]}.{ENCODERS[asked.encoding].suffix}"
    size = f"{out.width},{out.height}"
    if asked.version == 2:
        by_width = size_of(box, IiifSize(out.width), 10**9, upscaling=True)
        size = f"{out.width}," if by_width == out else size
        return region, "full" if out == box[2:] else size, rotation, file
    most = service.config.limits.max_output
    largest = size_of(box, IiifSize(), most, upscaling=False)
    caret = "^" if out.width > box.width or out.height > box.height else ""
    return region, "max" if out == largest else caret + size, rotation, file


def headers_of_info(_: Job, asked: IiifInfo, __: Opened, service: Service) -> list[Header]:
    """Return what goes with info.json: what it depends on, and its context if it is plain JSON."""
    headers = _vary(service, "Accept")
    if not asked.linked:
        context = CONTEXT.format(asked.version)
        relation = "http://www.w3.org/ns/json-ld#context"
        headers.append(("Link", f'<{context}>;rel="{relation}";type="application/ld+json"'))
    return headers
