"""Everything after the mixing as one step function, built from the plain chain itself.

After the mixing, and without convolution, a byte depends on one float32
alone: gamma or logarithm, inversion, colour map, contrast, truncation, table.
Such a function has a few hundred steps.

Goal: the exact float32 at which each step begins, so that a look-up gives what
the plain chain gives.  Plan: between the bends of the curve every channel of
the plain chain rises or falls, so two values with equal bytes have only such
bytes between them; an interval whose ends differ is halved until its ends are
neighbours.  Guesses from real arithmetic make the first intervals short.
Limit: where the library's power is not monotone to the last bit, one of several
crossings is found: bytes differ by one level, over a few neighbouring floats.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..view import View
from . import color, pipeline
from .scene import Bytes, Pixels, Scene

Places = np.ndarray[Any, np.dtype[np.int32]]
Firsts = np.ndarray[Any, np.dtype[np.uint16]]
Order = np.ndarray[Any, np.dtype[np.int64]]  # floats by rank: -1 is -0.0, 0 is 0.0

MAGNITUDE = 0x7FFFFFFF  # the bits of a float32 without its sign
INFINITY = 0x7F800000


class Bins(NamedTuple):
    """Where a look-up begins: the float32 by their leading bits, positive and negative apart.

    int32, for the compiled code.  What lies outside falls into the bins at the ends.
    """

    shift: np.int32  # how many bits of a float32 are dropped
    base: np.int32  # the rest of the bits, where bin 0 of the positive begins
    half: np.int32  # how many there are for each sign


# 1024 for each octave from 2**-14 to 2**3: 70 kB of 16-bit numbers
BINS = Bins(np.int32(23 - 10), np.int32((127 - 14) << 10), np.int32((14 + 3) << 10))

# How far, in floats, a step is looked for from where it is guessed: most are within 2, those of
# 1 - x with small x further off.  Fewer than these take more halvings, more of them a longer sort.
NEARBY = np.array([-256, -32, -8, -3, -1, 0, 1, 3, 8, 32, 256])


class Curve(NamedTuple):
    """What makes the bytes of a value: the part of a view that follows the mixing."""

    contrast: float
    gamma: float
    logarithmic: bool
    inverted: bool
    colormap: str | None
    palette: str
    table: tuple[int, ...] | None
    copies: int = 1  # how often the bytes are repeated: 3 for grey in RGB


class Steps(NamedTuple):
    """A step function of one float32.  Shared: nothing in it is written to."""

    bins: Places  # the three numbers of BINS
    first: Firsts  # per bin: the step of its lowest value
    edges: Pixels  # where step 1, 2, … begins; then NaN, which no value reaches
    colors: Bytes  # (steps + 1, channels): the bytes of each step; in the last row those of NaN


# What the compiled code is given, in plain tuples: those with names take 1 us more to get there.
# The tone: power, sign, offset and gain of ((value ** power) * sign + offset) * gain, then the
# bits of the least and of the greatest value that are raised.  Power 0: the steps are looked up.
Tone = tuple[np.float32, np.float32, np.float32, np.float32, np.int32, np.int32]
Tables = tuple[Places, Firsts, Pixels, Bytes]  # Steps
Finish = tuple[Tone, Tables]


def curve_of(view: View, scene: Scene, copies: int = 1) -> Curve:
    """Return what of a view and a scene acts on single values."""
    return Curve(
        view.contrast,
        view.gamma,
        view.logarithmic,
        view.inverted,
        view.colormap,
        view.palette,
        scene.table,
        copies,
    )


@lru_cache(maxsize=64)
def steps_of(curve: Curve) -> Steps:
    """Return the step function that is the plain chain of `curve`.

    About 0.1 ms with a gamma, 0.5 ms with a colour map; kept for the last 64 curves.
    """
    order = _edges(curve)
    edges = np.append(_floats(order), np.float32(np.nan)).astype(np.float32)
    starts = _floats(np.concatenate([[-INFINITY - 1], order]))
    values = np.append(starts, np.float32(np.nan))
    colors = _shown(values, view_of(curve), Scene((), table=curve.table))
    last = 2 * BINS.half - 1
    spans = np.diff(np.concatenate([[-1], bins_of(edges[:-1]), [last]]))
    first = np.repeat(np.arange(len(edges), dtype=np.uint16), spans)
    steps = Steps(np.array(BINS), first, edges, np.repeat(colors, curve.copies, axis=1))
    for part in steps:
        part.flags.writeable = False
    return steps


def bins_of(values: Pixels) -> Order:
    """Return the bin of each value, rising with it; `kernels` counts in the same way."""
    shift, base, half = BINS
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.int32)
    bins = np.clip(((bits & MAGNITUDE) >> shift) - base, 0, half - 1).astype(np.int64)
    return np.asarray(np.where(bits >= 0, half + bins, half - 1 - bins))


# ---- the plain chain, seen as a function of one value


def view_of(curve: Curve) -> View:
    """Return the view that is this curve and nothing else."""
    return View(
        contrast=curve.contrast,
        gamma=curve.gamma,
        logarithmic=curve.logarithmic,
        inverted=curve.inverted,
        colormap=curve.colormap,
        palette=curve.palette,
    )


def _shown(values: Pixels, view: View, scene: Scene) -> Bytes:
    """Return the bytes of each value: (values, channels)."""
    shown: Bytes = pipeline.run(pipeline.FINISH, values.reshape(-1, 1, 1), view, scene)
    return shown[:, 0]


def _floats(order: Order) -> Pixels:
    """Return the float32 of each rank."""
    order = np.asarray(order, dtype=np.int64)
    bits = np.where(order >= 0, order, ~order | np.int64(0x80000000)).astype(np.uint32)
    return bits.view(np.float32)


def _order(values: Pixels) -> Order:
    """Return the rank of each float32, so that neighbours differ by 1."""
    bits = values.view(np.uint32).astype(np.int64)
    return np.where(bits <= MAGNITUDE, bits, ~(bits & MAGNITUDE))


# ---- where the steps begin


def _edges(curve: Curve) -> Order:
    """Return, rising, the ranks of the values at which the bytes change.

    Greyscale and table are left out: they act on bytes, and may join steps,
    never make new ones.
    """
    view, scene = view_of(curve._replace(palette="color")), Scene(())
    points = _guesses(curve)
    shown = _shown(_floats(points), view, scene)
    spans = _changing(Spans(points[:-1], points[1:], shown[:-1], shown[1:]))
    found = [np.empty(0, dtype=np.int64)]
    while spans.lower.size:
        wide = spans.upper - spans.lower > 1
        found.append(spans.upper[~wide])
        spans = _chosen(spans, wide)
        middle = (spans.lower + spans.upper) // 2
        at_middle = _shown(_floats(middle), view, scene)
        left = spans._replace(upper=middle, at_upper=at_middle)
        right = spans._replace(lower=middle, at_lower=at_middle)
        spans = _joined(_changing(left), _changing(right))
    return np.sort(np.concatenate(found))


class Spans(NamedTuple):
    """Intervals of ranks, and the bytes at their ends."""

    lower: Order
    upper: Order
    at_lower: Bytes
    at_upper: Bytes


def _changing(spans: Spans) -> Spans:
    """Return the intervals whose ends differ."""
    return _chosen(spans, (spans.at_lower != spans.at_upper).any(axis=1))


def _chosen(spans: Spans, which: np.ndarray[Any, np.dtype[np.bool_]]) -> Spans:
    lower, upper, at_lower, at_upper = spans
    return Spans(lower[which], upper[which], at_lower[which], at_upper[which])


def _joined(left: Spans, right: Spans) -> Spans:
    return Spans(
        np.concatenate([left.lower, right.lower]),
        np.concatenate([left.upper, right.upper]),
        np.concatenate([left.at_lower, right.at_lower]),
        np.concatenate([left.at_upper, right.at_upper]),
    )


def _guesses(curve: Curve) -> Order:
    """Return the ranks to begin with: both infinities, 0, 1, and near where steps should be."""
    with np.errstate(all="ignore"):
        wanted = _before(np.concatenate(_bends(curve)), curve).astype(np.float32)
    ranks = _order(wanted[np.isfinite(wanted)])[:, None] + NEARBY
    always = _order(np.array([-np.inf, -0.0, 0.0, 1.0, np.inf], dtype=np.float32))
    always = np.concatenate([always, always[3:4] + NEARBY])
    return np.sort(np.concatenate([ranks.ravel(), always]).clip(-INFINITY - 1, INFINITY))


def _bends(curve: Curve) -> list[np.ndarray[Any, np.dtype[np.float64]]]:
    """Return where the colour map bends, and where a channel should reach a new level."""
    levels = np.arange(1, 256) / (255 * curve.contrast) if curve.contrast else np.empty(0)
    pieces = color.COLORMAPS.get(curve.colormap or "", ())
    if not pieces:
        return [levels]
    bends = [np.array([piece.start for piece in pieces[1:]])]
    ends = [piece.start for piece in pieces[1:]] + [math.inf]
    for piece, end in zip(pieces, ends, strict=True):
        for slope, offset in (line for line in piece[1:] if line[0]):
            reached = (levels - offset) / slope
            bends.append(reached[(reached >= piece.start) & (reached <= end)])
    return bends


def _before(values: np.ndarray[Any, np.dtype[np.float64]], curve: Curve) -> Any:
    """Undo inversion and gamma or logarithm, in real arithmetic; NaN where there is no value."""
    if curve.inverted:
        values = 1 - values
    if curve.logarithmic:
        return (256**values - 1) / 255
    if curve.gamma == 1:
        return values
    return values ** (1 / curve.gamma) if curve.gamma else np.empty(0)
