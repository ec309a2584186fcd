import imagecodecs
import numpy as np
import pytest

from iipastro.encoders import avif
from iipastro.encoders.options import Options
from iipastro.errors import Refused, TooLarge

NOISE = np.random.default_rng(2).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def test_it_is_an_avif_file():
    assert avif.encode(NOISE, Options(50))[4:12] == b"ftypavif"


def test_a_lower_quality_is_smaller():
    assert len(avif.encode(NOISE, Options(10))) < len(avif.encode(NOISE, Options(90)))


def test_it_is_made_at_the_greatest_speed_with_half_the_colours():
    expected = imagecodecs.avif_encode(
        NOISE, level=50, speed=10, pixelformat=imagecodecs.AVIF.PIXEL_FORMAT.YUV420
    )
    assert avif.encode(NOISE, Options(50)) == expected


def test_the_longest_side_is_65535():
    with pytest.raises(TooLarge):
        avif.encode(np.zeros((65536, 1, 1), np.uint8), Options(10))


def test_an_error_of_the_library_becomes_a_refusal_without_its_words():
    with pytest.raises(Refused, match=r"^the picture cannot be written as AVIF$"):
        avif.encode(NOISE.astype(np.float64), Options(50))


def test_quality_acts_on_grey_too():
    grey = NOISE[:, :, :1]
    sizes = [len(avif.encode(grey, Options(quality))) for quality in (1, 50, 99, 100)]
    assert sizes[0] < sizes[1] < sizes[2] < sizes[3]
