"""FITS files of a test's own making, byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

BLOCK = 2880


def card(key: str, value: object, comment: str = "") -> bytes:
    """Return a card of 80 bytes: a logical, a number or a string."""
    if isinstance(value, bool):
        text = f"{'T' if value else 'F':>20}"
    elif isinstance(value, str):
        text = f"'{value:<8}'"
    else:
        text = f"{value!r:>20}"
    return (f"{key:<8}= {text}" + (f" / {comment}" if comment else "")).ljust(80).encode()


def padded(data: bytes, filler: bytes) -> bytes:
    """Return whole blocks."""
    return data + filler * (-len(data) % BLOCK)


def hdu_bytes(cards: list[bytes], data: bytes = b"") -> bytes:
    """Return a header with END, and its data, in whole blocks."""
    return padded(b"".join(cards) + b"END".ljust(80), b" ") + padded(data, b"\0")


def image_cards(bits: int, *axes: int, extension: bool = False, **more: object) -> list[bytes]:
    """Return the cards of an image."""
    first = card("XTENSION", "IMAGE") if extension else card("SIMPLE", True)
    cards = [first, card("BITPIX", bits), card("NAXIS", len(axes))]
    cards += [card(f"NAXIS{number}", axis) for number, axis in enumerate(axes, 1)]
    if extension:
        cards += [card("PCOUNT", 0), card("GCOUNT", 1)]
    return cards + [card(key, value) for key, value in more.items()]


@pytest.fixture(name="fits_cards")
def _fits_cards() -> Callable[..., list[bytes]]:
    """Return the maker of cards: BITPIX, the axes, and keywords."""
    return image_cards


@pytest.fixture(name="fits_card")
def _fits_card() -> Callable[..., bytes]:
    return card


@pytest.fixture(name="fits_hdu")
def _fits_hdu() -> Callable[..., bytes]:
    return hdu_bytes


@pytest.fixture(name="write_fits")
def _write_fits(tmp_path: Path) -> Callable[..., str]:
    """Return a writer: file name, then (cards, data) of each HDU; gives the path."""

    def write(name: str, *hdus: tuple[list[bytes], bytes]) -> str:
        path = tmp_path / name
        path.write_bytes(b"".join(hdu_bytes(*hdu) for hdu in hdus))
        return str(path)

    return write
