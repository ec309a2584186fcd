"""Samples → text: numbers as C++ prints them, in a compiled loop (spec 2.8)."""

from __future__ import annotations

import math

import numpy as np

from ..compiled import compiled, keep
from .scene import Bytes, Pixels, Raw

LONGEST = 23  # bytes of a number: sign, ten digits, point, nine digits, comma; and a reserve
TOO_LARGE = np.float32(8e9)  # from here on, billionths pass 63 bits
BILLION, TEN, NEXT = np.uint64(1_000_000_000), np.uint64(10), np.uint64(1)
DIGIT, POINT, COMMA, MINUS = (np.uint8(ord(character)) for character in "0.,-")
NULL = np.frombuffer(b"null", dtype=np.uint8)
PAIRS = np.frombuffer("".join(f"{pair:02}" for pair in range(100)).encode(), dtype=np.uint8)


def decimals(samples: Raw) -> bytes:
    """Return samples in order, channels fastest, separated by commas, as JSON numbers.

    Integers have six significant digits, floats nine decimals; a sample that
    is not finite is null.
    """
    if samples.dtype != np.float32:
        return _by_pattern(samples)
    flat = np.ascontiguousarray(samples).reshape(-1)
    text = np.empty(flat.size * LONGEST, dtype=np.uint8)
    length = _write(flat, text)
    return _by_pattern(samples) if length < 0 else text[: max(0, length - 1)].tobytes()


def _by_pattern(samples: Raw) -> bytes:
    """Return the same by the formatting of the language."""
    pattern = b"%.9f" if samples.dtype.kind == "f" else b"%.6g"
    values = samples.ravel().tolist()
    if all(map(math.isfinite, values)):
        return b",".join([pattern] * len(values)) % tuple(values)
    return b",".join(pattern % value if math.isfinite(value) else b"null" for value in values)


def warm_up() -> None:
    """Compile, or load what was compiled before."""
    keep(_write, lambda: decimals(np.zeros(1, dtype=np.float32)))


@compiled
def _write(samples: Pixels, text: Bytes) -> int:
    """Write each number and a comma; return how many bytes that are, -1 for a number too large.

    A float32 has 24 bits and 10**9 is 2**9 times a number of 21, so that
    billionths are exact in a float64, and `rint` rounds them as printf does:
    to the nearest, ties to even.  Places are unsigned: none is tested for a sign.
    """
    at = 0
    for sample in samples:
        if abs(sample) < TOO_LARGE:
            if np.signbit(sample):
                text[np.uint64(at)] = MINUS
                at += 1
            billionths = np.rint(abs(np.float64(sample)) * 1e9)
            at = _write_fixed(np.uint64(billionths), text, at)
        elif np.isfinite(sample):
            return -1
        else:
            for letter in NULL:
                text[at] = letter
                at += 1
        text[np.uint64(at)] = COMMA
        at += 1
    return at


@compiled
def _write_fixed(billionths: np.uint64, text: Bytes, at: int) -> int:
    """Write a number of billionths with its point; return where it ends."""
    whole = billionths // BILLION
    part = np.uint32(billionths - whole * BILLION)
    end, limit = at + 1, TEN
    while whole >= limit:
        end, limit = end + 1, limit * TEN
    for place in range(end - 1, at - 1, -1):
        tenth = whole // TEN
        text[np.uint64(place)] = DIGIT + np.uint8(whole - tenth * TEN)
        whole = tenth
    text[np.uint64(end)] = POINT
    _write_two(part // np.uint32(10_000_000), text, end + 1)
    _write_two(part // np.uint32(100_000), text, end + 3)
    _write_two(part // np.uint32(1000), text, end + 5)
    _write_two(part // np.uint32(10), text, end + 7)
    text[np.uint64(end + 9)] = DIGIT + np.uint8(part % np.uint32(10))
    return end + 10


@compiled
def _write_two(number: np.uint32, text: Bytes, at: int) -> None:
    """Write the last two digits of a number: pairs, as each digit waits for the one before."""
    pair = np.uint64(2 * (number % np.uint32(100)))
    text[np.uint64(at)] = PAIRS[pair]
    text[np.uint64(at) + NEXT] = PAIRS[pair + NEXT]
