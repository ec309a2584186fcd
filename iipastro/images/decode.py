"""From the bytes of one stored tile to its samples: compressions, predictors, bits.

`COMPRESSIONS` is the list of what is served.  Every decoder is told the size
of what it may make before it starts, so that no bytes can ask for more memory
than the tile has by its tags (operations R19).
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import imagecodecs
import numpy as np
from isal import igzip_lib, isal_zlib

from ..errors import Unreadable
from . import differences, lzw
from .source import Raw

PACKED = (1, 12)  # bits of samples that share bytes
JPEG_COLORS = {1: "GRAYSCALE", 3: "RGB", 4: "CMYK"}  # channels → what is neither read nor changed
_ISAL_ERROR: Any = igzip_lib.IsalError  # whose type its library tells wrongly
DAMAGED: tuple[type[Exception], ...] = (RuntimeError, ValueError, TypeError, _ISAL_ERROR)
JPEG2000_SIZE = b"\xff\x4f\xff\x51"  # start of a codestream, and of its marker SIZ


@dataclass(frozen=True)
class Stored:
    """How one tile is packed in the file."""

    shape: tuple[int, int, int]  # rows, columns, channels
    dtype: np.dtype[Any]  # in the byte order of the file; uint8 for one bit, uint16 for twelve
    bits: int  # of a sample
    compression: int
    predictor: int  # 1 none, 2 differences, 3 of floats (TIFF 6.0 p. 64, TIFF Technote 3)
    ycbcr: bool  # PhotometricInterpretation is YCbCr
    reversed_bits: bool  # FillOrder 2
    jpeg_tables: bytes = b""

    @cached_property
    def row_bytes(self) -> int:
        """Bytes of one row; rows start on a byte."""
        return -(-self.shape[1] * self.shape[2] * self.bits // 8)

    @cached_property
    def size(self) -> int:
        """Bytes of the whole tile."""
        return self.shape[0] * self.row_bytes

    @cached_property
    def plain(self) -> bool:
        """Whether the bytes in the file are the samples."""
        return self.compression == 1 and self.bits not in PACKED and not self.reversed_bits


def decode(content: bytes, stored: Stored) -> Raw:
    """Return the samples of a tile.

    Returns
    -------
    (rows, columns, channels), native byte order
        The whole tile with its padding, perhaps read-only.  One bit becomes 0 or 255.

    Raises
    ------
    Unreadable
        The bytes are damaged, or make another tile than the tags say.
    """
    try:
        return COMPRESSIONS[stored.compression].decode(content, stored)
    except DAMAGED as error:
        raise Unreadable("a tile of the image is damaged") from error


def warm_up() -> None:
    """Compile what unpacks, or load what was compiled before."""
    lzw.warm_up()
    differences.warm_up()


# ---- streams: bytes to bytes, then samples


def _from_stream(content: bytes, stored: Stored) -> Raw:
    """Return the samples of a tile packed by one of `STREAMS`."""
    if stored.reversed_bits:
        content = bytes(imagecodecs.bitorder_decode(content))
    unpacked = STREAMS[stored.compression](content, stored)
    if unpacked.size != stored.size:
        raise ValueError("the tile is short of bytes")
    return from_bytes(unpacked, stored)


def from_bytes(unpacked: Raw, stored: Stored) -> Raw:
    """Return the samples that `unpacked`, uint8 of any number of whole rows, holds."""
    _, columns, channels = stored.shape
    if stored.bits == 1:
        rows = unpacked.reshape(-1, stored.row_bytes)
        return (np.unpackbits(rows, axis=1)[:, :columns] * np.uint8(255))[..., np.newaxis]
    if stored.bits == 12:
        packed = imagecodecs.packints_decode(
            unpacked.tobytes(), np.uint16, stored.bits, runlen=columns * channels
        )
        return packed.reshape(-1, columns, channels)
    if stored.predictor == 3:
        return _from_float_differences(unpacked, stored)
    samples = to_native(unpacked.view(stored.dtype).reshape(-1, columns, channels))
    if stored.predictor != 2:
        return samples
    if differences.fits(samples):
        return differences.undone_rgb(samples)
    room = samples if samples.flags.writeable else np.empty_like(samples)
    imagecodecs.delta_decode(samples, axis=1, out=room)  # of the bits, floats too
    return room


def _from_float_differences(unpacked: Raw, stored: Stored) -> Raw:
    """Undo predictor 3: a row holds the first bytes of all samples, then the second ones.

    And so on; in every file the first byte has the sign (TIFF Technote 3).  In
    planes it takes a fifth of the time of `imagecodecs.floatpred_decode`.
    """
    _, columns, channels = stored.shape
    size = stored.dtype.itemsize
    steps = unpacked.reshape(-1, size * columns, channels)
    planes = imagecodecs.delta_decode(steps, axis=1).reshape(-1, size, columns * channels)
    samples = np.empty((planes.shape[0], columns * channels, size), dtype=np.uint8)
    for place in range(size):
        samples[:, :, size - 1 - place if sys.byteorder == "little" else place] = planes[:, place]
    return samples.view(stored.dtype.newbyteorder("=")).reshape(-1, columns, channels)


def to_native(samples: Raw) -> Raw:
    """Return the samples in native byte order; they are written over, unless they are read-only."""
    if samples.dtype.isnative:
        return samples
    if not samples.flags.writeable:
        samples = samples.copy()
    return samples.byteswap(inplace=True).view(samples.dtype.newbyteorder("="))


Unpack = Callable[[bytes, Stored], Raw]


def _by(decoder: Callable[..., Any]) -> Unpack:
    """Return what unpacks at most a tile by a decoder of imagecodecs."""

    def unpack(content: bytes, stored: Stored) -> Raw:
        return np.asarray(decoder(content, out=np.empty(stored.size, dtype=np.uint8).data))

    return unpack


_by_libdeflate = _by(imagecodecs.deflate_decode)


def _inflate(content: bytes, stored: Stored) -> Raw:
    """Unpack by the faster of two libraries, measured in turns.

    ISA-L finds up to three short codes at once, which are most in pictures of
    integers: there it takes 0.75 (8 bits) and 0.9 of the time of libdeflate,
    of floats 1.0 to 1.25.
    """
    if stored.dtype.itemsize > 2:
        return _by_libdeflate(content, stored)
    unpacker = isal_zlib.decompressobj()
    unpacked = unpacker.decompress(content, stored.size + 1)  # to see its end
    if not unpacker.eof:
        raise ValueError("the tile has no end")
    return np.frombuffer(unpacked, dtype=np.uint8)


STREAMS: dict[int, Unpack] = {
    1: lambda content, stored: np.frombuffer(content, np.uint8, stored.size).copy(),
    5: lambda content, stored: lzw.unpack(content, stored.size),
    8: _inflate,
    32773: _by(imagecodecs.packbits_decode),
    32946: _inflate,
    34925: _by(imagecodecs.lzma_decode),
    50000: _by(imagecodecs.zstd_decode),
}
PREDICTED = frozenset({5, 8, 32946, 34925, 50000})  # elsewhere libtiff ignores Predictor


# ---- pictures: bytes to samples


def _picture_room(stored: Stored) -> Raw:
    """Return an empty tile as imagecodecs wants it: without an axis for one channel."""
    rows, columns, channels = stored.shape
    shape = (rows, columns) if channels == 1 else stored.shape
    return np.empty(shape, dtype=stored.dtype.newbyteorder("="))


def _jpeg(content: bytes, stored: Stored) -> Raw:
    """Return a JPEG tile; only YCbCr is converted, to RGB (TIFF Technote 2)."""
    colors = JPEG_COLORS[stored.shape[2]]
    imagecodecs.jpeg8_decode(
        content,
        tables=stored.jpeg_tables or None,
        colorspace="YCBCR" if stored.ycbcr and colors == "RGB" else colors,
        outcolorspace=colors,
        out=(room := _picture_room(stored)),
    )
    return room.reshape(stored.shape)


def _webp(content: bytes, stored: Stored) -> Raw:
    room = _picture_room(stored)
    imagecodecs.webp_decode(content, hasalpha=stored.shape[2] == 4, out=room)
    return room


def _jpeg2000(content: bytes, stored: Stored) -> Raw:
    """Return a JPEG 2000 tile, converted to RGB if it is YCbCr.

    The decoder makes the whole picture before it compares sizes, so the marker
    SIZ (JPEG 2000 part 1, A.5.1) is read here first.
    """
    at = content.find(JPEG2000_SIZE)
    fields = struct.unpack_from(">8I", content, at + 8) if 0 <= at <= len(content) - 42 else ()
    parts = struct.unpack_from(">H", content, at + 40) if fields else ()
    rows, columns, channels = stored.shape
    if fields[:4] != (columns, rows, 0, 0) or parts != (channels,):
        raise ValueError("the JPEG 2000 tile is of another size")
    room = _picture_room(stored)
    imagecodecs.jpeg2k_decode(content, numthreads=1, out=room)
    samples = room.reshape(stored.shape)
    return _rgb_of(samples) if stored.ycbcr or stored.compression == 33003 else samples


def _rgb_of(samples: Raw) -> Raw:
    """Return uint8 YCbCr of full range as RGB (JFIF 1.02, p. 3)."""
    light = samples[..., 0].astype(np.float32)
    blue, red = samples[..., 1] - np.float32(128), samples[..., 2] - np.float32(128)
    channels = (
        light + np.float32(1.402) * red,
        light - np.float32(0.34414) * blue - np.float32(0.71414) * red,
        light + np.float32(1.772) * blue,
    )
    rgb: Raw = np.clip(np.rint(np.stack(channels, axis=-1)), 0, 255).astype(np.uint8)
    return rgb


# ---- what is served


def _any_but_ycbcr(stored: Stored) -> str:
    return "TIFF images in YCbCr are served only as JPEG" if stored.ycbcr else ""


def _jpeg_fault(stored: Stored) -> str:
    if stored.dtype != np.uint8 or stored.bits != 8 or stored.shape[2] not in JPEG_COLORS:
        return "JPEG tiles are served with 8 bits and 1, 3 or 4 channels"
    return ""


def _webp_fault(stored: Stored) -> str:
    if stored.dtype != np.uint8 or stored.bits != 8 or stored.shape[2] not in (3, 4):
        return "WebP tiles are served with 8 bits and 3 or 4 channels"
    return _any_but_ycbcr(stored)


def _jpeg2000_fault(stored: Stored) -> str:
    if stored.dtype.kind == "f" or stored.bits not in (8, 16):
        return "JPEG 2000 tiles are served with 8 or 16 bits"
    ycbcr = stored.ycbcr or stored.compression == 33003
    if ycbcr and (stored.dtype != np.uint8 or stored.shape[2] != 3):
        return "JPEG 2000 tiles in YCbCr are served with 8 bits and 3 channels"
    return ""


class Compression(NamedTuple):
    """How the tiles of one compression are read, and what is not served of it."""

    decode: Callable[[bytes, Stored], Raw]
    fault: Callable[[Stored], str]  # "": all is well


COMPRESSIONS = {
    **{code: Compression(_from_stream, _any_but_ycbcr) for code in STREAMS},
    7: Compression(_jpeg, _jpeg_fault),
    33003: Compression(_jpeg2000, _jpeg2000_fault),
    33005: Compression(_jpeg2000, _jpeg2000_fault),
    34712: Compression(_jpeg2000, _jpeg2000_fault),
    50001: Compression(_webp, _webp_fault),
}
