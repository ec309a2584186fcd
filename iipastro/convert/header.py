"""FITS cards: their values, and the header of each level (spec 5.7).

Read without astropy, whose import takes as long as STIFF takes for 4096 x
4096 pixels.  Cards and their values: FITS standard 4.0, sections 4.1 and 4.2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..geometry import Size
from ..images import fits_cards
from ..images.fits_cards import CARD, Value, value_of
from .source import ConvertError


def clean(card: bytes) -> bytes:
    """Return a card of 80 printable ASCII characters: all else becomes a question mark."""
    if card.isascii() and card.decode().isprintable() and len(card) == CARD:
        return card
    return bytes(c if 32 <= c < 127 else 63 for c in card).ljust(CARD)


class Header:
    """The cards of an HDU.  Of a keyword that comes twice the first counts."""

    def __init__(self, cards: Iterable[bytes], name: str):
        self.cards = tuple(clean(card) for card in cards)  # without END
        self.name = name  # of the HDU, in messages
        self._index: dict[str, int] = {}
        for number, card in enumerate(self.cards):
            self._index.setdefault(card[:8].decode().rstrip(), number)

    def __contains__(self, key: str) -> bool:
        """Tell whether there is such a card."""
        return key in self._index

    def value(self, key: str) -> Value:
        """Return the value of a keyword; None where it is absent."""
        return value_of(self.cards[self._index[key]]) if key in self._index else None

    def text(self, key: str) -> str:
        """Return a string; an empty one where there is none.  The first card of a long one."""
        value = self.value(key)
        return value if isinstance(value, str) else ""

    def integer(self, key: str, default: int | None = None) -> int:
        """Return an integer.  Raises ConvertError without one, unless there is a default."""
        if key not in self and default is not None:
            return default
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ConvertError(f"{self.name}: {key} is {self._shown(key)}, not an integer")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """Return a finite number.  Raises ConvertError without one, unless there is a default."""
        if key not in self and default is not None:
            return default
        value = self.value(key)
        if isinstance(value, (bool, str)) or value is None or not _fits_float(value):
            raise ConvertError(f"{self.name}: {key} is {self._shown(key)}, not a finite number")
        return float(value)

    def _shown(self, key: str) -> str:
        if key not in self:
            return "absent"
        return repr(self.cards[self._index[key]][10:40].decode().strip())


def _fits_float(value: float) -> bool:
    return abs(value) < 1e300 and math.isfinite(value)


def text_card(key: str, value: str, comment: str = "") -> bytes:
    """Return a card of a string, cut to 68 characters, quotes doubled."""
    ascii_text = clean(value.encode("ascii", "replace")[:CARD]).decode().rstrip()
    quoted = ascii_text.replace("'", "''")
    while len(quoted) > 68:
        ascii_text = ascii_text[:-1]
        quoted = ascii_text.replace("'", "''")
    tail = f" / {comment}" if comment else ""
    return (f"{key:<8}= " + f"'{quoted:<8}'".ljust(20) + tail)[:CARD].ljust(CARD).encode()


def with_number(card: bytes, number: float) -> bytes:
    """Return the card with another value, in STIFF's form, its comment kept.

    An integer ends in column 30; a real number has 13 digits, ``%20.12E``.
    """
    text = f"{number:20d}" if isinstance(number, int) else f"{number:20.12E}"
    slash = card.find(b"/", 10)
    comment = b" " + card[slash:] if slash >= 10 else b""
    return (card[:10] + text.encode() + comment)[:CARD].ljust(CARD)


# ---- the header of a level


class Rescaled(NamedTuple):
    """Cards that hold pixels: (value - origin) goes with that power of the pixels' size."""

    keys: re.Pattern[str]
    power: int
    origin: float = 0.0


RESCALED = (
    Rescaled(re.compile(r"CRPIX[12][A-Z]?|LTV[12]"), -1, 0.5),  # the first pixel's centre is 1
    Rescaled(re.compile(r"CDELT[12][A-Z]?|CD[0-9]_[12][A-Z]?"), 1),
    Rescaled(re.compile(r"[AB]P?_DMAX|LTM[12]_[12]"), -1),
    Rescaled(re.compile(r"[AB]P?_([0-9])_([0-9])"), -1),  # SIP: pixels to the power of both, too
)
FIRST_LETTERS = frozenset(b"CABL")
NAME = re.compile(r"CHAN[0-9]{4}")  # of a channel
MATRIX = re.compile(r"(PC|CD)[12]_[12]([A-Z]?)")
SHIFT = re.compile(r"LTV([12])")

