"""The report about an image: facts as they are, and warnings in plain words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from astropy.io import fits

from iipastro.check import check_image
from iipastro.errors import Refused, Unreadable, Unservable

FLOAT = np.dtype(np.float32)
CUTS = [(340, "f", 1, 0.0, True), (341, "f", 1, 9.0, True)]


@pytest.fixture
def tiff(tmp_path):
    """Write a pyramid of given sizes (width, height) and return its path."""

    def write(*sizes, dtype=FLOAT, tags=(), **options) -> str:
        path = tmp_path / "image.tif"
        with tifffile.TiffWriter(path) as writer:
            for width, height in sizes:
                pixels = np.arange(width * height).reshape(height, width).astype(dtype)
                writer.write(pixels, tile=(64, 64), extratags=tags, metadata=None, **options)
                options.pop("description", None)
        return str(path)

    return write


def test_the_facts_of_a_file_of_stiff(data):
    facts = dict(check_image(str(data / "multi5_1k.ptif")).facts)
    assert facts["size"] == "1024 x 1024 pixels"
    assert facts["channels"] == "5, float32, 32 bits in the file"
    assert facts["color"] == "rgb"  # LinearRaw is announced as such (spec 5.2)
    assert facts["level 0"] == "256 x 256, 1 x 1 tiles of 256 x 256"
    assert facts["level 2"] == "1024 x 1024, 4 x 4 tiles of 256 x 256"
    assert "level 3" not in facts
    assert facts["cuts of channel 1"] == "85.6354599 to 188.181015"
    assert facts["cuts of channel 5"] == "1912.99451 to 3032.17163"
    assert facts["subject"] == "2720 bytes"  # 34 cards of 80
    assert facts["color profile"] == "none"


def test_the_facts_of_an_image_with_a_color_profile(tiff):
    facts = dict(check_image(tiff((64, 64), dtype=np.uint8, iccprofile=b"p" * 130)).facts)
    assert facts["color profile"] == "130 bytes"
    assert facts["channels"] == "1, uint8, 8 bits in the file"


@pytest.mark.parametrize("name", ["odd_r", "multi5_1k", "nan_1k", "odd_rgb8"])
def test_what_stiff_writes_is_fine(data, name):
    assert check_image(str(data / f"{name}.ptif")).warnings == []


def test_levels_that_are_not_floor_halved_are_named(tiff):
    (warning,) = check_image(tiff((257, 129), (129, 65), (64, 33), tags=CUTS)).warnings
    assert warning == (
        "level 0 is 64 x 33 where clients expect 64 x 32;"
        " level 1 is 129 x 65 where clients expect 128 x 64"
    )


def test_a_large_smallest_level_is_named(tiff):
    (warning,) = check_image(tiff((600, 500), tags=CUTS)).warnings
    assert warning.startswith("the smallest level is 600 x 500: every overview is made of 80 tiles")


def test_a_smallest_level_of_511_pixels_is_fine(tiff):
    assert check_image(tiff((511, 511), tags=CUTS)).warnings == []
    assert len(check_image(tiff((64, 512), tags=CUTS)).warnings) == 1


@pytest.mark.parametrize(
    ("cards", "warned"),
    [
        (["SIMPLE  =                    T", "LATPOLE =                 90.0"], True),
        (["SIMPLE  =                    T", "COMMENT LATPOLE is not set"], False),
        (["SIMPLE  =                    T / LATPOLE"], False),
    ],
)
def test_a_latpole_card_is_named(tiff, cards, warned):
    header = "".join(f"{card:<80}" for card in cards)
    warnings = check_image(tiff((64, 64), tags=CUTS, description=header)).warnings
    assert [("VisiOmatic 2" in text and "hide_latpole" in text) for text in warnings] == [
        True
    ] * warned


@pytest.mark.parametrize(
    ("author", "warned"), [("bertin", True), ("E. Bertin", False), ("Terapix", False)]
)
def test_a_login_name_is_named(tiff, author, warned):
    artist = (315, "s", 0, author, True)
    warnings = check_image(tiff((64, 64), tags=[*CUTS, artist])).warnings
    assert [f'"{author}"' in text for text in warnings] == [True] * warned


@pytest.mark.parametrize(
    ("dtype", "tags", "warned"),
    [
        (np.float32, CUTS, False),
        (np.float32, [], True),
        (np.float32, CUTS[:1], True),  # 0 to nothing
        (np.int16, [], True),
        (np.uint16, [], False),  # all that the type holds (spec 5.4)
    ],
)
def test_cuts_that_nobody_chose_are_named(tiff, dtype, tags, warned):
    warnings = check_image(tiff((64, 64), dtype=dtype, tags=tags)).warnings
    assert ["percentiles" in text for text in warnings] == [True] * warned


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_level_whose_last_tile_is_broken_is_refused(tiff, level):
    path = Path(tiff((400, 300), (200, 150), (100, 75), compression="zlib"))
    with tifffile.TiffFile(path) as whole:
        page = whole.pages[2 - level]
        start, count = page.dataoffsets[-1], page.databytecounts[-1]
    content = bytearray(path.read_bytes())
    content[start : start + count] = bytes(count)
    path.write_bytes(content)
    with pytest.raises(Unreadable):
        check_image(str(path))


@pytest.mark.parametrize("content", [b"", b"no image at all", b"II*\0\x08\0\0\0\0\0\0\0"])
def test_what_is_no_image_is_refused(tmp_path, content):
    path = tmp_path / "x.tif"
    path.write_bytes(content)
    with pytest.raises(Refused):
        check_image(str(path))


def test_a_fits_file_is_read_where_it_is(tmp_path):
    hdu = fits.PrimaryHDU(np.arange(600 * 4, dtype=np.int16).reshape(4, 600))
    hdu.header["LATPOLE"] = 90
    hdu.writeto(tmp_path / "a.fits")
    report = check_image(str(tmp_path / "a.fits"))
    facts = dict(report.facts)
    assert facts["size"] == "600 x 4 pixels"
    assert facts["level 0"] == "150 x 1, 1 x 1 tiles of 256 x 256"
    assert [text[:35] for text in report.warnings] == ["the FITS header holds a LATPOLE car"]
    os.truncate(tmp_path / "a.fits", 2880 + 4799)
    with pytest.raises(Unservable, match="cut short"):
        check_image(str(tmp_path / "a.fits"))


def test_only_a_file_is_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(Unservable, match="not a regular file"):
            check_image(str(path))


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        check_image(str(tmp_path / "x.tif"))


def test_no_descriptor_is_left_open(data, tmp_path):
    (tmp_path / "x.tif").write_bytes(b"II*\0")
    before = os.listdir("/proc/self/fd")
    check_image(str(data / "odd_r.ptif"))
    for path in (tmp_path, tmp_path / "x.tif"):
        with pytest.raises(Refused):
            check_image(str(path))
    assert os.listdir("/proc/self/fd") == before


def test_what_is_compiled_to_read_an_image_is_kept_for_the_next_time(tiff, tmp_path):
    path, kept = tiff((64, 64), compression="lzw"), tmp_path / "kept"
    program = "import sys; from iipastro.check import check_image; check_image(sys.argv[1])"
    environ = {**os.environ, "NUMBA_CACHE_DIR": str(kept), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program, path]
    done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {file.name.partition("-")[0] for file in kept.rglob("*.nbi")} >= {
        "lzw.fill",
        "differences.add_up",
    }
