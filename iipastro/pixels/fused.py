"""Compiled: a picture in one pass, two thousand pixels at a time.

Enough that calls cost little, few enough for a near cache.  The loops are short
and of one kind each, as only such become vector instructions; they are given
whole arrays and places in them, as a slice costs as much as a hundred pixels.
Samples are normalised and mixed in float32 in the order of the plain chain, so
that nothing differs.  What follows is a look-up of exact steps (see `lut`) or,
for power laws, arithmetic (see `_log`).
"""

from __future__ import annotations

import numpy as np

from ..compiled import compiled, fused, inlined
from .lut import Finish, Places, Tables, Tone
from .scene import Bytes, Pixels, Raw, Samples

Span = tuple[int, int]  # of pixels: the first, and how many
Room = tuple[Pixels, Pixels]  # to work in: channels taken apart; normalised, and a row of zeros
Grid = tuple[Samples, Samples]  # across and down

LARGEST = np.finfo(np.float32).max  # what is greater, or no number, is no sample
ZERO, ONE, WHITE = np.float32(0), np.float32(1), np.float32(255)
NOUGHT, MAGNITUDE = np.int32(0), np.int32(0x7FFFFFFF)  # the bits of a float32 but its sign
CHUNK = 2048
NEXT, ONE_BIN = np.uint64(1), np.int32(1)  # places are unsigned: none is tested for a sign
# Rows of a mixing, which has a column per channel; a row of weights for each value of a pixel
LOWS, GAINS, USED, WEIGHTS = 0, 1, 2, 3

# log2(1 + x) / x on [sqrt(1/2) - 1, sqrt(2) - 1], off by 6e-7 at most, and 2**x on [-1/2, 1/2],
# by 3e-7: least squares at Chebyshev nodes
L0, L1, L2, L3 = np.array([1.44269645, -0.721364021, 0.480629146, -0.359350652], np.float32)
L4, L5, L6 = np.array([0.295633614, -0.269506276, 0.172128737], np.float32)
E0, E1, E2 = np.array([1.0000001, 0.69314718, 0.24022107], np.float32)
E3, E4, E5 = np.array([0.05550327, 0.00967604, 0.00134004], np.float32)
ROOT_HALF = np.int32(0x3F3504F3)  # the bits of sqrt(1/2)
FRACTION_BITS = np.int32(23)
# Has one bit for each whole number: a sum with it is rounded, and ends in the sum's bits + 127.
ROUNDER = np.float32((3 << 22) + 127)


@compiled
def show(samples: Raw, mixing: Pixels, finish: Finish, out: Bytes) -> None:
    """Fill `out` (rows, columns, channels shown) with the bytes of `samples`, as many pixels."""
    count, channels = samples.shape[0] * samples.shape[1], samples.shape[2]
    line, shown = samples.reshape(1, -1), out.reshape(-1)
    room = _room(channels, CHUNK)
    values = np.empty((mixing.shape[0] - WEIGHTS + 1, CHUNK), np.float32)
    lines = np.empty(3 * CHUNK, np.uint8)
    for start in range(0, count, CHUNK):
        span = start, min(CHUNK, count - start)
        _mix(line, span, mixing, room, values)
        _finish(values, finish, span, lines, shown)


@compiled
def show_resampled(samples: Raw, mixing: Pixels, grid: Grid, finish: Finish, out: Bytes) -> None:
    """Fill `out` with the bytes of a picture of another size (spec 3.2, "Resampling").

    Rows are mixed and brought to the new width when they are first needed, and
    kept for the next row of the answer, which mostly needs one of the two again.
    """
    across, down = grid
    _, width, channels = samples.shape
    rows, columns = mixing.shape[0] - WEIGHTS, out.shape[1]
    line, shown = samples.reshape(1, -1), out.reshape(-1)
    mixed, values = np.empty((rows, width), np.float32), np.empty((rows + 1, columns), np.float32)
    near, far = np.empty((rows, columns), np.float32), np.empty((rows, columns), np.float32)
    room, lines = _room(channels, width), np.empty(3 * columns, np.uint8)
    near_row, far_row = -1, -1
    for row in range(out.shape[0]):
        if down.near[row] == far_row:
            near, far, near_row, far_row = far, near, far_row, near_row
        if down.near[row] != near_row:
            near_row = down.near[row]
            _mix(line, (near_row * width, width), mixing, room, mixed)
            _stretch(mixed, across, near)
        if down.far[row] != far_row:
            far_row = down.far[row]
            _mix(line, (far_row * width, width), mixing, room, mixed)
            _stretch(mixed, across, far)
        _blend(near, far, (down.near_weight[row], down.far_weight[row]), values)
        _finish(values, finish, (row * columns, columns), lines, shown)


