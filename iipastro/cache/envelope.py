"""Answers as bytes for places that others can write to: what was changed there is not opened.

    magic, length of the type (1 byte), length of the body (4), checksum (16), type, body

The checksum is of all the rest and of the key, so that no value passes for that of
another key, and no byte of a body for one of its type.  Without a secret it is
CRC-32, against accidents; with one it is BLAKE2b keyed with it, against
everybody who does not know it.
"""

from __future__ import annotations

import re
import struct
import sys
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest

from imagecodecs import deflate_crc32 as crc32  # zlib's, ten times as fast

from ..response import Response, answer

_MAGIC = b"iip1"
_HEAD = struct.Struct(">4sBI16s")
_LENGTHS = struct.Struct(">BI")
_MIME = re.compile(rb"[a-z]+/[a-z0-9.+-]+(?:; charset=utf-8)?")  # becomes a header as it is


@lru_cache(maxsize=64)
def _type_of(mime: bytes) -> str:
    """Return the type that is written so; nothing for what is none."""
    return sys.intern(mime.decode("ascii")) if _MIME.fullmatch(mime) else ""


class Envelope:
    """Packs and unpacks.

    Parameters
    ----------
    secret : known to those who may fill the cache; "" for none.
    """

    def __init__(self, secret: str = ""):
        self._secret = blake2b(secret.encode(), digest_size=32).digest() if secret else b""

    def pack(self, key: str, response: Response) -> bytes:
        """Return the bytes for an answer, without its headers but for its type."""
        mime, body = response.mime.encode("ascii"), response.body
        checksum = self._checksum(key, mime, memoryview(body))
        return _HEAD.pack(_MAGIC, len(mime), len(body), checksum) + mime + body

    def unpack(self, key: str, data: object) -> Response | None:
        """Return the answer in the bytes that were packed for `key`; None for anything else."""
        if not isinstance(data, bytes) or len(data) < _HEAD.size:
            return None
        magic, mime_length, length, checksum = _HEAD.unpack_from(data)
        start = _HEAD.size + mime_length
        if magic != _MAGIC or len(data) != start + length:
            return None
        mime = data[_HEAD.size : start]
        if not compare_digest(checksum, self._checksum(key, mime, memoryview(data)[start:])):
            return None
        named = _type_of(mime)
        return answer(named, data[start:]) if named else None

    def _checksum(self, key: str, mime: bytes, body: memoryview) -> bytes:
        """Return the checksum of lengths, key, type and body: none can grow at another's cost."""
        label = _LENGTHS.pack(len(mime), len(body)) + key.encode() + mime
        if not self._secret:
            return crc32(body, crc32(label)).to_bytes(16, "big")  # type: ignore[arg-type]
        seal = blake2b(label, key=self._secret, digest_size=16)
        seal.update(body)
        return seal.digest()
