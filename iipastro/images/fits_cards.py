"""Cards of a FITS header: their values, and what follows from them (FITS 4.0 §4.1, §4.2).

For the server and for the converter, whose walks through a file differ (`convert.hdus`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

BLOCK = 2880  # bytes
CARD = 80  # bytes
MAX_AXES = 999  # FITS 4.0 §4.4.1.1
LONGEST_AXIS = 2**63 - 1  # pixels
SAMPLE_BITS = (8, 16, 32, 64, -32, -64)  # of BITPIX

Value = str | bool | int | float | None

TEXT = re.compile(rb" *'((?:[^']|'')*)'")
INTEGER = re.compile(rb"[+-]?[0-9]+")
REAL = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[EeDd][+-]?[0-9]+)?")
OF_ONE_HDU = re.compile(  # keywords that no other HDU inherits (FITS 4.0 appendix K)
    rb"SIMPLE|XTENSION|BITPIX|NAXIS[0-9]*|PCOUNT|GCOUNT|GROUPS|EXTEND|NEXTEND|EXTNAME|EXTVER"
    rb"|EXTLEVEL|INHERIT|BSCALE|BZERO|BLANK|DATAMIN|DATAMAX|CHECKSUM|DATASUM|END"
    rb"|COMMENT|HISTORY|CONTINUE|HIERARCH|"
)


def value_of(card: bytes) -> Value:
    """Return the value of a card; None where there is none, or none that FITS knows.

    A real number beyond float64 is infinite.
    """
    if card[8:10] != b"= ":
        return None
    text = TEXT.match(card, 10)
    if text is not None:
        return text[1].replace(b"''", b"'").decode("latin-1").rstrip()
    word = card[10:].partition(b"/")[0].strip()
    if word in (b"T", b"F"):
        return word == b"T"
    if INTEGER.fullmatch(word):
        return int(word)
    return float(word.upper().replace(b"D", b"E")) if REAL.fullmatch(word) else None


def data_bytes(axes: Sequence[int], bits: int, extra: int, groups: int, random: bool) -> int:
    """Return the bytes of the data of an HDU, without the filling (FITS 4.0 eq. 1, 2, 4).

    `extra` is PCOUNT, `groups` GCOUNT; `random` tells whether GROUPS is T.
    """
    if not axes:
        return 0
    if random and axes[0] == 0:
        axes = axes[1:]
    return abs(bits) // 8 * groups * (extra + math.prod(axes))


def inherited(own: Sequence[bytes], primary: Sequence[bytes]) -> list[bytes]:
    """Return the cards that INHERIT = T gives an extension besides its own ones."""
    known = {card[:8] for card in own}
    return [
        card
        for card in primary
        if card[:8] not in known and not OF_ONE_HDU.fullmatch(card[:8].rstrip())
    ]
