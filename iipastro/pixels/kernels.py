"""The chain compiled: normalising, mixing, resampling and the step look-up in one pass.

`render` answers what `pipeline.render` answers, bytes for bytes, but for
neighbouring floats at a step of a power law (see `lut`).  Rare stages go
through the plain chain.

Importing this compiles nothing.  `warm_up` does, once, in the parent of all
workers; without it the first picture waits for the compiler.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np

from ..geometry import Size
from ..view import View
from . import color, levels, lut, pipeline, resample
from .scene import Bytes, Cuts, Pixels, Raw, Resize, Samples, Scene

Function = TypeVar("Function", bound=Callable[..., Any])

LARGEST = np.finfo(np.float32).max  # what is greater, or no number, is no sample
ZERO = np.float32(0)
NOUGHT, MAGNITUDE = np.int32(0), np.int32(0x7FFFFFFF)  # the bits of a float32 but its sign
CHUNK = 1024
ONE, ONE_BIN = np.uint64(1), np.int32(1)

Places = np.ndarray[Any, np.dtype[np.int32]]


class Mixing(NamedTuple):
    """How samples become values.  Shared: nothing in it is written to."""

    lows: Pixels  # (channels,)
    gains: Pixels  # (channels,)
    rows: Pixels  # (values per pixel, channels)


# ---- which pictures, and with which tables


def render(raw: Raw, view: View, scene: Scene) -> Bytes:
    """Return the bytes that show `raw` as `view` asks: see `pipeline.render`."""
    if not _fusible(raw, view, scene):
        return pipeline.render(raw, view, scene)
    with np.errstate(all="ignore"):
        resize = scene.resize
        if resize and (resize.source == resize.out or not resize.smooth):
            raw, resize = resample.nearest(raw, resize), None
        if _tabulated(raw, view) and not resize:
            return lut.by_table(raw, lut.curve_of(view, scene), scene)
        return _fused(raw, view, scene, resize)


def _fusible(raw: Raw, view: View, scene: Scene) -> bool:
    """Tell whether each byte depends on one mixed value alone, by a curve that rises or falls.

    Without pixels there is nothing to compile for; NaN as a power would fill the cache of curves.
    """
    grey_of_three = view.palette != "color" and view.colormap is None
    return (
        not scene.lab
        and view.light is None
        and not view.kernel
        and not (grey_of_three and color.kept(len(view.mix) or raw.shape[2]) == 3)
        and math.isfinite(view.gamma)
        and raw.size > 0
    )


def _tabulated(raw: Raw, view: View) -> bool:
    """Tell whether a table of all raw values is small and enough."""
    return raw.dtype.kind in "iu" and raw.dtype.itemsize <= 2 and not view.mix


def _fused(raw: Raw, view: View, scene: Scene, resize: Resize | None) -> Bytes:
    mixing, copies = _mixing(scene.cuts, view.mix, view.colormap is not None)
    steps = lut.steps_of(lut.curve_of(view, scene, copies))
    height, width = (resize.rows, resize.out.width) if resize else raw.shape[:2]
    out = np.empty((height, width, len(mixing.rows) * steps.colors.shape[1]), dtype=np.uint8)
    samples = np.require(raw, dtype=np.float32, requirements=["C", "A"]).view()
    samples.flags.writeable = False  # one type for the compiler: ours and a cache's alike
    if resize:
        _show_resampled(samples, mixing, resample.samples_of(resize), steps, out)
    else:
        channels = out.shape[2]
        _show(samples.reshape(-1, raw.shape[2]), mixing, steps, out.reshape(-1, channels))
    return out


@lru_cache(maxsize=64)
def _mixing(cuts: Cuts, mix: tuple[tuple[float, ...], ...], first_only: bool) -> tuple[Mixing, int]:
    """Return how samples are mixed, and how often a value is repeated.

    Equal rows are mixed once.  `first_only`: a colour map looks at no other channel.
    """
    channels = len(cuts)
    rows = color.mix_rows(mix, channels) if mix else np.eye(min(channels, 4), channels)
    rows = rows[: 1 if first_only else color.kept(len(rows))].astype(np.float32)
    copies = 1
    if len(rows) == 3 and (rows == rows[0]).all():
        rows, copies = rows[:1], 3
    mixing = Mixing(*levels.ramps(cuts), np.ascontiguousarray(rows))
    for part in mixing:
        part.flags.writeable = False
    return mixing, copies


def warm_up() -> None:
    """Compile, or load what was compiled before.  Seconds the first time, then a tenth of one.

    What is compiled is kept beside the module or in the user's cache directory;
    where neither can be written, or the disk is full, it is kept for this process.
    """
    raw = np.zeros((2, 2, 1), dtype=np.float32)
    resize = Resize(Size(2, 2), Size(1, 1), 0, 0, 1, smooth=True)
    for kernel, scene in (
        (_show, Scene(((0, 1),))),
        (_show_resampled, Scene(((0, 1),), resize=resize)),
    ):
        with suppress(RuntimeError):  # no directory to keep it in
            cast(Any, kernel).enable_caching()
        try:
            render(raw, View(), scene)
        except OSError:  # compiled, but not kept
            render(raw, View(), scene)


# ---- compiled: float32 throughout, in the order of the plain chain, so that nothing differs.
# What is compiled is kept until this file changes: no number of another module may go into it.


def compiled(function: Function) -> Function:
    """Compile a function at its first call.  No fast mathematics: results must not differ."""
    return cast(Function, numba.njit(error_model="numpy")(function))


@compiled
def _show(samples: Raw, mixing: Mixing, steps: lut.Steps, out: Bytes) -> None:
    """Fill `out` (pixels, channels shown) with the bytes of `samples` (pixels, channels).

    A thousand pixels at a time: enough that calls cost little, few enough for
    the nearest cache.
    """
    count, chunk = samples.shape[0], min(CHUNK, samples.shape[0])
    plane, places = np.empty(chunk, np.float32), np.empty(chunk, np.int32)
    values = np.empty((mixing.rows.shape[0], chunk), np.float32)
    for start in range(0, count, chunk):
        stop = min(start + chunk, count)
        _mix(samples[start:stop], mixing, plane, values)
        _look_up(values, places, steps, out[start:stop])


@compiled
def _show_resampled(
    samples: Raw, mixing: Mixing, grid: tuple[Samples, Samples], steps: lut.Steps, out: Bytes
) -> None:
    """Fill `out` with the bytes of a picture of another size.

    Rows are mixed when they are first needed, and kept for the next row of the
    answer, which mostly needs one of the two again.
    """
    across, down = grid
    count = mixing.rows.shape[0]
    plane = np.empty(samples.shape[1], np.float32)
    near = np.empty((count, samples.shape[1]), np.float32)
    far = np.empty((count, samples.shape[1]), np.float32)
    values = np.empty((count, out.shape[1]), np.float32)
    places = np.empty(out.shape[1], np.int32)
    near_row, far_row = -1, -1
    for row in range(out.shape[0]):
        if down.near[row] == far_row:
            near, far, near_row, far_row = far, near, far_row, near_row
        if down.near[row] != near_row:
            near_row = down.near[row]
            _mix(samples[near_row], mixing, plane, near)
        if down.far[row] != far_row:
            far_row = down.far[row]
            _mix(samples[far_row], mixing, plane, far)
        _blend(near, far, across, (down.near_weight[row], down.far_weight[row]), values)
        _look_up(values, places, steps, out[row])


@compiled
def _mix(line: Raw, mixing: Mixing, plane: Pixels, values: Pixels) -> None:
    """Normalise and mix a row of pixels: `line` (columns, channels) to `values` (rows, columns)."""
    values[:] = ZERO
    for channel in range(line.shape[1]):
        if not mixing.rows[:, channel].any():
            continue
        low, gain = mixing.lows[channel], mixing.gains[channel]
        for column in range(line.shape[0]):
            sample = line[column, channel]
            scaled = (sample - low) * gain
            plane[column] = scaled if abs(sample) <= LARGEST else ZERO
        for row in range(values.shape[0]):
            weight = mixing.rows[row, channel]
            if weight != ZERO:
                for column in range(line.shape[0]):
                    values[row, column] += weight * plane[column]


@compiled
def _blend(
    near: Pixels, far: Pixels, across: Samples, weights: tuple[float, float], values: Pixels
) -> None:
    """Interpolate between two mixed rows (spec 3.2, "Resampling")."""
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            left, right = across.near[column], across.far[column]
            a, b = across.near_weight[column], across.far_weight[column]
            upper = near[row, left] * a + near[row, right] * b
            lower = far[row, left] * a + far[row, right] * b
            values[row, column] = upper * weights[0] + lower * weights[1]


@compiled
def _look_up(values: Pixels, places: Places, steps: lut.Steps, out: Bytes) -> None:
    """Write the bytes of each value: from its bin, up to the step that it has reached.

    Indices are unsigned, because signed ones are tested for being negative.
    """
    bins, first, edges, colors = steps
    channels = colors.shape[1]
    for row in range(values.shape[0]):
        line, plane = values[row], out[:, row * channels]
        _find_bins(line.view(np.int32), bins, places)
        for column in range(out.shape[0]):
            value = line[column]
            step = np.uint64(first[np.uint64(places[column])])
            while value >= edges[step]:
                step += ONE
            if value != value:  # noqa: PLR0124  (NaN)
                step = np.uint64(edges.shape[0])
            plane[column] = colors[step, 0]
            places[column] = step
        for channel in range(1, channels):
            plane = out[:, row * channels + channel]
            for column in range(out.shape[0]):
                plane[column] = colors[np.uint64(places[column]), channel]


@compiled
def _find_bins(patterns: Places, bins: lut.Bins, places: Places) -> None:
    """Write the bin of each float32, given as its bits: `lut.bins_of` in a vector."""
    shift, base, half = bins
    for column in range(patterns.shape[0]):
        pattern = patterns[column]
        place = min(max(((pattern & MAGNITUDE) >> shift) - base, NOUGHT), half - ONE_BIN)
        places[column] = half + place if pattern >= NOUGHT else half - ONE_BIN - place
