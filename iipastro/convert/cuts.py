"""Display cuts of what is converted, from a sample of each channel (spec 5.7).

STIFF's rules by their names: what they do was measured with STIFF 2.4 and
2.7.1.  The sample is a grid over the whole image, the same in every run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..images.source import Range
from .source import ConvertError, Source

MAX_SAMPLES = 1 << 20  # of a channel
ALL_SAMPLES = 1 << 24  # of all channels
FEWEST = 1 << 12  # of a channel, however many there are
GROUP = 8  # rows read together, at most ...
PLACES = 64  # ... unless there are fewer groups than these
ZSCALE_SAMPLES = 10_000
ZSCALE_CONTRAST = 0.25

Samples = np.ndarray[Any, np.dtype[np.float32]]  # finite, one axis, ascending


@dataclass(frozen=True)
class Rule:
    """How black and white are chosen.  Levels: one for all channels or one for each."""

    low: str = "greylevel"  # one of LOWS
    low_levels: tuple[float, ...] = (0.001,)
    high: str = "quantile"  # one of HIGHS
    high_levels: tuple[float, ...] = (0.999,)
    sky: tuple[float, ...] = ()  # the background, for greylevel; empty: the median
    ignore: float | None = None  # a value that stands for no value, as `blank_value` does


def sample_cuts(source: Source, rule: Rule) -> tuple[Range, ...]:
    """Return the cuts of each channel, rounded to float32.

    Looks at finite pixels only, about a million of a channel at most.  Cuts
    that would be equal are moved apart, so that the value lies halfway; a
    channel without a finite pixel has 0 and 1.  Raises ConvertError for a
    rule that is not there, a level out of its range, and what `read` raises.
    """
    _check(rule, source.channels)
    columns = _sample(source)
    return tuple(
        _cuts(_ordered(samples, rule.ignore), rule, number)
        for number, samples in enumerate(columns)
    )


def _check(rule: Rule, channels: int) -> None:
    if rule.low not in LOWS or rule.high not in HIGHS:
        raise ConvertError(f"no rule {rule.low!r} and {rule.high!r} for cuts")
    for name, levels in (("low", rule.low_levels), ("high", rule.high_levels), ("sky", rule.sky)):
        if len(levels) not in (1, channels) and not (name == "sky" and not levels):
            raise ConvertError(f"{len(levels)} {name} levels for {channels} channels")
        if not all(map(math.isfinite, levels)):
            raise ConvertError(f"{name} levels are not finite")
    for method, levels in ((rule.low, rule.low_levels), (rule.high, rule.high_levels)):
        bound = LARGEST_LEVEL.get(method, math.inf)
        if bound < math.inf and not all(0 <= level <= bound for level in levels):
            raise ConvertError(f"a level of {method} is from 0 to {bound:g}")
    if rule.low == "greylevel" and max(rule.low_levels) >= 1:
        raise ConvertError("a level of greylevel is less than 1")


def _sample(source: Source) -> list[Samples]:
    """Return pixels of each channel, not sorted, with what is not finite.

    Groups of rows, as compressed images cost by the group, at 64 places or
    more; of each group every n-th pixel, shifted from group to group so that
    no column of a detector is looked at alone.
    """
    width, height = source.size
    wanted = max(FEWEST, min(MAX_SAMPLES, ALL_SAMPLES // source.channels))
    step = math.isqrt((width * height - 1) // wanted) + 1
    group = max(1, min(GROUP, height // (step * PLACES)))
    pieces = []
    for number, top in enumerate(range(0, height, step * group)):
        rows = source.read(top, min(group, height - top))
        start = (7 * number) % min(step, width)
        pieces.append(rows[:, start::step].reshape(-1, source.channels).T)
    return list(np.concatenate(pieces, axis=1))


def _ordered(samples: Samples, ignore: float | None) -> Samples:
    finite = samples[np.isfinite(samples)]
    if ignore is not None:
        finite = finite[finite != np.float32(ignore)]
    finite.sort()
    return finite


def _cuts(samples: Samples, rule: Rule, channel: int) -> Range:
    manual = rule.low == rule.high == "manual"
    if not samples.size and not manual:
        return Range(0.0, 1.0)
    high = HIGHS[rule.high](samples, _level(rule.high_levels, channel))
    level = _level(rule.low_levels, channel)
    if rule.low == "greylevel":
        sky = _level(rule.sky, channel) if rule.sky else _median(samples)
        low = greylevel(sky, high, level)
    else:
        low = LOWS[rule.low](samples, level)
    return _apart(low, high)


def _level(levels: Sequence[float], channel: int) -> float:
    return levels[channel if len(levels) > 1 else 0]


def _apart(low: float, high: float) -> Range:
    """Return different cuts of float32."""
    largest = float(np.finfo(np.float32).max)
    low, high = (float(np.float32(max(-largest, min(largest, cut)))) for cut in (low, high))
    if low != high:
        return Range(low, high)
    margin = max(1.0, abs(low) / 1000)
    return _apart(low - margin, high + margin)


# ---- the rules: samples, in ascending order, and a level → a cut


def _median(samples: Samples) -> float:
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


def percentile(samples: Samples, level: float) -> float:
    """Return a percentile, 0 to 100, of all pixels, between two of them by proportion."""
    return float(np.percentile(samples.astype(np.float64), level))


def zscale(samples: Samples) -> tuple[float, float]:
    """Return both cuts of IRAF's zscale, contrast 0.25, by astropy.visualization."""
    from astropy.visualization import ZScaleInterval  # noqa: PLC0415  takes a second

    some = samples[:: -(-samples.size // ZSCALE_SAMPLES)].astype(np.float64)
    interval = ZScaleInterval(n_samples=ZSCALE_SAMPLES, contrast=ZSCALE_CONTRAST)
    low, high = interval.get_limits(some)
    return float(low), float(high)


Method = Callable[[Samples, float], float]
HIGHS: Mapping[str, Method] = {
    "quantile": high_quantile,
    "percentile": percentile,
    "zscale": lambda samples, _: zscale(samples)[1],
    "manual": lambda _, level: level,  # a pixel value
}
LOWS: Mapping[str, Method] = {
    "greylevel": lambda _, level: level,  # needs the high cut: see _cuts
    "quantile": low_quantile,
    "percentile": percentile,
    "zscale": lambda samples, _: zscale(samples)[0],
    "manual": lambda _, level: level,  # a pixel value
}
LARGEST_LEVEL = {"greylevel": 1.0, "quantile": 1.0, "percentile": 100.0}
