"""How the wire writes numbers, lists and names (spec, conventions and 1.3)."""

from __future__ import annotations

import math
import re
import struct

# C's atoi and atof: blanks, then the longest prefix that is a number.  Never an error.
_INT = re.compile(r"[ \t\n\v\f\r]*([+-]?)0*([0-9]*)")
_FLOAT = re.compile(
    r"[ \t\n\v\f\r]*([+-]?)(?:"
    r"(?P<word>inf(?:inity)?|nan)|"
    r"(?P<hex>0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?[0-9]+)?)|"
    r"(?P<decimal>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?))",
    re.IGNORECASE,
)
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_INT_MAX, _INT_MIN = 2**31 - 1, -(2**31)
_NAN = math.nan  # one object: another would not equal it, nor hash alike, in a cache key


def c_int(text: str) -> int:
    """Return the whole number that `text` begins with, held to 32 bits; 0 if none."""
    sign, digits = _INT.match(text).groups()  # type: ignore[union-attr]  # matches anything
    value = int(digits or 0) if len(digits) <= 10 else -_INT_MIN
    return max(_INT_MIN, -value) if sign == "-" else min(_INT_MAX, value)


def c_float(text: str) -> float:
    """Return the number that `text` begins with, in single precision; 0 if none.

    As C's strtod reads it: exponents, inf, nan and hexadecimal floats included.
    """
    match = _FLOAT.match(text)
    if match is None:
        return 0.0
    value = _magnitude(match)
    if math.isnan(value):
        return _NAN
    return single(-value if match[1] == "-" else value)


def _magnitude(match: re.Match[str]) -> float:
    if match["hex"]:
        try:
            return float.fromhex(match["hex"])
        except OverflowError:
            return math.inf
    return float(match["word"] or match["decimal"])


def single(value: float) -> float:
    """Return `value` rounded to float32, as the reference stores it."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def c_ints(text: str) -> list[int]:
    """Return the numbers of a list with commas."""
    return [c_int(item) for item in text.split(",")]


def c_floats(text: str) -> list[float]:
    """Return the numbers of a list with commas; empty items are skipped (spec 2.4, CTW)."""
    return [c_float(item) for item in text.split(",") if item]


def url_decode(text: str, plus: bool = False) -> str:
    """Return `text` with each %XX decoded once, as UTF-8 where it is (spec 1.3).

    `text` holds a byte per character, as CGI variables do.  %00 is removed;
    any other % stays.  Only in names does a plus mean a blank (`plus`): in a
    number it belongs to the exponent.  Bytes that are no UTF-8 survive as
    surrogates, so that they name the file they came from.
    """
    raw = text.encode("latin-1", "replace")
    if plus:
        raw = raw.replace(b"+", b" ")
    raw = _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), raw)
    return raw.replace(b"\0", b"").decode("utf-8", "surrogateescape")
