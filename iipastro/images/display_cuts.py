"""Display cuts of an image that says nothing of its own, from a sample of its pixels (spec 5.7).

The same for a FITS file that is served as it is and for one that is converted:
STIFF's GREYLEVEL below and its QUANTILE above.  What they do was measured with
STIFF 2.4 and 2.7.1.  The sample is a grid over the whole image, the same each time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..geometry import Size
from .source import Range, Raw

MAX_SAMPLES = 1 << 20  # of a channel
ALL_SAMPLES = 1 << 23  # of all channels
FEWEST = 1 << 12  # of a channel, however many there are
MAX_READ = 1 << 24  # values of the rows that are read, and rows at PLACES at least
GROUP = 8  # rows read together, at most ...
PLACES = 64  # ... unless there are fewer groups than these
LOW_LEVEL, HIGH_LEVEL = 0.001, 0.999  # of GREYLEVEL and QUANTILE: STIFF's defaults

Samples = np.ndarray[Any, np.dtype[np.float32]]  # of one channel, one axis
Read = Callable[[int, int], Raw]  # the first row, and how many → (rows, columns, channels)


def display_cuts(size: Size, channels: int, read: Read) -> tuple[Range, ...]:
    """Return the cuts of each channel; `read` is called as `sample` calls it."""
    return tuple(cuts_of(ordered(samples)) for samples in sample(size, channels, read))


def cuts_of(samples: Samples) -> Range:
    """Return the cuts that finite samples in ascending order give; 0 and 1 without any."""
    if not samples.size:
        return Range(0.0, 1.0)
    high = high_quantile(samples, HIGH_LEVEL)
    return apart(greylevel(median(samples), high, LOW_LEVEL), high)


def sample(size: Size, channels: int, read: Read) -> list[Samples]:
    """Return some pixels of each channel as float32, not sorted, with what is not finite.

    About a million of a channel at most.  Groups of rows, as compressed images
    cost by the group, at 64 places or more; of each group every n-th pixel,
    shifted from group to group so that no column of a detector is looked at
    alone.  Of wide images fewer rows are read, and more of each: 64 MB of
    float32 in all, unless 64 rows are more.
    """
    width, height = size
    row_step, step = _steps(size, channels)
    group = max(1, min(GROUP, height // (row_step * PLACES)))
    pieces = []
    for number, top in enumerate(range(0, height, row_step * group)):
        rows = read(top, min(group, height - top))
        start = (7 * number) % min(step, width)
        pieces.append(rows[:, start::step].reshape(-1, channels).T.copy())  # not a view of rows
    with np.errstate(over="ignore", invalid="ignore"):  # a signalling NaN is invalid
        return list(np.concatenate(pieces, axis=1).astype(np.float32, copy=False))


def _steps(size: Size, channels: int) -> tuple[int, int]:
    """Return of how many rows one is read, and of how many pixels of it one is taken."""
    width, height = size
    wanted = max(FEWEST, min(MAX_SAMPLES, ALL_SAMPLES // channels))
    step = math.isqrt((width * height - 1) // wanted) + 1
    most_rows = max(PLACES, MAX_READ // (width * channels))
    if -(-height // step) <= most_rows:
        return step, step
    row_step = -(-height // most_rows)
    return row_step, max(1, -(-(width * height) // (row_step * wanted)))


def ordered(samples: Samples, ignore: float | None = None) -> Samples:
    """Return the finite samples but for those of one value, in ascending order."""
    finite = samples[np.isfinite(samples)]
    if ignore is not None:
        finite = finite[finite != np.float32(ignore)]
    finite.sort()
    return finite


def apart(low: float, high: float) -> Range:
    """Return different cuts of float32: of equal ones, the value lies halfway."""
    largest = float(np.finfo(np.float32).max)
    low, high = (float(np.float32(max(-largest, min(largest, cut)))) for cut in (low, high))
    if low != high:
        return Range(low, high)
    margin = max(1.0, abs(low) / 1000)
    return apart(low - margin, high + margin)


# ---- the rules: samples, finite and in ascending order, and a level → a cut


def median(samples: Samples) -> float:
    """Return the middle one, the upper one of two."""
    return float(samples[samples.size // 2])


def greylevel(sky: float, high: float, level: float) -> float:
    """Return the low cut at which the background has the grey `level` of 0 to 1.

    STIFF's GREYLEVEL: (sky - low) / (high - low) = level, before gamma; the
    background is the median of the pixels.
    """
    return (sky - level * high) / (1 - level)


def low_quantile(samples: Samples, level: float) -> float:
    """Return the `level` quantile of the fainter half of the pixels, as STIFF's QUANTILE does."""
    return float(samples[_rank(level, samples.size // 2)])


def high_quantile(samples: Samples, level: float) -> float:
    """Return the `level` quantile of the brighter half of the pixels, as STIFF's QUANTILE does.

    0.999 leaves one pixel of 2000 above.
    """
    half = samples.size // 2
    return float(samples[half + _rank(level, samples.size - half)])


def _rank(level: float, count: int) -> int:
    """Return the nearest rank, from 0, of a quantile of `count` samples."""
    return int(level * max(0, count - 1) + 0.5)
