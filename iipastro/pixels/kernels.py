"""The chain compiled: normalising, mixing, resampling and the step look-up in one pass.

`render` answers what `pipeline.render` answers, bytes for bytes, but for
neighbouring floats at a step of a power law (see `lut`).  Rare stages go
through the plain chain.

Importing this compiles nothing.  `warm_up` does, once, in the parent of all
workers; without it the first picture waits for the compiler.
"""

from __future__ import annotations

import logging
import math
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from ..compiled import keep
from ..geometry import Size
from ..view import View
from . import color, fused, levels, lut, pipeline, resample, tables
from .scene import Bytes, Cuts, Pixels, Raw, Resize, Scene

POWERS = (0.2, 5.0)  # those that are computed; the slider of VisiOmatic ends there too
GAINS = (0.01, 16.0)
EXPONENTS = (-126, 127)  # powers of two between these are ordinary float32
LINEAR = lut.curve_of(View(), Scene(()))
SINGLE = np.dtype(np.float32)

_log = logging.getLogger("iipastro")


# ---- which pictures, and with which tables


def render(raw: Raw, view: View, scene: Scene) -> Bytes:
    """Return the bytes that show `raw` as `view` asks: see `pipeline.render`.

    May be a read-only view of `raw`, where the bytes are shown as they are.
    """
    if not _fusible(raw, view, scene):
        return pipeline.render(raw, view, scene)
    resize = scene.resize
    if resize and (resize.source == resize.out or not resize.smooth):
        raw, resize = resample.nearest(raw, resize), None
    if not resize and _tabulated(raw, view):
        return tables.by_table(raw, lut.curve_of(view, scene), scene)
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
    recipe = _recipe(scene.cuts, view.mix, lut.curve_of(view, scene))
    samples = _samples(raw)
    if resize:
        out = np.empty((resize.rows, resize.out.width, recipe.channels), dtype=np.uint8)
        grid = resample.samples_of(resize)
        fused.show_resampled(samples, recipe.mixing, grid, recipe.finish, out)
    else:
        out = np.empty((*raw.shape[:2], recipe.channels), dtype=np.uint8)
        fused.show(samples, recipe.mixing, recipe.finish, out)
    return out


def _samples(raw: Raw) -> Raw:
    """Return float32 samples, read-only: of one type for the compiler, ours and a cache's alike."""
    samples = raw.view()
    if raw.dtype != SINGLE or not (raw.flags.c_contiguous and raw.flags.aligned):
        with np.errstate(all="ignore"):
            samples = np.require(raw, dtype=SINGLE, requirements=["C", "A"]).view()
    samples.flags.writeable = False
    return samples


class Recipe(NamedTuple):
    """What the compiled chain is given besides samples.  Shared: nothing in it is written to."""

    mixing: Pixels
    finish: lut.Finish
    channels: int  # of the answer


@lru_cache(maxsize=64)
def _recipe(cuts: Cuts, mix: tuple[tuple[float, ...], ...], curve: lut.Curve) -> Recipe:
    """Return how samples are mixed, and what follows.

    Equal rows are mixed once.  A colour map looks at no channel but the first.
    """
    channels, copies = len(cuts), 1
    rows = color.mix_rows(mix, channels) if mix else np.eye(min(channels, 4), channels)
    rows = rows[: 1 if curve.colormap else color.kept(len(rows))]
    if len(rows) == 3 and (rows == rows[0]).all():
        rows, copies = rows[:1], 3
    with np.errstate(all="ignore"):
        mixing = np.array([*levels.ramps(cuts), rows.any(axis=0), *rows], dtype=SINGLE)
        finish = _finish(curve._replace(copies=copies))
    mixing.flags.writeable = False
    return Recipe(mixing, finish, len(rows) * finish[1][3].shape[1])


def _finish(curve: lut.Curve) -> lut.Finish:
    """Return what makes the bytes of a value: arithmetic for power laws, else steps."""
    computed = (
        not curve.logarithmic
        and curve.colormap is None
        and curve.palette == "color"
        and curve.table is None
        and POWERS[0] <= curve.gamma <= POWERS[1]
        and GAINS[0] <= curve.contrast <= GAINS[1]
    )
    steps = lut.steps_of(LINEAR._replace(copies=curve.copies) if computed else curve)
    bins, first, edges, colors = steps
    return _tone(curve, computed), (bins, first, edges, colors)


def _tone(curve: lut.Curve, computed: bool) -> lut.Tone:
    """Return the numbers of a power law; power 0 for what is none."""
    sign, offset = (-1, 1) if curve.inverted else (1, 0)
    power = curve.gamma if computed else 0
    least, greatest = (np.float32(2.0 ** (bound / max(power, 1))) for bound in EXPONENTS)
    return (
        np.float32(power),
        np.float32(sign),
        np.float32(offset),
        np.float32(255 * curve.contrast),
        least.view(np.int32),
        greatest.view(np.int32),
    )


def warm_up() -> None:
    """Compile, or load what was compiled before.  Seconds the first time, then a tenth of one.

    What is compiled is kept in NUMBA_CACHE_DIR, beside the module, or in the user's
    cache directory; where none can be written, or the disk is full, a warning says so.
    """
    raw = np.zeros((2, 2, 1), dtype=np.float32)
    resize = Resize(Size(2, 2), Size(1, 1), 0, 0, 1, smooth=True)
    calls = (
        (fused.show, raw, Scene(((0, 1),))),
        (fused.show_resampled, raw, Scene(((0, 1),), resize=resize)),
        (tables.look_up, raw.astype(np.uint8), Scene(((0, 1),))),
        (tables.look_up, raw.astype(np.uint16), Scene(((0, 1),))),
    )
    kept = [keep(kernel, partial(render, image, View(), scene)) for kernel, image, scene in calls]
    if not all(kept):
        _log.warning(
            "compiled code cannot be kept, so that each start takes seconds: let NUMBA_CACHE_DIR "
            "name a folder that this user may write to"
        )