# what holds for the pixels of the file alone: tables of distortions, sections, sums
LEFT_OUT = re.compile(
    r"CPDIS[12]|CPERR[12]|CQDIS[12]|CQERR[12]|D[PQ][12]|D2IMDIS[12]|D2IMERR[12]|D2IM[12]"
    r"|(?:DATA|TRIM|BIAS)SEC|CHECKSUM|DATASUM|ZHECKSUM|ZDATASUM"
)


def describe(
    cards: Sequence[bytes], labels: Sequence[str], size: Size, level_halvings: int
) -> bytes:
    """Return the ImageDescription of a level: cards of 80 bytes, without separators or END.

    NAXIS1, NAXIS2, CRPIX, CD and CDELT are those of the level, as STIFF
    writes them; so CRPIX2 is too high, by less than a pixel of the level,
    where rows of FITS were left over below.  Unlike STIFF we keep all digits at the full size, and
    rescale SIP polynomials, alternate coordinates and LTV/LTM too.  TPV and
    other distortions of world coordinates stay right as they are.  Cards that
    are wrong at another size and cannot be rescaled are left out of reduced
    levels: tables of distortions, sections of pixels, checksums.  Scales of 1 that the
    header leaves out are said there.  The names of channels in `cards` give way to `labels`.

    Parameters
    ----------
    cards : the header of the full image; all else in it is kept as it is.
    labels : the names of the channels, for CHAN0001 and so on.
    size : of the full image.
    level_halvings : 0 for the full image.
    """
    lvl = {"NAXIS1": size.width >> level_halvings, "NAXIS2": size.height >> level_halvings}
    out = []
    keys = [card[:8].decode("ascii", "replace").rstrip() for card in cards]
    for card, key in zip(cards, keys, strict=True):
        if key in lvl:
            out.append(_with_side(card, lvl[key]))
        elif labels and NAME.fullmatch(key):
            continue
        elif level_halvings == 0:
            out.append(card)
        elif not LEFT_OUT.fullmatch(key):
            out.append(_rescaled(card, key, 1 << level_halvings))
    if level_halvings:
        out += _scales(frozenset(keys), 1 << level_halvings)
    out += [
        text_card(f"CHAN{number:04d}", label, "Channel tagname")
        for number, label in enumerate(labels[:9999], 1)
    ]
    return b"".join(out)


def _with_side(card: bytes, side: int) -> bytes:
    return card if value_of(card) == side else with_number(card, side)


def _rescaled(card: bytes, key: str, step: int) -> bytes:
    """Return the card as it is at a level of `step` by `step` pixels for each of its own."""
    if card[0] not in FIRST_LETTERS:
        return card
    for kind in RESCALED:
        if match := kind.keys.fullmatch(key):
            value = value_of(card)
            if isinstance(value, (bool, str)) or value is None or not _fits_float(value):
                return card
            power = kind.power + sum(map(int, match.groups()))
            return with_number(card, (value - kind.origin) * float(step) ** power + kind.origin)
    return card


def _scales(keys: frozenset[str], step: int) -> list[bytes]:
    """Return cards of the scales that are 1 at the full size, because they are absent there.

    CDELT of both axes beside a PC matrix (FITS 4.0 table 22; of a matrix too,
    what is absent is that of identity), and LTM beside LTV.
    """
    found = {match.groups() for match in map(MATRIX.fullmatch, keys) if match}
    versions = sorted(which for kind, which in found if kind == "PC" and ("CD", which) not in found)
    scales = {f"CDELT{axis}{which}": float(step) for which in versions for axis in "12"}
    for match in filter(None, map(SHIFT.fullmatch, sorted(keys))):
        scales[f"LTM{match[1]}_{match[1]}"] = 1 / step
    return [with_number(f"{key:<8}= ".encode(), scales[key]) for key in scales if key not in keys]


# ---- cards that a mosaic or an inherited header changes


def replaced(cards: Sequence[bytes], numbers: Mapping[str, float]) -> tuple[bytes, ...]:
    """Return the cards with other values for the keywords in `numbers` that they hold."""
    keys = [card[:8].decode("ascii", "replace").rstrip() for card in cards]
    return tuple(
        with_number(card, numbers[key]) if key in numbers else card
        for card, key in zip(cards, keys, strict=True)
    )


def inherited(own: Header, primary: Header) -> tuple[bytes, ...]:
    """Return the cards of an extension, and those of the primary HDU that INHERIT = T gives it."""
    if own.value("INHERIT") is not True:
        return own.cards
    return (*own.cards, *fits_cards.inherited(own.cards, primary.cards))
