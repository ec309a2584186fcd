from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from iipastro.encoders import webp
from iipastro.encoders.options import Options
from iipastro.errors import TooLarge

NOISE = np.random.default_rng(2).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def test_a_lower_quality_is_smaller():
    assert len(webp.encode(NOISE, Options(10))) < len(webp.encode(NOISE, Options(90)))


def test_quality_is_cut_to_100():
    assert webp.encode(NOISE, Options(101)) == webp.encode(NOISE, Options(100))


def test_lossless_is_another_kind_of_file():
    assert webp.encode(NOISE, Options(-1))[12:16] == b"VP8L"
    assert webp.encode(NOISE, Options(0))[12:16] == b"VP8 "


def test_the_method_is_the_fastest():
    file = BytesIO()
    Image.fromarray(NOISE).save(file, "WEBP", quality=50, method=0)
    assert webp.encode(NOISE, Options(50)) == file.getvalue()


def test_it_holds_profile_and_xmp():
    body = webp.encode(NOISE, Options(50, icc=b"profile", xmp=b"<x/>"))
    assert b"ICCP\x07\0\0\0profile" in body
    assert b"XMP \x04\0\0\0<x/>" in body


def test_the_longest_side_is_16383():
    assert webp.encode(np.zeros((1, 16383, 1), np.uint8), Options(10))
    with pytest.raises(TooLarge):
        webp.encode(np.zeros((16384, 1, 1), np.uint8), Options(10))