@compiled
def _room(channels: int, columns: int) -> Room:
    return np.empty((channels, columns), np.float32), np.zeros((channels + 1, columns), np.float32)


@compiled
def _mix(line: Raw, span: Span, mixing: Pixels, room: Room, values: Pixels) -> None:
    """Normalise and mix a span of `line` (1, samples) to `values` (rows, pixels or more)."""
    (taken, normal), channels, rows = room, mixing.shape[1], mixing.shape[0] - WEIGHTS
    if channels == 1 and rows == 1 and mixing[WEIGHTS, 0] == ONE:
        _normalize(line, span, mixing, 0, values)
        return
    _take_apart(line, span, mixing, taken)
    for channel in range(channels):
        if mixing[USED, channel]:
            _normalize(taken, (0, span[1]), mixing, channel, normal)
    for row in range(rows):
        _add_up(normal, mixing, row, span[1], values)


@inlined
def _take(line: Raw, span: Span, channels: int, planes: Pixels) -> None:
    """Bring each of so many channels together: a stride that is known becomes vectors."""
    first = span[0] * channels
    for column in range(span[1]):
        for channel in range(channels):
            planes[channel, column] = line[0, np.uint64(first + column * channels + channel)]


@compiled
def _take_apart(line: Raw, span: Span, mixing: Pixels, planes: Pixels) -> None:
    """Bring each channel together: what lies apart in memory is not computed in vectors."""
    channels = mixing.shape[1]
    if channels == 3:
        _take(line, span, 3, planes)
    elif channels == 4:
        _take(line, span, 4, planes)
    elif channels == 5:
        _take(line, span, 5, planes)
    else:
        first = span[0] * channels
        for channel in range(channels):
            for column in range(span[1] if mixing[USED, channel] else 0):
                planes[channel, column] = line[0, np.uint64(first + column * channels + channel)]


@compiled
def _normalize(samples: Raw, span: Span, mixing: Pixels, channel: int, values: Pixels) -> None:
    """Write normalised samples: 0, the low cut, for what is no number (spec 3.2)."""
    first, columns = span
    low, gain = mixing[LOWS, channel], mixing[GAINS, channel]
    for column in range(columns):
        sample = samples[channel, np.uint64(first + column)]
        scaled = (sample - low) * gain
        values[channel, column] = scaled if abs(sample) <= LARGEST else ZERO


@compiled
def _add_up(planes: Pixels, mixing: Pixels, row: int, columns: int, values: Pixels) -> None:
    """Write the sum of weighted channels, two at a time; those of weight 0 are passed over."""
    for column in range(columns):
        values[row, column] = ZERO
    one = _next_used(mixing, row, 0)
    while one < mixing.shape[1]:
        two = _next_used(mixing, row, one + 1)
        weight = mixing[WEIGHTS + row, one]
        other = mixing[WEIGHTS + row, two] if two < mixing.shape[1] else ZERO
        for column in range(columns):
            total = values[row, column] + weight * planes[one, column]
            values[row, column] = total + other * planes[two, column]
        one = _next_used(mixing, row, two + 1)


@compiled
def _next_used(mixing: Pixels, row: int, channel: int) -> int:
    """Return the first channel from `channel` on whose weight is not 0, or how many there are."""
    for used in range(channel, mixing.shape[1]):
        if mixing[WEIGHTS + row, used] != ZERO:
            return used
    return int(mixing.shape[1])


@compiled
def _stretch(mixed: Pixels, across: Samples, values: Pixels) -> None:
    """Interpolate within mixed rows: to another number of columns."""
    for row in range(mixed.shape[0]):
        for column in range(across.near.shape[0]):
            left = mixed[row, np.uint64(across.near[column])] * across.near_weight[column]
            right = mixed[row, np.uint64(across.far[column])] * across.far_weight[column]
            values[row, column] = left + right


@compiled
def _blend(near: Pixels, far: Pixels, weights: tuple[float, float], values: Pixels) -> None:
    """Interpolate between two rows; `values` may have more rows."""
    for row in range(near.shape[0]):
        for column in range(near.shape[1]):
            upper, lower = near[row, column] * weights[0], far[row, column] * weights[1]
            values[row, column] = upper + lower


@compiled
def _finish(values: Pixels, finish: Finish, span: Span, lines: Bytes, out: Bytes) -> None:
    """Write the bytes of mixed values.  `lines` and the last row of `values` are to work in."""
    (tone, tables), rows, columns = finish, values.shape[0] - 1, span[1]
    shown = rows * tables[3].shape[1]
    if tone[0] == ZERO:
        _look_up(values, rows, tables, span, out)
        return
    for row in range(rows):
        raised = row
        if tone[0] != ONE:
            raised = rows
            _log(values, (row, raised), columns, tone)
            _exp(values, raised, columns)
        if shown == 1:
            _quantize(values, (row, raised), tone, span, out)
        else:
            _quantize(values, (row, raised), tone, (row * values.shape[1], columns), lines)
    if shown == 3:
        _interleave(lines, (rows - 1) * values.shape[1], span, out)


