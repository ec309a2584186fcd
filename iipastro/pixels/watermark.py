"""The watermark: a picture with alpha, laid on finished pixels at places drawn by lot.

A mark is prepared once: its colours times its alpha and opacity, and how much
of the picture stays beneath it.  Laying it on is then integer arithmetic, and
an additive mark is a sum that saturates.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import NamedTuple

import numpy as np

from .color import greyscale
from .scene import Bytes


class Mark(NamedTuple):
    """A mark ready to be laid on pictures.  Shared: nothing in it is written to."""

    light: Bytes  # (rows, columns, 3): what is added
    grey: Bytes  # (rows, columns, 1): what is added to a grey picture
    kept: Bytes | None  # (rows, columns, 1): what stays of the picture, of 255; None: all of it


def make_mark(picture: Bytes, opacity: float, additive: bool) -> Mark:
    """Return a picture with alpha as a mark.

    Parameters
    ----------
    picture : (rows, columns, 4)
        RGB, not multiplied by the alpha, and alpha.
    opacity : 0 to 1, multiplies the alpha.
    additive : True: light is added, trunc(value·opacity·alpha) as in the
        reference (spec 7).  False: the mark covers what is beneath it.
    """
    alpha = picture[:, :, 3:].astype(np.float64)
    light = picture[:, :, :3] * alpha * opacity / 255  # whole numbers first: 250 of 0.1 are 25
    if additive:
        added, kept = np.trunc(light).astype(np.uint8), None
    else:
        added = np.rint(light).astype(np.uint8)
        kept = 255 - np.rint(alpha * opacity).astype(np.uint8)
    return Mark(added, greyscale(added), kept)


def scatter(pixels: Bytes, mark: Mark, spacing: int, probability: float, lot: Random) -> Bytes:
    """Lay marks on a picture: one at most in each of its cells, at a place drawn by lot.

    Parameters
    ----------
    pixels : (rows, columns, 1 or 3)
        Finished, flipped and turned.  Written over.
    spacing : a picture of twice this side or more is divided into equal cells,
        of this side at least, and no smaller than the mark.
    probability : 0 to 1, with which a cell gets its mark.

    Returns
    -------
    uint8, (rows, columns, 1 or 3)
        `pixels`.
    """
    for cell in _cells(pixels, spacing, mark):
        if lot.random() < probability:
            top, left = (
                lot.randrange(max(1, room - taken + 1))
                for room, taken in zip(cell.shape[:2], mark.light.shape[:2], strict=True)
            )
            stamp(cell, mark, top, left)
    return pixels


def stamp(pixels: Bytes, mark: Mark, top: int, left: int) -> None:
    """Lay the mark on a picture, its upper left corner at (left, top); what hangs over is cut.

    Parameters
    ----------
    pixels : (rows, columns, 1 or 3)
        Written over.
    """
    place = pixels[top : top + mark.light.shape[0], left : left + mark.light.shape[1]]
    beneath = place.shape[:2]
    added = (mark.light if pixels.shape[2] == 3 else mark.grey)[: beneath[0], : beneath[1]]
    if mark.kept is not None:
        kept = mark.kept[: beneath[0], : beneath[1]].astype(np.uint16)
        place[:] = (place * kept + 127) // 255
    np.minimum(place, 255 - added, out=place)
    place += added


def _cells(pixels: Bytes, spacing: int, mark: Mark) -> Iterator[Bytes]:
    """Yield the parts of a picture that draw for themselves, from the top left."""
    down, across = (
        _edges(length, max(spacing, taken))
        for length, taken in zip(pixels.shape[:2], mark.light.shape[:2], strict=True)
    )
    for top, bottom in pairwise(down):
        for left, right in pairwise(across):
            yield pixels[top:bottom, left:right]


def _edges(length: int, least: int) -> list[int]:
    """Return where equal parts of a length begin, each of `least` at least, and the end."""
    count = max(1, length // least)
    return [length * number // count for number in range(count + 1)]
