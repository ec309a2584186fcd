import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
import tifffile

from iipastro.encoders import tiff
from iipastro.encoders.options import Options
from iipastro.errors import BadArgument

NOISE = np.random.default_rng(2).integers(0, 4, (64, 64, 3), dtype=np.uint8)


def tags(body):
    with tifffile.TiffFile(BytesIO(body)) as file:
        return {tag.code: tag.value for tag in file.pages[0].tags.values()}


@pytest.mark.parametrize(
    ("name", "number"),  # TIFF 6.0 p. 117 and its registered additions
    [
        ("none", 1),
        ("lzw", 5),
        ("deflate", 8),
        ("jpeg", 7),
        ("webp", 50001),
        ("zstd", 50000),
    ],
)
def test_a_compression_has_its_number(name, number):
    body = tiff.encode(NOISE, Options(9, compression=name))
    assert tags(body)[259] == number
    assert tifffile.imread(BytesIO(body)).shape == (64, 64, 3)


def test_an_unknown_compression_is_a_bad_argument():
    with pytest.raises(BadArgument):
        tiff.encode(NOISE, Options(9, compression="rar"))


@pytest.mark.parametrize(("channels", "photometric"), [(1, 1), (3, 2)])
def test_grey_is_black_at_0_and_colour_is_rgb(channels, photometric):
    assert tags(tiff.encode(NOISE[:, :, :channels], Options(1)))[262] == photometric


def test_it_names_no_date_and_no_program():
    assert not {305, 306, 270} & set(tags(tiff.encode(NOISE, Options(1))))


def test_it_holds_profile_and_xmp():
    options = Options(1, icc=b"profile", xmp=b"<x/>")
    found = tags(tiff.encode(NOISE, options))
    assert found[34675] == b"profile"
    assert bytes(found[700]) == b"<x/>"


def test_the_level_acts():
    low, high = (len(tiff.encode(NOISE, Options(level))) for level in (0, 9))
    assert low > 2 * high


def test_the_encoders_do_not_load_tifffile_before_it_is_needed():
    check = "import sys, iipastro.encoders; sys.exit('tifffile' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_grey_is_written_as_webp_in_three_channels():
    found = tags(tiff.encode(NOISE[:, :, :1], Options(50, compression="webp")))
    assert (found[259], found[277]) == (50001, 3)
