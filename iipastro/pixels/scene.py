"""What the pixels need to know besides the view: cuts, the size wanted, the table to apply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..geometry import Size

Raw = np.ndarray[Any, Any]  # (rows, columns, channels), any type of number, native byte order
Pixels = np.ndarray[Any, np.dtype[np.float32]]  # (rows, columns, channels)
Bytes = np.ndarray[Any, np.dtype[np.uint8]]  # (rows, columns, channels)
Cuts = tuple[tuple[float, float], ...]  # (low, high) of each channel


class Resize(NamedTuple):
    """How a rectangle becomes another size, a band of rows at a time."""

    source: Size  # the whole source rectangle
    out: Size  # the whole answer
    top: int  # the row of the source rectangle at which the given array begins
    first: int  # the rows of the answer that are wanted: first, and how many
    rows: int
    smooth: bool  # bilinear; else the nearest pixel


@dataclass(frozen=True)
class Scene:
    """The facts of the image and of the request that go with a view."""

    cuts: Cuts  # per channel of the raw array, MINMAX applied
    lab: bool = False  # 8-bit CIELAB samples
    resize: Resize | None = None
    table: tuple[int, ...] | None = None  # 256 values, applied to the finished bytes


class Samples(NamedTuple):
    """Along one axis: the two source pixels of each pixel wanted, and their weights."""

    near: np.ndarray[Any, np.dtype[np.int64]]
    far: np.ndarray[Any, np.dtype[np.int64]]
    near_weight: np.ndarray[Any, np.dtype[np.float32]]
    far_weight: np.ndarray[Any, np.dtype[np.float32]]


def sampled(source: int, out: int, first: int, count: int) -> Samples:
    """Return where `count` pixels of an axis come from, beginning with pixel `first`.

    `source` pixels become `out`; corners are aligned, coordinates stay inside
    the source (spec 3.2, "Resampling").  float32, as the reference computes.
    """
    scale = np.float32(source) / np.float32(out)
    place = np.arange(first, first + count).astype(np.float32) * scale
    base = np.floor(place)
    near = np.minimum(base.astype(np.int64), source - 1)
    far = np.minimum(near + 1, source - 1)
    return Samples(near, far, base + np.float32(1) - place, place - base)


def rows_needed(resize: Resize) -> tuple[int, int]:
    """Return the first row of the source rectangle that the wanted rows need, and how many.

    `resize.top` is not looked at: it is what the answer is for.
    """
    if resize.rows < 1:
        return 0, 0
    if resize.source == resize.out:
        return resize.first, resize.rows
    source, out = resize.source.height, resize.out.height
    top = int(sampled(source, out, resize.first, 1).near[0])
    last = sampled(source, out, resize.first + resize.rows - 1, 1)
    bottom = int(last.far[0] if resize.smooth else last.near[0])
    return top, bottom - top + 1
