"""Channels to colours: CIELAB, mixing, what is kept for display, colour maps, greyscale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .scene import Bytes, Pixels, Raw

# ---- CIELAB (spec 3.2): D65 white, and XYZ to linear sRGB

WHITE = (95.0470, 100.0, 108.8827)
XYZ_TO_RGB = (
    (3.240479, -1.537150, -0.498535),
    (-0.969256, 1.875992, 0.041556),
    (0.055648, -0.204043, 1.057311),
)


def lab_to_srgb(raw: Raw) -> Bytes:
    """Return the sRGB bytes of 8-bit CIELAB samples (spec 3.2, "CIELAB → sRGB").

    Parameters
    ----------
    raw : uint8, (rows, columns, at least 3 channels)
        L as byte / 2.55; a and b as signed bytes.  Not written.

    Returns
    -------
    uint8, (rows, columns, 3)
        A new array; colours outside sRGB are cut to it.
    """
    lightness = raw[:, :, 0] / 2.55
    a, b = (raw[:, :, channel].astype(np.int8).astype(np.float64) for channel in (1, 2))
    dark = lightness < 8
    y = np.where(dark, lightness / 903.3, ((lightness + 16) / 116) ** 3)
    f = np.where(dark, 7.787 * y + 16 / 116, (lightness + 16) / 116)
    xyz = np.stack([_cubed(f + a / 500) * WHITE[0], y * WHITE[1], _cubed(f - b / 200) * WHITE[2]])
    linear = np.tensordot(np.array(XYZ_TO_RGB), xyz / 100, axes=1)
    np.maximum(linear, 0, out=linear)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    shown: Bytes = np.minimum(encoded * 255, 255).astype(np.uint8)
    return shown.transpose(1, 2, 0)


def _cubed(f: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(f < 0.2069, (f - 0.13793) / 7.787, f**3)


# ---- which channels are shown


def kept(channels: int) -> int:
    """Return how many channels are shown: 3 if there are as many, else 1 (spec 3.1 step 5)."""
    return 3 if channels >= 3 else 1


def flatten(pixels: Pixels) -> Pixels:
    """Return the channels that are shown, as a view of `pixels`."""
    return pixels[:, :, : kept(pixels.shape[2])]


def mix_rows(mix: tuple[tuple[float, ...], ...], channels: int) -> Pixels:
    """Return the rows of a mix that are shown: float32, (1 or 3 rows, channels).

    A coefficient that a row does not give is 0; those for channels that the
    image has not are dropped, and so are rows that no picture shows (`kept`).
    One channel whose rows are all equal stays one channel: the answer is grey.
    """
    rows = np.zeros((kept(len(mix)), channels), dtype=np.float32)
    for row, given in zip(rows, mix, strict=False):
        row[: len(given)] = given[:channels]
    if channels == 1 and (rows == rows[0]).all():
        return rows[:1]
    return rows


def twist(pixels: Pixels, mix: tuple[tuple[float, ...], ...]) -> Pixels:
    r"""Mix the channels: :math:`y_k = \sum_j m_{kj} x_j`.

    Parameters
    ----------
    pixels : float32, (rows, columns, channels)
        Normalised.
    mix : a row per output channel, see `mix_rows`

    Returns
    -------
    float32, (rows, columns, 1 or 3)
        A new array, summed in the order of the channels.

    Notes
    -----
    Spec 3.2, "Colour twist", with its FIX.  Coefficients of 0 are skipped, so
    that an infinite value in a channel that is not asked for does no harm.
    """
    rows = mix_rows(mix, pixels.shape[2])
    mixed = np.zeros((*pixels.shape[:2], len(rows)), dtype=np.float32)
    for out, row in enumerate(rows):
        for channel in np.flatnonzero(row):
            mixed[:, :, out] += row[channel] * pixels[:, :, channel]
    return mixed


# ---- colour maps


class Piece(NamedTuple):
    """From `start` up to the next piece: slope and offset of red, green and blue."""

    start: float
    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]


OFF, ON, HALF = (0.0, 0.0), (0.0, 1.0), (0.0, 0.5)
AS_IT_IS = (1.0, 0.0)
BELOW = -np.inf

COLORMAPS: Mapping[str, tuple[Piece, ...]] = {  # spec 3.2, "Colour maps"
    "hot": (
        Piece(BELOW, OFF, OFF, OFF),
        Piece(0, (3, 0), OFF, OFF),
        Piece(1 / 3, ON, (3, -1), OFF),
        Piece(2 / 3, ON, ON, (3, -2)),
        Piece(1, ON, ON, ON),
    ),
    "cold": (
        Piece(BELOW, OFF, OFF, OFF),
        Piece(0, OFF, OFF, (3, 0)),
        Piece(1 / 3, OFF, (3, -1), ON),
        Piece(2 / 3, (3, -2), ON, ON),
        Piece(1, ON, ON, ON),
    ),
    "jet": (
        Piece(BELOW, OFF, OFF, OFF),
        Piece(0, OFF, OFF, (4, 0.5)),
        Piece(1 / 8, OFF, (4, -0.5), ON),
        Piece(3 / 8, (4, -1.5), ON, (-4, 2.5)),
        Piece(5 / 8, ON, (-4, 3.5), OFF),
        Piece(7 / 8, (-4, 4.5), OFF, OFF),
        Piece(1, HALF, OFF, OFF),
    ),
    "red": (Piece(BELOW, AS_IT_IS, OFF, OFF),),
    "green": (Piece(BELOW, OFF, AS_IT_IS, OFF),),
    "blue": (Piece(BELOW, OFF, OFF, AS_IT_IS),),
}


def colormap(pixels: Pixels, name: str) -> Pixels:
    """Colour the first channel by a table of `COLORMAPS`.

    Parameters
    ----------
    pixels : float32, (rows, columns, channels)
    name : a key of `COLORMAPS`

    Returns
    -------
    float32, (rows, columns, 3)
        A new array.  NaN falls into the last piece of the map.
    """
    pieces = COLORMAPS[name]
    values = pixels[:, :, 0]
    starts = np.array([piece.start for piece in pieces[1:]], dtype=np.float32)
    which = np.searchsorted(starts, values, side="right")
    lines = np.array([piece[1:] for piece in pieces], dtype=np.float32)[which]
    slopes, offsets = lines[..., 0], lines[..., 1]
    # a slope of 0 is no product: 0 times infinity would be NaN
    return np.where(slopes == 0, offsets, slopes * values[:, :, np.newaxis] + offsets)


# ---- grey


def greyscale(shown: Bytes) -> Bytes:
    """Return the luminance of RGB bytes, (rows, columns, 1); one channel stays (spec 3.4)."""
    if shown.shape[2] != 3:
        return shown
    red, green, blue = (shown[:, :, channel].astype(np.uint32) for channel in range(3))
    return ((1254097 * red + 2462056 * green + 478151 * blue) >> 22).astype(np.uint8)[..., None]
