"""TIFF and FITS files made on the spot, with any tag or card changed."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
import types
from pathlib import Path

import numpy as np
import pytest

from iipastro.images.fits import FitsOptions, FitsSource
from iipastro.images.level_cache import LevelCache
from iipastro.images.selection import WHOLE_FILE, split_selection
from iipastro.images.tiff import TiffSource

SCRIPT = Path(__file__).parents[3] / "scripts" / "make_fixtures.py"


@pytest.fixture(scope="session")
def make():
    """Return the script that makes TIFF files, as a module."""
    spec = importlib.util.spec_from_file_location("make_fixtures_unit", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look there
    spec.loader.exec_module(module)
    return module


def _aged(path, content):
    """Write a file as if it had been there for an hour: a new one is not kept in caches yet."""
    path.write_bytes(content)
    hour_ago = time.time_ns() - 3600 * 10**9
    os.utime(path, ns=(hour_ago, hour_ago))
    return path


@pytest.fixture
def write_tiff(make, tmp_path):
    """Return a function that writes levels, with tags changed, and gives the path.

    `changes` holds tag → (struct letter, values), None to leave the tag out.
    `packed` turns the bytes of each tile into others.
    """

    def write(levels, changes=(), tile=16, packed=bytes, name="image.tif", order="<"):
        out = make.Writer(order)
        for level in levels:
            tiles = [
                packed(t.astype(t.dtype.newbyteorder(order)).tobytes())
                for t in make.tiles_of(level, tile, tile)
            ]
            tags = make.plain_tags(level, (tile, tile))
            tags[324] = ("I", [out.add(content) for content in tiles])
            tags[325] = ("I", [len(content) for content in tiles])
            tags.update(changes)
            out.chain({code: value for code, value in tags.items() if value is not None})
        return _aged(tmp_path / name, out.content)

    return write


@pytest.fixture
def open_tiff():
    """Return a function that opens a path; everything is closed afterwards."""
    sources = []

    def opened(path):
        sources.append(TiffSource.open(os.open(path, os.O_RDONLY)))
        return sources[-1]

    yield opened
    for source in sources:
        source.close()


@pytest.fixture
def ramp():
    """Return a function that makes (rows, columns, channels) of consecutive numbers."""

    def made(rows, columns, channels=1, dtype="uint8"):
        return np.arange(rows * columns * channels).astype(dtype).reshape(rows, columns, channels)

    return made


@pytest.fixture
def descriptors():
    """Return a function that counts the open descriptors of this process."""
    return lambda: len(os.listdir("/proc/self/fd"))


# ---- FITS, written from the standard: the tests of our reader do not lean on another one


def fits_card(keyword, value):
    """Return a card of 80 characters; a string is quoted, bytes are taken as they are."""
    if isinstance(value, bytes):
        return (keyword.encode().ljust(8) + value).ljust(80)
    text = {True: "T", False: "F"}.get(value) if isinstance(value, bool) else str(value)
    text = f"'{value:<8}'" if isinstance(value, str) else f"{text:>20}"
    return f"{keyword:<8}= {text}".encode().ljust(80)


def fits_block(content, filling=b"\0"):
    """Return `content` filled up to whole blocks of 2880 bytes."""
    return content + filling * (-len(content) % 2880)


def fits_header(cards):
    """Return a header of (keyword, value) pairs, END included."""
    text = b"".join(fits_card(*card) for card in cards)
    return fits_block(text + b"END".ljust(80), b" ")


def fits_hdu(pixels, cards=(), extension=False):
    """Return an HDU: `pixels` as FITS has them, the first row at the bottom; None for no data."""
    bits, shape = 8, ()
    if pixels is not None:
        bits = pixels.dtype.itemsize * (-8 if pixels.dtype.kind == "f" else 8)
        shape = tuple(reversed(pixels.shape))
    head = [("XTENSION", "IMAGE")] if extension else [("SIMPLE", True)]
    head += [("BITPIX", bits), ("NAXIS", len(shape))]
    head += [(f"NAXIS{axis}", length) for axis, length in enumerate(shape, 1)]
    head += [("PCOUNT", 0), ("GCOUNT", 1)] if extension else []
    changed = dict(cards)
    head = [(name, changed.pop(name, value)) for name, value in head]
    rest = [card for card in cards if card[0] in changed]
    kept = [card for card in head if card[1] is not None] + rest
    data = b"" if pixels is None else pixels.astype(pixels.dtype.newbyteorder(">")).tobytes()
    return fits_header(kept) + fits_block(data)


@pytest.fixture
def fits():
    """Return the functions that make FITS files."""
    return types.SimpleNamespace(card=fits_card, block=fits_block, header=fits_header, hdu=fits_hdu)


@pytest.fixture
def write_fits(tmp_path):
    """Return a function that writes HDUs, (pixels, cards) or pixels, and gives the path."""

    def write(*hdus, name="image.fits"):
        content = b""
        for number, hdu in enumerate(hdus):
            pixels, cards = hdu if isinstance(hdu, tuple) else (hdu, ())
            content += fits_hdu(pixels, cards, extension=number > 0)
        return _aged(tmp_path / name, content)

    return write


@pytest.fixture
def open_fits(tmp_path):
    """Return a function that opens a path as the server does; everything is closed afterwards."""
    sources = []

    def opened(path, selection="", cache=None, **options):
        chosen = split_selection(f"x{selection}")
        cache = cache or LevelCache(str(tmp_path / "cache"), 1 << 30)
        sources.append(
            FitsSource.open(
                os.open(path, os.O_RDONLY),
                chosen[1] if chosen else WHOLE_FILE,
                FitsOptions(cache=cache, **options),
            )
        )
        return sources[-1]

    yield opened
    for source in sources:
        source.close()
