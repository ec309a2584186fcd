"""Compiled: a picture in one pass, a thousand pixels at a time.

Enough that calls cost little, few enough for the nearest cache.  The loops are
short and of one kind each, because only such become vector instructions.
Samples are normalised and mixed in float32 in the order of the plain chain, so
that nothing differs.  What follows is a look-up of exact steps (see `lut`) or,
for power laws, arithmetic (see `_power`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..compiled import compiled, fused
from . import lut
from .scene import Bytes, Pixels, Raw, Samples

Places = np.ndarray[Any, np.dtype[np.int32]]

LARGEST = np.finfo(np.float32).max  # what is greater, or no number, is no sample
ZERO, HALF, ONE, WHITE = np.float32(0), np.float32(0.5), np.float32(1), np.float32(255)
NOUGHT, MAGNITUDE = np.int32(0), np.int32(0x7FFFFFFF)  # the bits of a float32 but its sign
CHUNK = 1024
NEXT, ONE_BIN = np.uint64(1), np.int32(1)

# log2(1 + x) / x on [sqrt(1/2) - 1, sqrt(2) - 1], off by 6e-7 at most, and 2**x on [-1/2, 1/2],
# by 3e-7: least squares at Chebyshev nodes
L0, L1, L2, L3 = np.array([1.44269645, -0.721364021, 0.480629146, -0.359350652], np.float32)
L4, L5, L6 = np.array([0.295633614, -0.269506276, 0.172128737], np.float32)
E0, E1, E2 = np.array([1.0000001, 0.69314718, 0.24022107], np.float32)
E3, E4, E5 = np.array([0.05550327, 0.00967604, 0.00134004], np.float32)
ROOT_HALF = np.int32(0x3F3504F3)  # the bits of sqrt(1/2)
FRACTION_BITS = np.int32(23)
BIAS = np.int32(127)
LEAST, MOST = np.float32(-126), np.float32(127)  # powers of two that are ordinary float32
ROUND_UP = np.float32(127.5)  # the bias, and a half


class Mixing(NamedTuple):
    """How samples become values.  Shared: nothing in it is written to."""

    lows: Pixels  # (channels,)
    gains: Pixels  # (channels,)
    rows: Pixels  # (values per pixel, channels)


class Tone(NamedTuple):
    """What makes the bytes of a value without a table: ((value ** power) * sign + offset) * gain.

    Numbers of numpy, for the compiled code.
    """

    wanted: bool  # else the steps are looked up
    power: np.float32  # 1: none
    sign: np.float32  # with the offset: 1 and 0, or -1 and 1 for inversion
    offset: np.float32
    gain: np.float32


class Finish(NamedTuple):
    """What follows the mixing."""

    tone: Tone
    steps: lut.Steps  # looked up where the tone is not wanted


@compiled
def show(samples: Raw, mixing: Mixing, finish: Finish, out: Bytes) -> None:
    """Fill `out` (pixels, channels shown) with the bytes of `samples` (pixels, channels)."""
    count = samples.shape[0]
    planes = np.empty((samples.shape[1] + 1, CHUNK), np.float32)
    values = np.empty((mixing.rows.shape[0] + 3, CHUNK), np.float32)
    for start in range(0, count, CHUNK):
        stop = min(start + CHUNK, count)
        _mix(samples[start:stop], mixing, planes, values)
        _finish(values, finish, out[start:stop])


@compiled
def show_resampled(
    samples: Raw,
    mixing: Mixing,
    grid: tuple[Samples, Samples],
    finish: Finish,
    out: Bytes,
) -> None:
    """Fill `out` with the bytes of a picture of another size (spec 3.2, "Resampling").

    Rows are mixed and brought to the new width when they are first needed, and
    kept for the next row of the answer, which mostly needs one of the two again.
    """
    across, down = grid
    count, columns, at_once = mixing.rows.shape[0], out.shape[1], max(1, CHUNK // out.shape[1])
    planes = np.empty((samples.shape[2] + 1, samples.shape[1]), np.float32)
    mixed, values = (
        np.empty((count, samples.shape[1]), np.float32),
        np.empty((count + 3, at_once * columns), np.float32),
    )
    near, far = np.empty((count, columns), np.float32), np.empty((count, columns), np.float32)
    near_row, far_row = -1, -1
    for row in range(out.shape[0]):
        if down.near[row] == far_row:
            near, far, near_row, far_row = far, near, far_row, near_row
        if down.near[row] != near_row:
            near_row = down.near[row]
            _mix(samples[near_row], mixing, planes, mixed)
            _stretch(mixed, across, near)
        if down.far[row] != far_row:
            far_row = down.far[row]
            _mix(samples[far_row], mixing, planes, mixed)
            _stretch(mixed, across, far)
        waiting = row % at_once
        place = values[:, waiting * columns : (waiting + 1) * columns]
        _blend(near, far, (down.near_weight[row], down.far_weight[row]), place)
        if waiting == at_once - 1 or row == out.shape[0] - 1:
            _finish(values, finish, out[row - waiting : row + 1].reshape(-1, out.shape[2]))


@compiled
def _mix(line: Raw, mixing: Mixing, planes: Pixels, values: Pixels) -> None:
    """Normalise and mix a row of pixels: `line` (columns, channels) to `values` (rows, columns).

    `planes` (channels and one more, columns) is room to work in.  A channel is
    brought together first: what lies apart in memory is not computed in vectors,
    nor what is written over itself.
    """
    columns, channels = line.shape
    flat, lows, gains, rows = line.reshape(-1), mixing.lows, mixing.gains, mixing.rows
    if channels == 1 and rows.shape[0] == 1 and rows[0, 0] == ONE:
        _normalize(flat, lows[0], gains[0], values[0])
        return
    gathered = planes[channels, :columns]
    for channel in range(channels):
        if rows[:, channel].any():
            for column in range(columns):
                gathered[column] = flat[np.uint64(column * channels + channel)]
            _normalize(gathered, lows[channel], gains[channel], planes[channel])
    for row in range(rows.shape[0]):
        _add_up(planes, rows[row], values[row, :columns])


@compiled
def _normalize(samples: Pixels, low: np.float32, gain: np.float32, values: Pixels) -> None:
    """Write normalised samples: 0, the low cut, for what is no number (spec 3.2)."""
    for column in range(samples.shape[0]):
        sample = samples[column]
        scaled = (sample - low) * gain
        values[column] = scaled if abs(sample) <= LARGEST else ZERO


@compiled
def _add_up(planes: Pixels, weights: Pixels, values: Pixels) -> None:
    """Write the sum of weighted channels."""
    values[:] = ZERO
    for channel in range(weights.shape[0]):
        weight, plane = weights[channel], planes[channel]
        if weight != ZERO:
            for column in range(values.shape[0]):
                values[column] += weight * plane[column]


@compiled
def _stretch(mixed: Pixels, across: Samples, values: Pixels) -> None:
    """Interpolate within mixed rows: to another number of columns."""
    for row in range(mixed.shape[0]):
        line, value = mixed[row], values[row]
        for column in range(across.near.shape[0]):
            left = line[np.uint64(across.near[column])] * across.near_weight[column]
            value[column] = left + line[np.uint64(across.far[column])] * across.far_weight[column]


@compiled
def _blend(near: Pixels, far: Pixels, weights: tuple[float, float], values: Pixels) -> None:
    """Interpolate between two rows; `values` has the columns that are wanted, and more rows."""
    for row in range(near.shape[0]):
        upper, lower, value = near[row], far[row], values[row]
        for column in range(values.shape[1]):
            value[column] = upper[column] * weights[0] + lower[column] * weights[1]


@compiled
def _finish(values: Pixels, finish: Finish, out: Bytes) -> None:
    """Write the bytes of mixed values to `out` (columns, channels shown).

    `values` (rows and three more, columns or more): the last three are room to work in.
    """
    tone, columns, rows = finish.tone, out.shape[0], values.shape[0] - 3
    powers, fractions = values[rows, :columns], values[rows + 1, :columns].view(np.int32)
    wholes = values[rows + 2, :columns].view(np.int32)
    if not tone.wanted:
        _look_up(values[:rows], wholes, finish.steps, out)
        return
    flat = out.reshape(-1)
    lines = flat.reshape(1, -1) if out.shape[1] == 1 else np.empty((rows, columns), np.uint8)
    for row in range(rows):
        value = values[row, :columns]
        if tone.power != ONE:
            _power(value, tone.power, (fractions, wholes), powers)
            _quantize(value, powers, tone, lines[row])
        else:
            _quantize(value, value, tone, lines[row])
    if out.shape[1] == 3:
        _interleave(lines[0], lines[rows // 2], lines[rows - 1], flat)


@compiled
def _interleave(red: Bytes, green: Bytes, blue: Bytes, out: Bytes) -> None:
    """Write the bytes of each pixel side by side."""
    for column in range(red.shape[0]):
        out[np.uint64(3 * column)] = red[column]
        out[np.uint64(3 * column + 1)] = green[column]
        out[np.uint64(3 * column + 2)] = blue[column]


@fused
def _power(values: Pixels, power: np.float32, room: tuple[Places, Places], powers: Pixels) -> None:
    """Write max(value, 0) ** power to `powers`, by 2 ** (power * log2(value)).

    `power` lies in 0.2 to 5: then 0 comes out below 1e-7, and infinity too large
    to matter.  `places` is room to work in.  Three loops, since one that writes
    bits and reads them as a number is not made a vector.
    """
    bits, (fractions, wholes) = values.view(np.int32), room
    for column in range(values.shape[0]):
        pattern = max(bits[column], NOUGHT)
        exponent = np.int32(np.int32(pattern - ROOT_HALF) >> FRACTION_BITS)
        fractions[column] = np.int32(pattern - np.int32(exponent << FRACTION_BITS))
        powers[column] = np.float32(exponent)
    mantissas, scales = fractions.view(np.float32), wholes.view(np.float32)
    for column in range(values.shape[0]):
        x = mantissas[column] - ONE
        log = L0 + x * (L1 + x * (L2 + x * (L3 + x * (L4 + x * (L5 + x * L6)))))
        scaled = min(max((x * log + powers[column]) * power, LEAST), MOST)
        whole = np.int32(scaled + ROUND_UP)
        powers[column] = scaled - np.float32(np.int32(whole - BIAS))
        wholes[column] = np.int32(whole << FRACTION_BITS)
    for column in range(values.shape[0]):
        x = powers[column]
        part = E0 + x * (E1 + x * (E2 + x * (E3 + x * (E4 + x * E5))))
        powers[column] = part * scales[column]


@compiled
def _quantize(values: Pixels, shown: Pixels, tone: Tone, out: Bytes) -> None:
    """Write the bytes of `shown`; 255 where `values` is no number (spec 3.2, "Contrast")."""
    for column in range(out.shape[0]):
        level = (shown[column] * tone.sign + tone.offset) * tone.gain
        level = level if level < WHITE else WHITE
        level = level if values[column] == values[column] else WHITE
        out[column] = np.uint8(np.int32(max(level, ZERO)))


@compiled
def _look_up(values: Pixels, places: Places, steps: lut.Steps, out: Bytes) -> None:
    """Write the bytes of each value: from its bin, up to the step that it has reached.

    Indices are unsigned, because signed ones are tested for being negative.
    """
    bins, first, edges, colors = steps
    flat, palette, channels = out.reshape(-1), colors.reshape(-1), colors.shape[1]
    for row in range(values.shape[0]):
        line = values[row]
        _find_bins(line.view(np.int32), bins, places)
        for column in range(out.shape[0]):
            value = line[column]
            step = np.uint64(first[np.uint64(places[column])])
            while value >= edges[step]:
                step += NEXT
            if value != value:  # noqa: PLR0124  (NaN)
                step = np.uint64(edges.shape[0])
            to, color = (
                np.uint64(column * out.shape[1] + row * channels),
                step * np.uint64(channels),
            )
            flat[to] = palette[color]
            if channels == 3:  # a colour, or grey in RGB
                flat[to + NEXT] = palette[color + NEXT]
                flat[to + NEXT + NEXT] = palette[color + NEXT + NEXT]


@compiled
def _find_bins(patterns: Places, bins: lut.Bins, places: Places) -> None:
    """Write the bin of each float32, given as its bits: `lut.bins_of` in a vector."""
    shift, base, half = bins
    for column in range(places.shape[0]):
        pattern = patterns[column]
        place = min(max(((pattern & MAGNITUDE) >> shift) - base, NOUGHT), half - ONE_BIN)
        places[column] = half + place if pattern >= NOUGHT else half - ONE_BIN - place
