"""The histogram of one tile, and what is made of it: cuts and tables (spec 3.5)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .levels import normalize, to_bytes
from .scene import Bytes, Cuts, Raw

Counts = np.ndarray[Any, np.dtype[np.int64]]  # (256,)

IDENTITY = tuple(range(256))
MIDDLE = 128


def histogram(raw: Raw, cuts: Cuts) -> Counts:
    """Count the pixels of each byte: the mean of the bytes of their channels, rounded.

    Parameters
    ----------
    raw : any integer or float type, (rows, columns, channels)
        Usually tile 0 of level 0.  Pixels that are NaN or infinite in some
        channel are not counted.  Not written.
    cuts : one pair per channel
        Where integers are shown over the whole range of their type, bytes are
        their upper 8 bits; otherwise bytes are those between the cuts.

    Returns
    -------
    int64, (256,)
        All 0 for an empty tile.
    """
    shift = _upper_bits(raw.dtype, cuts)
    if shift is None:
        with np.errstate(all="ignore"):
            shown = to_bytes(normalize(raw, cuts), 1)
    else:
        shown = (raw.astype(np.int64) - np.iinfo(raw.dtype).min >> shift).astype(np.uint8)
    return np.bincount(_means(shown)[_finite(raw)], minlength=256).astype(np.int64)


def _means(shown: Bytes) -> Counts:
    channels = shown.shape[2]
    means: Counts = (2 * shown.sum(axis=2, dtype=np.int64) + channels) // (2 * channels)
    return means


def _finite(raw: Raw) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(np.isfinite(raw).all(axis=2))


def _upper_bits(dtype: np.dtype[Any], cuts: Cuts) -> int | None:
    """Return the shift from an integer to its upper 8 bits; None where the cuts say otherwise."""
    if dtype.kind not in "iu":
        return None
    limits = np.iinfo(dtype)
    whole = all(low == limits.min and high == float(limits.max) for low, high in cuts)
    return limits.bits - 8 if whole else None


def stretch_cuts(counts: Counts, cuts: Cuts, dtype: np.dtype[Any]) -> Cuts:
    """Return cuts at the first and the last byte that occurs, for all channels (CNT=stretch).

    `cuts` and `dtype` are those that `counts` was made with.  With fewer than
    two different bytes nothing can be stretched: `cuts` stay.
    """
    filled = np.flatnonzero(counts)
    if filled.size < 2:
        return cuts
    first, last = int(filled[0]), int(filled[-1])
    shift = _upper_bits(dtype, cuts)
    if shift is not None:
        least = int(np.iinfo(dtype).min)
        return (((first << shift) + least, (last << shift) + least),) * len(cuts)
    return tuple(
        (low + (high - low) * first / 255, low + (high - low) * last / 255) for low, high in cuts
    )


def equalize_table(counts: Counts) -> tuple[int, ...]:
    """Return the table that makes all bytes about equally frequent (CNT=eq).

    round(255 / total * (sum up to the byte - sum at the first byte / total)).
    With fewer than two different bytes: no change.
    """
    filled = np.flatnonzero(counts)
    if filled.size < 2:
        return IDENTITY
    sums = np.cumsum(counts)
    total = int(sums[-1])
    levels = 255 / total * (sums - sums[filled[0]] / total)
    return tuple(int(level) for level in np.clip(np.floor(levels + 0.5), 0, 255))


def otsu_table(counts: Counts) -> tuple[int, ...]:
    """Return the table that is 0 below Otsu's threshold and 255 from it on (COL=binary).

    The threshold parts the histogram so that the variance between the two sides
    is greatest; the lowest of several.  With fewer than two different bytes: 128.
    """
    threshold = _otsu_threshold(counts) if np.count_nonzero(counts) > 1 else MIDDLE
    return tuple(0 if byte < threshold else 255 for byte in range(256))


def _otsu_threshold(counts: Counts) -> int:
    below = np.cumsum(counts)[:-1].astype(np.float64)  # pixels below threshold 1, 2, … 255
    sum_below = np.cumsum(counts * np.arange(256))[:-1].astype(np.float64)
    total, sum_total = counts.sum(), (counts * np.arange(256)).sum()
    parts = below * (total - below)
    excess = sum_below * total - sum_total * below
    between = np.divide(excess**2, parts, out=np.zeros(255), where=parts > 0)
    return int(np.argmax(between)) + 1
