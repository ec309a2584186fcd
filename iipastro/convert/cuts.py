"""Display cuts of what is converted, by the rule that is asked for (spec 5.7).

STIFF's rules by their names, and others.  Those of the default, and what they
look at, are the server's (`images.display_cuts`): a FITS file looks the same
served as it is and converted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..images.display_cuts import (
    HIGH_LEVEL,
    LOW_LEVEL,
    Samples,
    apart,
    greylevel,
    high_quantile,
    low_quantile,
    median,
    ordered,
    sample,
)
from ..images.source import Range
from .source import ConvertError, Source

ZSCALE_SAMPLES = 10_000
ZSCALE_CONTRAST = 0.25
WITHOUT_LEVEL = frozenset({"zscale"})


@dataclass(frozen=True)
class Rule:
    """How black and white are chosen.  Levels: one for all channels or one for each.

    Methods of WITHOUT_LEVEL need none.
    """

    low: str = "greylevel"  # one of LOWS
    low_levels: tuple[float, ...] = (LOW_LEVEL,)
    high: str = "quantile"  # one of HIGHS
    high_levels: tuple[float, ...] = (HIGH_LEVEL,)
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
    channels = sample(source.size, source.channels, source.read)
    return tuple(
        _cuts(ordered(samples, rule.ignore), rule, number)
        for number, samples in enumerate(channels)
    )


def _check(rule: Rule, channels: int) -> None:
    if rule.low not in LOWS or rule.high not in HIGHS:
        raise ConvertError(f"no rule {rule.low!r} and {rule.high!r} for cuts")
    for name, levels, optional in (
        ("low", rule.low_levels, rule.low in WITHOUT_LEVEL),
        ("high", rule.high_levels, rule.high in WITHOUT_LEVEL),
        ("sky", rule.sky, True),
    ):
        if len(levels) not in (1, channels) and (levels or not optional):
            raise ConvertError(f"{len(levels)} {name} levels for {channels} channels")
        if not all(map(math.isfinite, levels)):
            raise ConvertError(f"{name} levels are not finite")
    for method, levels in ((rule.low, rule.low_levels), (rule.high, rule.high_levels)):
        bound = LARGEST_LEVEL.get(method, math.inf)
        if bound < math.inf and not all(0 <= level <= bound for level in levels):
            raise ConvertError(f"a level of {method} is from 0 to {bound:g}")
    if rule.low == "greylevel" and max(rule.low_levels) >= 1:
        raise ConvertError("a level of greylevel is less than 1")


def _cuts(samples: Samples, rule: Rule, channel: int) -> Range:
    manual = rule.low == rule.high == "manual"
    if not samples.size and not manual:
        return Range(0.0, 1.0)
    high = HIGHS[rule.high](samples, _level(rule.high_levels, channel))
    level = _level(rule.low_levels, channel)
    if rule.low == "greylevel":
        sky = _level(rule.sky, channel) if rule.sky else median(samples)
        low = greylevel(sky, high, level)
    else:
        low = LOWS[rule.low](samples, level)
    return apart(low, high)


def _level(levels: Sequence[float], channel: int) -> float:
    if not levels:
        return math.nan  # the method looks at none: see _check
    return levels[channel if len(levels) > 1 else 0]


# ---- the rules that are only here: finite samples in ascending order, and a level → a cut


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
