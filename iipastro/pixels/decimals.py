"""Samples → text: numbers as C++ prints them, in a compiled loop (spec 2.8)."""

from __future__ import annotations

import math

import numpy as np

from ..compiled import compiled, keep
from .scene import Bytes, Pixels, Raw

LONGEST = 23  # bytes of a number: sign, ten digits, point, nine digits, comma; and a reserve
TOO_LARGE = np.float32(8e9)  # from here on, billionths pass 63 bits
BILLION, TEN = 1_000_000_000, 10
DIGIT, POINT, COMMA, MINUS = (np.uint8(ord(character)) for character in "0.,-")
NULL = np.frombuffer(b"null", dtype=np.uint8)


def decimals(samples: Raw) -> bytes:
    """Return samples in order, channels fastest, separated by commas, as JSON numbers.

    Integers have six significant digits, floats nine decimals; a sample that
    is not finite is null.
    """
    if samples.dtype != np.float32:
        return _by_pattern(samples)
    flat = np.ascontiguousarray(samples).reshape(-1)
    large = np.abs(flat) >= TOO_LARGE
    if large.any() and np.isfinite(flat[large]).any():
        return _by_pattern(samples)
    text = np.empty(flat.size * LONGEST, dtype=np.uint8)
    return text[: max(0, _write(flat, text) - 1)].tobytes()


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
    """Write each number and a comma; return how many bytes that are.

    A float32 has 24 bits and 10**9 is 2**9 times a number of 21, so that
    billionths are exact in a float64, and `rint` rounds them as printf does:
    to the nearest, ties to even.
    """
    at = 0
    for sample in samples:
        billionths = np.rint(np.float64(sample) * BILLION)
        if abs(sample) < TOO_LARGE:
            if np.signbit(sample):
                text[at] = MINUS
                at += 1
            at = _write_fixed(np.uint64(abs(billionths)), text, at)
        else:
            for letter in NULL:
                text[at] = letter
                at += 1
        text[at] = COMMA
        at += 1
    return at


@compiled
def _write_fixed(billionths: np.uint64, text: Bytes, at: int) -> int:
    """Write a number of billionths with its point; return where it ends."""
    whole = billionths // np.uint64(BILLION)
    part = np.uint32(billionths - whole * np.uint64(BILLION))
    end, rest = at + 1, whole // np.uint64(TEN)
    while rest:
        end, rest = end + 1, rest // np.uint64(TEN)
    for place in range(end - 1, at - 1, -1):
        text[place] = DIGIT + np.uint8(whole % np.uint64(TEN))
        whole //= np.uint64(TEN)
    text[end] = POINT
    for place in range(end + 9, end, -1):
        text[place] = DIGIT + np.uint8(part % np.uint32(TEN))
        part //= np.uint32(TEN)
    return end + 10
