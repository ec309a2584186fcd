"""The display cuts of a TIFF file: from its tags, else from a sample of its pixels (spec 5.4).

Those of FITS files: `display_cuts`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import Unreadable
from ..geometry import grid_of
from .source import Level, Range, Raw

LARGEST = {1: 255, 8: 255, 12: 4095, 16: 65535, 32: 4294967295, 64: 2**64 - 1}  # by bits, unsigned
PERCENTILES = (0.25, 99.75)
ENOUGH_PIXELS = 256 * 256  # of the level that is sampled
MAX_TILES = 16
MAX_BYTES = 64 << 20  # of the tiles that are sampled
MAX_SAMPLES = 1 << 16  # of one channel


def tagged_cuts(
    tags: tuple[Sequence[float], Sequence[float]], dtype: np.dtype[Any], bits: int, channels: int
) -> tuple[Range, ...] | None:
    """Return the cuts that SMinSampleValue and SMaxSampleValue give.

    Parameters
    ----------
    tags : the values of the two; empty where the tag is absent.
    dtype : of the samples.
    bits : of a sample in the file.
    channels : how many cuts are returned.

    Returns
    -------
    tuple of Range, or None
        Rounded to float32. Unsigned integers: a missing value is 0, and a
        maximum of 0 is the largest number of the type. Others: None unless
        every channel has two finite and different values.
    """
    lows, highs = (_per_channel(values, channels) for values in tags)
    if dtype.kind == "u":
        largest = _float32(LARGEST[bits])
        return tuple(
            Range(low if math.isfinite(low) else 0.0, high if usable(high) else largest)
            for low, high in zip(lows, highs, strict=True)
        )
    cuts = tuple(Range(low, high) for low, high in zip(lows, highs, strict=True))
    good = all(math.isfinite(low + high) and low != high for low, high in cuts)
    return cuts if good else None


def usable(high: float) -> bool:
    """Tell whether the maximum of an unsigned channel says anything."""
    return math.isfinite(high) and high != 0


def _per_channel(values: Sequence[float], channels: int) -> list[float]:
    """Return a float32 for each channel: one for all, one for each, or zeros."""
    if len(values) not in (1, channels):
        return [0.0] * channels
    numbers = [_float32(value) for value in values]
    return numbers * channels if len(numbers) == 1 else numbers


def _float32(number: float) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.float32(number))


def sampled_cuts(
    levels: Sequence[Level], read_tile: Callable[[int, int], Raw]
) -> tuple[Range, ...]:
    """Return cuts between which 99.5 percent of the finite pixels lie, a Range for each channel.

    Looks at up to 16 tiles, evenly spread over the smallest level of at least
    256 x 256 pixels, so that the same file always gets the same cuts.  Where
    the percentiles are equal the extremes are taken; where these are equal
    too the value is halfway between the cuts.  A channel without a finite
    pixel has 0 and 1.  A tile that cannot be read is passed over; Unreadable
    is raised if none can.
    """
    number = next(
        (n for n, level in enumerate(levels) if math.prod(level.size) >= ENOUGH_PIXELS),
        len(levels) - 1,
    )
    count = math.prod(grid_of(*levels[number]))
    tiles = list(_readable(read_tile, number, count))
    total = sum(tile.shape[0] * tile.shape[1] for tile in tiles)
    step = math.isqrt((total - 1) // MAX_SAMPLES) + 1
    samples = [tile[::step, ::step] for tile in tiles]
    pixels = np.concatenate([tile.reshape(-1, tile.shape[2]) for tile in samples])
    with np.errstate(over="ignore", invalid="ignore"):  # a signalling NaN is invalid
        return tuple(_cuts_of_channel(channel) for channel in pixels.astype(np.float32).T)


def _readable(read_tile: Callable[[int, int], Raw], level: int, count: int) -> Iterator[Raw]:
    """Yield some of the `count` tiles of a level, fewer of large ones: at least one."""
    wanted, taken, failure = min(count, MAX_TILES), 0, None
    for position in range(wanted):
        try:
            tile = read_tile(level, position * count // wanted)
        except Unreadable as error:
            failure = error
            continue
        yield tile
        taken += tile.nbytes
        if taken >= MAX_BYTES:
            return
    if not taken and failure is not None:
        raise failure


def _cuts_of_channel(samples: Raw) -> Range:
    """Return the cuts of one channel: float32, one axis, not necessarily finite."""
    finite = samples[np.isfinite(samples)].astype(np.float64)  # room for their differences
    if not finite.size:
        return Range(0.0, 1.0)
    low, high = np.percentile(finite, PERCENTILES)
    if low == high:
        low, high = finite.min(), finite.max()
    if low == high:
        margin = max(1.0, abs(float(low)) / 1000)
        return Range(_float32(float(low) - margin), _float32(float(low) + margin))
    return Range(_float32(low), _float32(high))
