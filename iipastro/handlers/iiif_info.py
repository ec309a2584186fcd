"""info.json: what a IIIF client needs to know of an image, in versions 2.1 and 3.0."""

from __future__ import annotations

import json
import re
from typing import Any

from ..images.catalog import Opened
from ..images.source import ImageInfo
from ..jobs import IiifInfo, Job
from ..response import Response, answer
from ..view import View
from .iiif import CONTEXT, PROFILE, look_for_page
from .iiif_plan import scale_factor
from .service import Service

_PROTOCOL = "http://iiif.io/api/image"
_PHYSICAL = "http://iiif.io/api/annex/services/physdim"
_FORMATS = ["webp", "avif", "tif"]  # more than level 2 asks for
_FEATURES = ["canonicalLinkHeader", "mirroring", "profileLinkHeader"]
_CENTIMETRES = 100.0  # in a metre
_LICENCE = re.compile(r"https?://\S+")

_Document = dict[str, Any]


def serve_iiif_info(job: Job, asked: IiifInfo, image: Opened, service: Service) -> Response:
    """Answer with info.json.  Raises NotFound."""
    look_for_page(job, image)
    info = image.source.info
    document = _VERSIONS[asked.version](job, asked, info, service)
    document |= service.config.iiif.extra_info
    mime = "application/json"
    if asked.linked:
        mime = f'application/ld+json;profile="{CONTEXT.format(asked.version)}"'
    return answer(mime, json.dumps(document, indent=2).encode())


def _version_3(job: Job, asked: IiifInfo, info: ImageInfo, service: Service) -> _Document:
    """Return the document of Image API 3.0, 5."""
    config = service.config
    rights = _rights(info, config.iiif.rights)
    features = [*_FEATURES, "sizeUpscaling"] if config.encoding.allow_upscaling else _FEATURES
    document = {
        "@context": CONTEXT.format(3),
        "id": asked.base,
        "type": "ImageService3",
        "protocol": _PROTOCOL,
        "profile": "level2",
        **_sizes(info, config.limits.max_output),
        **_limits(config.limits.max_output),
        "extraQualities": _qualities(job.view, info),
        "extraFormats": _FORMATS,
        "extraFeatures": features,
    }
    if _LICENCE.fullmatch(rights):
        document["rights"] = rights
    if info.dots_per_metre is not None:
        document["service"] = [_physical(asked, info.dots_per_metre)]
    return document


def _version_2(job: Job, asked: IiifInfo, info: ImageInfo, service: Service) -> _Document:
    """Return the document of Image API 2.1, 5."""
    config = service.config
    rights = _rights(info, config.iiif.rights)
    features = [*_FEATURES, "regionSquare"]
    # in the words of version 3 what is larger needs a ^
    above = config.encoding.allow_upscaling and not (asked.of_both and config.iiif.version == 3)
    supports = [*features, "sizeAboveFull"] if above else features
    more = {
        "formats": ["jpg", "png", *_FORMATS],
        "qualities": [*_qualities(job.view, info), "default"],
        "supports": supports,
        **_limits(config.limits.max_output),
    }
    document = {
        "@context": CONTEXT.format(2),
        "@id": asked.base,
        "protocol": _PROTOCOL,
        **_sizes(info, config.limits.max_output),
        "profile": [PROFILE.format(2), more],
    }
    if rights:
        document["license" if _LICENCE.fullmatch(rights) else "attribution"] = rights
    if info.dots_per_metre is not None:
        document["service"] = [_physical(asked, info.dots_per_metre)]
    return document


_VERSIONS = {2: _version_2, 3: _version_3}


def _sizes(info: ImageInfo, most: int) -> _Document:
    """Return width and height, and the sizes and tiles that are there already."""
    levels = [level.size for level in info.levels]
    tiles: dict[tuple[int, int], list[int]] = {}
    for number in reversed(range(len(levels))):
        factor, tile = scale_factor(levels, number), info.levels[number].tile
        if factor and max(tile) <= most and all(factor not in known for known in tiles.values()):
            tiles.setdefault(tile, []).append(factor)
    return {
        "width": info.full.width,
        "height": info.full.height,
        "sizes": [size._asdict() for size in levels if max(size) <= most],
        "tiles": [
            {"width": width, "height": height, "scaleFactors": factors}
            for (width, height), factors in tiles.items()
        ],
    }


def _limits(most: int) -> _Document:
    return {"maxWidth": most, "maxHeight": most, "maxArea": most * most}


def _qualities(view: View, info: ImageInfo) -> list[str]:
    """Return the qualities besides the default one; colour only where a picture has some."""
    channels = 1 if view.light else len(view.mix) or info.channels
    colours = view.palette == "color" and (channels >= 3 or view.colormap is not None)
    return ["color", "gray", "bitonal"] if colours else ["gray", "bitonal"]


def _rights(info: ImageInfo, otherwise: str) -> str:
    """Return what the file says of its rights, or else the configuration."""
    return info.metadata.get("copyright", b"").decode("utf-8", "replace") or otherwise


def _physical(asked: IiifInfo, dots: tuple[float, float]) -> _Document:
    """Return the service that tells how large a pixel is (IIIF annex, physical dimensions)."""
    words = ("id", "type") if asked.version == 3 else ("@id", "@type")
    return {
        "@context": f"{_PHYSICAL}/1/context.json",
        words[0]: f"{asked.base}#physdim",
        words[1]: "PhysicalDimensions",
        "profile": _PHYSICAL,
        "physicalScale": _CENTIMETRES / dots[0],
        "physicalUnits": "cm",
    }
