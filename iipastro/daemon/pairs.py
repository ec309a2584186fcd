"""Names and values as FastCGI sends them (FastCGI 1.0, 3.4)."""

from __future__ import annotations


class Malformed(Exception):
    """The stream is not FastCGI, and no later byte can be understood."""


def pairs(data: bytes) -> dict[str, str]:
    """Return names and values (FastCGI 3.4), decoded as latin-1; the last one of a name counts.

    Every length is checked against what is there.  Raises Malformed.
    """
    text = data.decode("latin-1")  # one byte, one character: lengths stay true
    found = {}
    at, end = 0, len(data)
    try:
        while at < end:
            name, value = data[at], data[at + 1]
            if name | value < 128:  # nearly always
                at += 2
            else:
                name, at = _length(data, at)
                value, at = _length(data, at)
            middle = at + name
            at = middle + value
            found[text[middle - name : middle]] = text[middle:at]
    except IndexError:
        raise Malformed("a name-value pair without its lengths") from None
    if at > end:
        raise Malformed("a name-value pair is longer than its stream")
    return found


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Return the length that stands at `at`, in one byte or four, and where it ends."""
    if data[at] < 128:
        return data[at], at + 1
    if at + 4 > len(data):
        raise Malformed("half a length")
    return int.from_bytes(data[at : at + 4], "big") & 0x7FFFFFFF, at + 4
