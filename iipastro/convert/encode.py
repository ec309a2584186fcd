"""From pixels to the bytes of tiles: whole tiles, predictors, compressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import imagecodecs
import numpy as np

from .source import ConvertError

Pixels = np.ndarray[Any, np.dtype[Any]]  # (rows, columns, channels)
Encoded = bytes | bytearray | memoryview


class Compression(NamedTuple):
    """How tiles are packed."""

    code: int  # of the tag Compression
    encode: Callable[[bytes, int], Encoded]
    level: int  # the usual one, where one is not asked for
    highest: int


class Predictor(NamedTuple):
    """What is done with the samples of a row so that they pack better."""

    code: int  # of the tag Predictor
    kinds: str  # of NumPy's types, for which it is defined
    encode: Callable[[Pixels], Pixels]


def _differences(tile: Pixels) -> Pixels:
    """Return differences along rows, of the bits of the samples (TIFF 6.0 p. 64)."""
    whole = tile.view(f"<u{tile.dtype.itemsize}")
    return np.asarray(imagecodecs.delta_encode(whole, axis=1))


def _float_differences(tile: Pixels) -> Pixels:
    """Return differences of bytes, sorted by their weight (TIFF Technote 3)."""
    return np.asarray(imagecodecs.floatpred_encode(tile, axis=1))


COMPRESSIONS = {
    "none": Compression(1, lambda tile, _: tile, 0, 0),
    "lzw": Compression(5, lambda tile, _: imagecodecs.lzw_encode(tile), 0, 0),
    "deflate": Compression(
        8, lambda tile, level: imagecodecs.deflate_encode(tile, level=level), 6, 12
    ),
    "zstd": Compression(
        50000, lambda tile, level: imagecodecs.zstd_encode(tile, level=level), 3, 22
    ),
}
PREDICTORS = {
    "none": Predictor(1, "uf", lambda tile: tile),
    "horizontal": Predictor(2, "uf", _differences),
    "float": Predictor(3, "f", _float_differences),
}


class Packing(NamedTuple):
    """Names of the tables, and the level of the compression; None is the usual one."""

    compression: str = "none"
    predictor: str = "none"
    level: int | None = None


def check_packing(packing: Packing, dtype: np.dtype[Any]) -> None:
    """Raise ConvertError for what no reader could make anything of."""
    compression, predictor = COMPRESSIONS[packing.compression], PREDICTORS[packing.predictor]
    if packing.predictor != "none" and packing.compression == "none":
        raise ConvertError("a predictor is of use only with a compression")
    if dtype.kind not in predictor.kinds:
        raise ConvertError(f"the predictor {packing.predictor} is for float32")
    if packing.level is not None and not 1 <= packing.level <= compression.highest:
        raise ConvertError(
            f"the levels of {packing.compression} are 1 to {compression.highest}"
            if compression.highest
            else f"the compression {packing.compression} has no levels"
        )


def encode_tiles(pixels: Pixels, tile: int, packing: Packing) -> list[Encoded]:
    """Return the tiles of a strip, from the left.

    Parameters
    ----------
    pixels : (up to `tile` rows, any columns, channels): edge tiles are filled up with zeros.
    tile : pixels of a side.
    packing : how they are packed.

    Returns
    -------
    The bytes of each, as `packing` makes them.
    """
    tiles = whole_tiles(pixels, tile)
    if packing.compression == "none":
        return [memoryview(one).cast("B") for one in tiles]
    compression, predictor = COMPRESSIONS[packing.compression], PREDICTORS[packing.predictor]
    level = compression.level if packing.level is None else packing.level
    return [compression.encode(predictor.encode(one).tobytes(), level) for one in tiles]


def whole_tiles(pixels: Pixels, tile: int) -> Pixels:
    """Return a strip cut into whole tiles: (tiles, tile, tile, channels), little-endian, new."""
    rows, columns, channels = pixels.shape
    count, full = -(-columns // tile), columns // tile
    make = np.empty if (rows, columns) == (tile, full * tile) else np.zeros
    tiles = make((count, tile, tile, channels), dtype=pixels.dtype.newbyteorder("<"))
    inner = pixels[:, : full * tile].reshape(rows, full, tile, channels)
    tiles[:full, :rows] = inner.swapaxes(0, 1)
    if full < count:
        tiles[full, :rows, : columns - full * tile] = pixels[:, full * tile :]
    return tiles
