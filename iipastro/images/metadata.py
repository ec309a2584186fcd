"""TIFF tags as the metadata of the protocol (spec 2.3, 5.2)."""

from __future__ import annotations

import math

from .directory import Directory
from .fits_cards import CARD, Value, value_of

NAMES = {  # IIP name → tag (spec 2.3), in the order of summary-info
    "copyright": 33432,
    "subject": 270,
    "author": 315,
    "create-dtm": 306,
    "app-name": 305,
}
COLORS = {1: "grey", 8: "lab"}  # PhotometricInterpretation; all others are "rgb" (spec 5.2)
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 282, 283, 296
INCH, CENTIMETRE = 2, 3
UNITS_PER_METRE = {INCH: 1 / 0.0254, CENTIMETRE: 100.0}  # 1 is "none"


def metadata_of(directory: Directory) -> dict[str, bytes]:
    """Return the texts of an image as they are in the file, up to the first NUL; no empty ones."""
    texts = {name: directory.content(tag).partition(b"\0")[0] for name, tag in NAMES.items()}
    return {name: text for name, text in texts.items() if text}


def color_of(photometric: int) -> str:
    """Return grey, rgb or lab: what OBJ=colorspace announces, not the number of channels."""
    return COLORS.get(photometric, "rgb")


def dots_per_metre_of(directory: Directory) -> tuple[float, float] | None:
    """Return the resolution of the image across and down, None where it has no unit.

    Without ResolutionUnit the unit is the inch (TIFF 6.0 p. 38).
    """
    unit, *_ = directory.numbers(RESOLUTION_UNIT) or (INCH,)
    per_metre = UNITS_PER_METRE.get(int(unit))
    across = directory.numbers(X_RESOLUTION)
    down = directory.numbers(Y_RESOLUTION)
    if per_metre is None or not across or not down:
        return None
    dots = (across[0] * per_metre, down[0] * per_metre)
    return dots if all(math.isfinite(number) and number > 0 for number in dots) else None


def without_card(subject: bytes, keyword: str) -> bytes:
    """Return a FITS header of 80-character cards without those of `keyword`.

    Text that is no such header has no card at a multiple of 80 and stays as it is.
    """
    start = keyword.encode("ascii").ljust(8) + b"="
    cards = (subject[at : at + CARD] for at in range(0, len(subject), CARD))
    return b"".join(card for card in cards if not card.startswith(start))


def values_of(subject: bytes) -> dict[str, Value]:
    """Return the values in a FITS header by keyword, the last one of a keyword.

    Cards without a value (COMMENT, HISTORY) are left out, and so is all of a
    text that is no FITS header.
    """
    if not subject.startswith((b"SIMPLE  =", b"XTENSION=")):
        return {}
    cards = (subject[at : at + CARD] for at in range(0, len(subject), CARD))
    values = ((card[:8].rstrip().decode("latin-1"), value_of(card)) for card in cards)
    return {keyword: value for keyword, value in values if value is not None}
