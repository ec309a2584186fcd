import struct

import numpy as np
import pytest

from iipastro.encoders import png
from iipastro.encoders.options import Options

NOISE = np.random.default_rng(2).integers(0, 4, (64, 64, 3), dtype=np.uint8)


def chunks(body):
    found, at = {}, 8
    while at < len(body):
        length, kind = struct.unpack(">I4s", body[at : at + 8])
        found[kind] = body[at + 8 : at + 8 + length]
        at += 12 + length
    return found


def test_level_0_does_not_compress_and_level_9_does():
    none, best = (len(png.encode(NOISE, Options(level))) for level in (0, 9))
    assert none > 64 * 64 * 3 > 2 * best


@pytest.mark.parametrize(("level", "same"), [(-3, 0), (10, 9), (90, 9)])
def test_the_level_is_cut_to_0_and_9(level, same):
    assert png.encode(NOISE, Options(level)) == png.encode(NOISE, Options(same))


def test_it_holds_profile_and_xmp():
    options = Options(1, icc=b"profile", xmp=b"<x/>")
    found = chunks(png.encode(NOISE, options))
    assert found[b"iCCP"].startswith(b"ICC Profile\0")
    assert found[b"iTXt"] == b"XML:com.adobe.xmp\0\0\0\0\0<x/>"


def test_it_holds_nothing_that_was_not_given():
    assert list(chunks(png.encode(NOISE, Options(1)))) == [b"IHDR", b"IDAT", b"IEND"]
