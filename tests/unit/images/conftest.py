"""TIFF files made on the spot, with any tag changed."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import numpy as np
import pytest

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
        path = tmp_path / name
        path.write_bytes(out.content)
        return path

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
