"""JTL and its sisters: one tile, rendered."""

from __future__ import annotations

from ..encoders import ENCODERS
from ..errors import NotFound
from ..geometry import half_turned
from ..images.catalog import Opened
from ..images.source import ImageInfo
from ..jobs import Job, Tile
from ..pixels.orient import orient
from ..response import Response, answer
from ..view import View
from .scene import options_of, scene_of
from .service import Service
from .watermark import marked


def serve_tile(job: Job, tile: Tile, image: Opened, service: Service) -> Response:
    """Answer with one tile.  Raises NotFound."""
    view, source = job.view, image.source
    raw = source.read_tile(tile.level, _turned(tile, view, source.info))
    pixels = service.render(raw, view, scene_of(view, source))
    pixels = marked(orient(pixels, view.flip, view.rotation), job, image, service)
    encoder = ENCODERS[tile.encoding]
    options = options_of(tile.encoding, view, source.info, service.config)
    return answer(encoder.mime, encoder.encode(pixels, options))


def _turned(tile: Tile, view: View, info: ImageInfo) -> int:
    """Return the tile to read: a half turn moves it, other turns act in place (spec 2.5)."""
    if view.rotation != 180:
        return tile.index
    if not 0 <= tile.level < len(info.levels):
        raise NotFound(f"no level {tile.level}")
    return half_turned(*info.levels[tile.level], tile.index)
