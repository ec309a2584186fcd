import pickle

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


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 25, b"iip1", b"<html>503</html>" * 9, pickle.dumps({}), "text", 7, None]
)
def test_garbage_is_nothing(data):
    assert Envelope().unpack(KEY, data) is None
