"""Settings of the watermark."""

from __future__ import annotations

from dataclasses import dataclass

from .. import environment as env
from .. import readers as read
from ..setting import Rule, Variable, setting


@dataclass(frozen=True)
class Watermark:
    """A mark on the pictures that are sent: tiles and exports, never values."""

    file: str = setting(
        "",
        read.TEXT,
        "The mark: a PNG or TIFF file, with alpha where it is not all of a rectangle. Empty: none.",
        Variable("WATERMARK"),
    )
    opacity: float = setting(
        "1",
        read.fraction(),
        "Multiplies the alpha of the mark.",
        env.fraction("WATERMARK_OPACITY"),
    )
    probability: float = setting(
        "1",
        read.fraction(),
        "How often a picture gets the mark, unless a rule says otherwise.",
        env.fraction("WATERMARK_PROBABILITY"),
    )
    rules: tuple[Rule, ...] = setting(
        "", read.rules(read.fraction()), "How often pictures of some images get it. 0: never."
    )
    mode: str = setting(
        "additive",
        read.words("additive", "blend"),
        "Whether its light is added to that of the picture, or it covers what is beneath it.",
    )
    spacing: int = setting(
        "512",
        read.number(16, 65500),
        "A picture twice as wide or high is divided into cells of at least this side, in pixels,"
        " and each of them draws its own mark.",
    )
    cache: bool = setting(
        "no",
        read.YES_NO,
        "Whether marked pictures are kept in caches. Their marks are then no longer drawn anew for"
        " each answer, but once for each address.",
    )
