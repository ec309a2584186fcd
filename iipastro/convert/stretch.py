"""Pixels as they are to look: cut, stretched, and put into 8 or 16 bits (burnt in).

The curves are astropy's: `astropy.visualization`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .encode import Pixels
from .source import ConvertError, Floats

Curve = Callable[[Floats], Any]  # of values from 0 to 1


class Stretch(NamedTuple):
    """How values between the cuts become brightness."""

    name: str = "gamma"  # of CURVES, or "lupton"
    strength: float | None = None  # what it means depends on the curve; None is the usual one


class CurveKind(NamedTuple):
    """A curve by the class that makes it."""

    make: Callable[[float], Curve]
    usual: float  # the strength where none is given


def _linear(_: float) -> Curve:
    from astropy.visualization import LinearStretch  # noqa: PLC0415  slow to load

    curve: Curve = LinearStretch()
    return curve


def _gamma(gamma: float) -> Curve:
    from astropy.visualization import PowerStretch  # noqa: PLC0415  slow to load

    curve: Curve = PowerStretch(1 / gamma)
    return curve


def _asinh(softening: float) -> Curve:
    from astropy.visualization import AsinhStretch  # noqa: PLC0415  slow to load

    curve: Curve = AsinhStretch(softening)
    return curve


CURVES = {
    "linear": CurveKind(_linear, 1.0),
    "gamma": CurveKind(_gamma, 2.2),
    "asinh": CurveKind(_asinh, 0.1),
}
LUPTON, LUPTON_Q, LARGEST_Q = "lupton", 8.0, 500.0
BEYOND = 1e6  # times the span of the cuts: brighter than any white, and still a number


def make_stretch(
    stretch: Stretch, cuts: Sequence[tuple[float, float]], dtype: str
) -> Callable[[Floats], Pixels]:
    """Return what makes float32 (rows, columns, channels) into `dtype` of the same shape.

    Parameters
    ----------
    stretch : "gamma": the power 1/γ. "asinh": astropy's, with the softening a.
        "lupton": Lupton et al. (2004, PASP 116, 133) with their Q, for three
        channels, red first, of 8 bits; the brightness reaches white at the high cuts.
    cuts : of each channel; black and white.  Equal ones: below is black, else white.
    dtype : "uint8" or "uint16".

    NaN becomes black.  Raises ConvertError for a stretch that does not fit.
    """
    strength = stretch.strength
    if strength is not None and not (math.isfinite(strength) and strength > 0):
        raise ConvertError("the strength of a stretch is a number above 0")
    if stretch.name == LUPTON:
        return _lupton(LUPTON_Q if strength is None else strength, cuts, dtype)
    kind = CURVES[stretch.name]
    curve, white = kind.make(kind.usual if strength is None else strength), np.iinfo(dtype).max

    def shown(pixels: Floats) -> Pixels:
        bright = curve(np.clip(within(pixels, cuts), 0, 1))
        levels: Pixels = np.rint(bright * np.float32(white)).astype(dtype)
        return levels

    return shown


def within(pixels: Floats, cuts: Sequence[tuple[float, float]]) -> Floats:
    """Return pixels scaled so that the cuts are 0 and 1, in float32; NaN becomes 0."""
    lows = np.array([low for low, _ in cuts])
    spans = np.array([high for _, high in cuts]) - lows
    with np.errstate(all="ignore"):
        scaled = (pixels - lows) / spans
    scaled[np.isnan(scaled)] = 0
    values: Floats = np.clip(scaled, -BEYOND, BEYOND).astype(np.float32)
    return values


def _lupton(
    q: float, cuts: Sequence[tuple[float, float]], dtype: str
) -> Callable[[Floats], Pixels]:
    if len(cuts) != 3:
        raise ConvertError(f"Lupton's stretch is for three channels, not {len(cuts)}")
    if dtype != "uint8":
        raise ConvertError("Lupton's stretch makes 8 bits")
    if q > LARGEST_Q:
        raise ConvertError(f"the Q of Lupton's stretch is {LARGEST_Q:g} at most")
    from astropy.visualization import make_lupton_rgb  # noqa: PLC0415  slow to load

    # astropy's curve is 0.1 asinh(Q x / linear) / asinh(0.1 Q): 1 at the high cut, where x is 1
    linear = q / math.sinh(10 * math.asinh(q / 10))

    def shown(pixels: Floats) -> Pixels:
        red, green, blue = np.moveaxis(within(pixels, cuts), 2, 0)
        with np.errstate(all="ignore"):  # it divides by the brightness, which may be 0
            return np.asarray(make_lupton_rgb(red, green, blue, stretch=linear, Q=q))

    return shown
