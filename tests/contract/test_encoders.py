"""What every encoder keeps to: the file decodes to the size and nearly the pixels it is made of."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from iipastro.encoders import ENCODERS, Options
from iipastro.errors import BadArgument

Array = np.ndarray[Any, Any]


def by_pillow(body: bytes) -> Array:
    with Image.open(BytesIO(body)) as picture:
        return np.asarray(picture)


def by_tifffile(body: bytes) -> Array:
    return tifffile.imread(BytesIO(body))


DECODERS: dict[str, Callable[[bytes], Array]] = {
    "jpeg": by_pillow,
    "png": by_pillow,
    "webp": by_pillow,
    "avif": imagecodecs.avif_decode,
    "tiff": by_tifffile,
}
QUALITIES = {"jpeg": 95, "png": 1, "webp": 95, "avif": 95, "tiff": 6}
SHAPES = [(1, 1), (1, 7), (13, 1), (17, 31), (64, 48)]


def ramp(rows: int, columns: int, channels: int) -> Array:
    """A smooth picture whose channels differ."""
    down, across = np.mgrid[:rows, :columns]
    planes = [40 + 2 * down, 200 - across, 60 + down + across]
    return np.stack(planes[:channels], axis=2).astype(np.uint8)


def decoded(name: str, pixels: Array, **more: Any) -> Array:
    body = ENCODERS[name].encode(pixels, Options(QUALITIES[name], **more))
    found = DECODERS[name](body)
    found = found[:, :, np.newaxis] if found.ndim == 2 else found
    return found[:, :, :1] if pixels.shape[2] == 1 else found


def assert_close(found: Array, pixels: Array) -> None:
    assert found.shape == pixels.shape
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - pixels.astype(int)).mean() <= 3


def test_every_encoder_is_tested():
    assert set(DECODERS) == set(ENCODERS) == {"jpeg", "png", "webp", "avif", "tiff"}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", DECODERS)
def test_a_file_decodes_to_its_pixels(name, shape, channels):
    pixels = ramp(*shape, channels)
    assert_close(decoded(name, pixels), pixels)


@pytest.mark.parametrize("name", ["png", "tiff"])
def test_formats_without_loss_give_the_same_bytes(name):
    pixels = ramp(33, 17, 3)
    np.testing.assert_array_equal(decoded(name, pixels), pixels)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ["webp", "avif"])
def test_quality_minus_one_is_without_loss(name, channels):
    pixels = np.random.default_rng(1).integers(0, 256, (19, 23, channels), dtype=np.uint8)
    found = np.atleast_3d(DECODERS[name](ENCODERS[name].encode(pixels, Options(-1))))
    np.testing.assert_array_equal(found, np.broadcast_to(pixels, found.shape))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", DECODERS)
def test_an_array_that_is_a_window_of_another_may_be_encoded(name, channels):
    window = ramp(80, 90, channels)[5:69:2, 83:3:-2]
    assert not window.flags.c_contiguous
    assert_close(decoded(name, window), window)


@pytest.mark.parametrize("name", DECODERS)
def test_an_array_is_not_written(name):
    pixels = ramp(16, 16, 3)
    pixels.flags.writeable = False
    assert_close(decoded(name, pixels), pixels)


@pytest.mark.parametrize("name", DECODERS)
def test_metadata_leaves_the_pixels_alone(name):
    pixels = ramp(16, 24, 3)
    more = {"icc": b"not a profile", "xmp": b"<x:xmpmeta/>"}
    assert_close(decoded(name, pixels, **more), pixels)


@pytest.mark.parametrize("name", DECODERS)
def test_the_same_pixels_give_the_same_bytes(name):
    pixels, options = ramp(16, 24, 3), Options(QUALITIES[name])
    assert ENCODERS[name].encode(pixels, options) == ENCODERS[name].encode(pixels, options)


@pytest.mark.parametrize("shape", [(0, 4, 1), (4, 0, 3)])
@pytest.mark.parametrize("name", DECODERS)
def test_a_picture_without_pixels_is_refused(name, shape):
    with pytest.raises(BadArgument):
        ENCODERS[name].encode(np.empty(shape, dtype=np.uint8), Options(50))


@pytest.mark.parametrize("quality", [-1000, -1, 0, 1, 9, 50, 100, 1000])
@pytest.mark.parametrize("name", DECODERS)
def test_no_quality_is_refused(name, quality):
    assert ENCODERS[name].encode(ramp(4, 4, 3), Options(quality))
