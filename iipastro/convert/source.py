"""What is converted: an image read by strips of rows, wherever its pixels come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..geometry import Size

Floats = np.ndarray[Any, np.dtype[np.float32]]  # (rows, columns, channels)


class ConvertError(Exception):
    """The conversion cannot be done.  The message names the file and, where it has one, the HDU."""


@dataclass(frozen=True)
class Options:
    """How FITS files are read."""

    hdus: tuple[str, ...] = ()  # numbers, 0 the primary, or EXTNAMEs; empty: the first image
    planes: tuple[int, ...] = ()  # of cubes, from 1; empty: all
    mosaic: str = ""  # "detsec" or "wcs": the extensions of a file are parts of one image
    labels: tuple[str, ...] = ()  # of the channels; empty: what `label_key` says
    label_key: str = "FILTER"
    flags: tuple[str, ...] = ()  # flag maps, one for all inputs or one for each: not 0 is NaN
    blank_value: float | None = None  # replaces NaN; None keeps it
    unsigned: bool = False  # integers without BZERO are unsigned (STIFF's FITS_UNSIGNED)
    any_wcs: bool = False  # channels whose coordinates differ are taken as they are
    scratch: str = ""  # folder of temporary files, which have no name there; empty: TMPDIR


class Source(Protocol):
    """An open image to convert."""

    @property
    def size(self) -> Size:
        """The size of the output image."""

    @property
    def channels(self) -> int:
        """How many values each pixel has."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the channels, for the cards CHANnnnn; empty where nothing is known."""

    @property
    def cards(self) -> tuple[bytes, ...]:
        """The header of the first input: cards of 80 bytes, without END.

        Cards CHANnnnn among them count where there are no labels.
        """

    @property
    def name(self) -> str:
        """What messages call it."""

    def read(self, top: int, rows: int) -> Floats:
        """Return rows `top` to `top + rows`: float32 (rows, columns, channels), the caller's own.

        Row 0 is the top of the output: the last row of FITS. BSCALE and BZERO
        are applied; blank pixels are NaN, or what replaces them. Threads may
        read at the same time.  Raises ConvertError.
        """

    def close(self) -> None:
        """Let go of the files."""
