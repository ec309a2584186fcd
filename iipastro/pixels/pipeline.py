"""The plain NumPy chain from raw samples to bytes: the reference for every faster one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ..view import View
from . import color, convolve, levels, resample, shade, tone
from .scene import Bytes, Raw, Scene


class Stage(NamedTuple):
    """A step of the chain: when it is wanted, and what it does."""

    name: str
    wanted: Callable[[View, Scene], bool]
    apply: Callable[[Raw, View, Scene], Raw]


def _resampled(pixels: Raw, _: View, scene: Scene) -> Raw:
    return resample.resample(pixels, scene.resize) if scene.resize else pixels


def _always(view: View, scene: Scene) -> bool:  # noqa: ARG001
    return True


# The order is that of spec 3.1, with the steps of spec 3.5 where they belong.

VALUES = (  # raw samples → the values of what is shown
    Stage("lab", lambda _, scene: scene.lab, lambda raw, *_: color.lab_to_srgb(raw)),
    Stage("normalize", _always, lambda raw, _, scene: levels.normalize(raw, scene.cuts)),
    Stage(
        "shade",
        lambda view, _: view.light is not None,
        lambda pixels, view, _: shade.shade(pixels, view.light or (0, 0)),
    ),
    Stage(
        "twist",
        lambda view, _: bool(view.mix),
        lambda pixels, view, _: color.twist(pixels, view.mix),
    ),
    Stage("flatten", _always, lambda pixels, *_: color.flatten(pixels)),
    Stage("resample", lambda _, scene: scene.resize is not None, _resampled),
)

FINISH = (  # values → bytes
    Stage(
        "gamma",
        lambda view, _: np.float32(view.gamma) != 1 and not view.logarithmic,
        lambda pixels, view, _: tone.gamma(pixels, view.gamma),
    ),
    Stage("logarithm", lambda view, _: view.logarithmic, lambda pixels, *_: tone.logarithm(pixels)),
    Stage("invert", lambda view, _: view.inverted, lambda pixels, *_: tone.invert(pixels)),
    Stage(
        "colormap",
        lambda view, _: view.colormap is not None,
        lambda pixels, view, _: color.colormap(pixels, view.colormap or ""),
    ),
    Stage(
        "convolve",
        lambda view, _: bool(view.kernel),
        lambda pixels, view, _: convolve.convolve(pixels, view.kernel),
    ),
    Stage("quantize", _always, lambda pixels, view, _: levels.to_bytes(pixels, view.contrast)),
    Stage(
        "greyscale",
        lambda view, _: view.palette != "color",
        lambda shown, *_: color.greyscale(shown),
    ),
    Stage(
        "table",
        lambda _, scene: scene.table is not None,
        lambda shown, _, scene: np.array(scene.table, dtype=np.uint8)[shown],
    ),
)

STAGES = VALUES + FINISH


def render(raw: Raw, view: View, scene: Scene) -> Bytes:
    """Return the bytes that show `raw` as `view` asks.

    Parameters
    ----------
    raw : any integer or float type, (rows, columns, channels)
        Never written.  No rows: no rows in the answer.

    Returns
    -------
    uint8, (rows, columns, 1 or 3)
        A new array, neither flipped nor turned (see `orient`).
    """
    return run(STAGES, raw, view, scene)


def run(stages: Sequence[Stage], pixels: Raw, view: View, scene: Scene) -> Raw:
    """Apply those of `stages` that are wanted.  Overflow and NaN are values here, not warnings."""
    with np.errstate(all="ignore"):
        for stage in stages:
            if stage.wanted(view, scene):
                pixels = stage.apply(pixels, view, scene)
    return pixels