@compiled
def _interleave(lines: Bytes, last: int, span: Span, out: Bytes) -> None:
    """Write the bytes of each pixel side by side.  Blue begins at `last`, green half way to it."""
    for column in range(span[1]):
        to = np.uint64(3 * (span[0] + column))
        out[to] = lines[column]
        out[to + NEXT] = lines[np.uint64(last // 2 + column)]
        out[to + NEXT + NEXT] = lines[np.uint64(last + column)]


@fused
def _log(values: Pixels, rows: tuple[int, int], columns: int, tone: Tone) -> None:
    """Write power * log2(max(value, 0)) of one of `rows` to the other; `_exp` raises it.

    The power lies in 0.2 to 5, and values are cut to where theirs is an ordinary
    float32: 0 comes out below 1e-7, and infinity too large to matter.  In two
    loops, as a long chain of operations leaves the processor waiting.
    """
    power, lowest, highest, (row, raised) = tone[0], tone[4], tone[5], rows
    for column in range(columns):
        bits = min(max(np.float32(values[row, column]).view(np.int32), lowest), highest)
        exponent = np.int32(np.int32(bits - ROOT_HALF) >> FRACTION_BITS)
        x = np.int32(bits - np.int32(exponent << FRACTION_BITS)).view(np.float32) - ONE
        log = L0 + x * (L1 + x * (L2 + x * (L3 + x * (L4 + x * (L5 + x * L6)))))
        values[raised, column] = (x * log + np.float32(exponent)) * power


@fused
def _exp(values: Pixels, row: int, columns: int) -> None:
    """Replace the values of a row, from -126 to 127, by 2 ** value."""
    for column in range(columns):
        rounded = np.float32(values[row, column] + ROUNDER)
        x = values[row, column] - (rounded - ROUNDER)
        part = E0 + x * (E1 + x * (E2 + x * (E3 + x * (E4 + x * E5))))
        whole = np.int32(np.int32(rounded.view(np.int32)) << FRACTION_BITS)
        values[row, column] = part * whole.view(np.float32)


@compiled
def _quantize(values: Pixels, rows: tuple[int, int], tone: Tone, span: Span, out: Bytes) -> None:
    """Write the bytes of raised values, 255 for no numbers (spec 3.2, "Contrast"): from `rows`."""
    (_, sign, offset, gain, _, _), (row, raised), first = tone, rows, np.uint64(span[0])
    for column in range(span[1]):
        level = (values[raised, column] * sign + offset) * gain
        level = level if level < WHITE else WHITE
        level = level if values[row, column] == values[row, column] else WHITE
        out[first + np.uint64(column)] = np.uint8(np.int32(max(level, ZERO)))


@compiled
def _look_up(values: Pixels, rows: int, tables: Tables, span: Span, out: Bytes) -> None:
    """Write the bytes of each value: from its bin, up to the step that it has reached."""
    bins, first, edges, colors = tables
    palette, channels, width = colors.reshape(-1), colors.shape[1], rows * colors.shape[1]
    for row in range(rows):
        _find_bins(values, row, span[1], bins)
        begin = span[0] * width + row * channels
        for column in range(span[1]):
            value = values[row, column]
            step = np.uint64(first[np.uint64(np.float32(values[rows, column]).view(np.int32))])
            while value >= edges[step]:
                step += NEXT
            if value != value:  # noqa: PLR0124  (NaN)
                step = np.uint64(edges.shape[0])
            to = np.uint64(begin + column * width)
            color = step * np.uint64(channels)
            out[to] = palette[color]
            if channels == 3:  # a colour, or grey in RGB
                out[to + NEXT] = palette[color + NEXT]
                out[to + NEXT + NEXT] = palette[color + NEXT + NEXT]


@compiled
def _find_bins(values: Pixels, row: int, columns: int, bins: Places) -> None:
    """Write the bin of each value of a row to the last row, as bits: `lut.bins_of` in a vector."""
    shift, base, half, places = bins[0], bins[1], bins[2], values.shape[0] - 1
    for column in range(columns):
        pattern = np.float32(values[row, column]).view(np.int32)
        place = min(max(((pattern & MAGNITUDE) >> shift) - base, NOUGHT), half - ONE_BIN)
        place = half + place if pattern >= NOUGHT else half - ONE_BIN - place
        values[places, column] = np.int32(place).view(np.float32)
