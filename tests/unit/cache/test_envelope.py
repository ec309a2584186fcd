import pickle
import struct

import pytest

from iipastro.cache.envelope import Envelope
from iipastro.response import answer

KEY = "iipastro1:0123"
PICTURE = answer("image/jpeg", b"a picture" * 50)


@pytest.mark.parametrize("secret", ["", "told to nobody", "\N{SNOWMAN}" * 100])
@pytest.mark.parametrize("response", [PICTURE, answer("text/plain; charset=utf-8", b"")])
def test_what_is_packed_is_unpacked_the_same(secret, response):
    packed = Envelope(secret).pack(KEY, response)
    assert Envelope(secret).unpack(KEY, packed) == response


def test_headers_of_one_client_are_not_packed():
    personal = PICTURE.with_headers(("Set-Cookie", "mine"), ("Vary", "Origin"))
    assert Envelope().unpack(KEY, Envelope().pack(KEY, personal)) == PICTURE


@pytest.mark.parametrize("secret", ["", "secret"])
def test_no_changed_byte_passes(secret):
    envelope = Envelope(secret)
    packed = envelope.pack(KEY, PICTURE)
    for place in range(len(packed)):
        changed = bytearray(packed)
        changed[place] ^= 1
        assert envelope.unpack(KEY, bytes(changed)) is None, place


@pytest.mark.parametrize("secret", ["", "secret"])
def test_no_value_of_another_length_passes(secret):
    envelope = Envelope(secret)
    packed = envelope.pack(KEY, PICTURE)
    for length in range(len(packed)):
        assert envelope.unpack(KEY, packed[:length]) is None
    assert envelope.unpack(KEY, packed + b"x") is None


def test_the_value_of_one_key_is_none_for_another():
    assert Envelope().unpack("iipastro1:0124", Envelope().pack(KEY, PICTURE)) is None


@pytest.mark.parametrize(("packs", "unpacks"), [("", "a"), ("a", ""), ("a", "b")])
def test_only_who_knows_the_secret_can_fill_a_cache(packs, unpacks):
    assert Envelope(unpacks).unpack(KEY, Envelope(packs).pack(KEY, PICTURE)) is None


@pytest.mark.parametrize("secret", ["", "secret"])
def test_the_border_between_type_and_body_cannot_be_moved(secret):
    envelope, head = Envelope(secret), struct.Struct(">4sBI16s")
    packed = envelope.pack(KEY, answer("image/png", b"first\0second"))
    magic, before, after, checksum = head.unpack_from(packed)
    stream = b"image/png\0first\0second"
    for place in range(len(stream)):
        for gap in (0, 1):  # whether the byte at the border counts as one between the two
            mime, body = stream[:place], stream[place + gap :]
            forged = head.pack(magic, len(mime), len(body), checksum) + mime + body
            if forged != packed:
                assert envelope.unpack(KEY, forged) is None, (place, gap)
    assert (before, after) == (9, 12)


@pytest.mark.parametrize(
    "mime",
    [
        "",
        "image/png\r\nSet-Cookie: a=b",
        "image/png\n",
        "image/png\0",
        "a b",
        "text/html; charset=x",
    ],
)
def test_what_is_no_type_of_ours_does_not_become_a_header(mime):
    packed = Envelope().pack(KEY, answer(mime, b"x"))
    assert Envelope().unpack(KEY, packed) is None


@pytest.mark.parametrize(
    "mime",
    ["image/jpeg", "application/vnd.netfpx", "text/plain; charset=utf-8", "image/svg+xml"],
)
def test_a_type_of_ours_passes_and_is_kept_once_in_memory(mime):
    packed = Envelope().pack(KEY, answer(mime, b"x"))
    first, second = (Envelope().unpack(KEY, packed) for _ in range(2))
    assert first.mime == mime
    assert first.mime is second.mime


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 25, b"iip1", b"<html>503</html>" * 9, pickle.dumps({}), "text", 7, None]
)
def test_garbage_is_nothing(data):
    assert Envelope().unpack(KEY, data) is None
