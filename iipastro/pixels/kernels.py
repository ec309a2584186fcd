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

import numpy as np

from ..compiled import keep
from ..geometry import Size
from ..view import View
from . import color, fused, levels, lut, pipeline, resample, tables
from .fused import Finish, Mixing, Tone
from .scene import Bytes, Cuts, Raw, Resize, Scene

POWERS = (0.2, 5.0)  # those that are computed; the slider of VisiOmatic ends there too
GAINS = (0.01, 16.0)
LINEAR = lut.curve_of(View(), Scene(()))

_log = logging.getLogger("iipastro")


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
    mixing, copies = _mixing(scene.cuts, view.mix, view.colormap is not None)
    curve = lut.curve_of(view, scene, copies)
    finish = _finish(curve)
    height, width = (resize.rows, resize.out.width) if resize else raw.shape[:2]
    out = np.empty((height, width, len(mixing.rows) * finish.steps.colors.shape[1]), dtype=np.uint8)
    samples = np.require(raw, dtype=np.float32, requirements=["C", "A"]).view()
    samples.flags.writeable = False  # one type for the compiler: ours and a cache's alike
    if resize:
        fused.show_resampled(samples, mixing, resample.samples_of(resize), finish, out)
    else:
        channels = out.shape[2]
        pixels = samples.reshape(-1, raw.shape[2])
        fused.show(pixels, mixing, finish, out.reshape(-1, channels))
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


@lru_cache(maxsize=64)
def _finish(curve: lut.Curve) -> Finish:
    """Return what makes the bytes of a value: arithmetic for power laws, else steps."""
    computed = (
        not curve.logarithmic
        and curve.colormap is None
        and curve.palette == "color"
        and curve.table is None
        and POWERS[0] <= curve.gamma <= POWERS[1]
        and GAINS[0] <= curve.contrast <= GAINS[1]
    )
    sign, offset = (-1, 1) if curve.inverted else (1, 0)
    numbers = (curve.gamma, sign, offset, 255 * curve.contrast)
    tone = Tone(computed, *(np.float32(number) for number in numbers))
    return Finish(tone, lut.steps_of(LINEAR._replace(copies=curve.copies) if computed else curve))


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
