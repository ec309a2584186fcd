"""TIL: tiles unrendered, in the container of the IIP specification."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..encoders import ENCODERS
from ..errors import NotFound, TooLarge
from ..geometry import grid_of
from ..images.catalog import Opened
from ..images.source import Raw
from ..jobs import Job, RawTiles
from ..response import IIP, Response, answer
from ..view import View
from .scene import options_of
from .service import Service

_MOST_TILES = 64
_MOST_BYTES = 64 << 20  # of decoded samples
_SUBTYPE = bytes((0, 0x11, 0, 0))
_COMPRESSION = {1: 2, 2: 3}  # by bytes of a sample


def serve_raw_tiles(job: Job, tiles: RawTiles, image: Opened, service: Service) -> Response:
    """Answer with the tiles of a rectangle, column by column (spec 2.6).

    Raises NotFound, TooLarge, Busy.
    """
    source = image.source
    if tiles.level >= len(source.info.levels):
        raise NotFound(f"no level {tiles.level}")
    size, tile = source.info.levels[tiles.level]
    indices = list(_indices(tiles, *grid_of(size, tile)))
    samples = len(indices) * tile.width * tile.height * source.info.channels
    if samples * source.info.dtype.itemsize > _MOST_BYTES:
        raise TooLarge("the tiles hold too many samples")
    with service.exports.slot(samples):
        body = b"".join(_parts(job, tiles.level, indices, image, service))
    return answer(IIP, body)


def _parts(
    job: Job, level: int, indices: Iterable[int], image: Opened, service: Service
) -> Iterator[bytes]:
    """Yield the tiles, each with its head."""
    for index in indices:
        raw = image.source.read_tile(level, index)
        data = _data(raw, job.view, image, service)
        kind = bytes((_COMPRESSION.get(raw.dtype.itemsize, 0), 0, 0, 0))
        yield f"Tile,{level},{index},0/{len(data) + 8}:".encode()
        yield kind + _SUBTYPE + data + b"\r\n"


def _indices(tiles: RawTiles, across: int, down: int) -> Iterator[int]:
    """Yield the tiles of the rectangle that two tiles span, x outer and y inner."""
    if tiles.last >= across * down:
        raise NotFound(f"no tile {tiles.last}")
    left, right = sorted((tiles.first % across, tiles.last % across))
    top, bottom = tiles.first // across, tiles.last // across
    if (right - left + 1) * (bottom - top + 1) > _MOST_TILES:
        raise TooLarge(f"more than {_MOST_TILES} tiles")
    return (y * across + x for x in range(left, right + 1) for y in range(top, bottom + 1))


def _data(raw: Raw, view: View, image: Opened, service: Service) -> bytes:
    """Return a JPEG of 8-bit grey or RGB samples as they are; all else as the file holds it."""
    if raw.dtype == np.uint8 and raw.shape[2] in (1, 3):
        plain = View(quality=view.quality)
        options = options_of("jpeg", plain, image.source.info, service.config)
        return ENCODERS["jpeg"].encode(raw, options)
    return np.ascontiguousarray(raw).tobytes()
