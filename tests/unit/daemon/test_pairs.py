"""FastCGI 1.0, 3.4; test_fastcgi.py has damaged ones as they come in streams."""

import struct

import pytest

from iipastro.daemon.pairs import Malformed, pairs


def pair(name, value):
    lengths = [
        struct.pack("!B", len(text)) if len(text) < 128 else struct.pack("!L", len(text) | 1 << 31)
        for text in (name, value)
    ]
    return b"".join((*lengths, name, value))


def test_names_and_values_come_a_byte_a_character():
    data = pair(b"A", b"\xe9") + pair(b"EMPTY", b"") + pair(b"LONG", b"v" * 200)
    assert pairs(data) == {"A": "\xe9", "EMPTY": "", "LONG": "v" * 200}


def test_the_last_one_of_a_name_counts():
    assert pairs(pair(b"A", b"1") + pair(b"A", b"2")) == {"A": "2"}


@pytest.mark.parametrize(
    "data", [b"\x01", b"\x01\x05Aab", b"\x80\x00\x01A", pair(b"A", b"1")[:-1], b"\x01\x80\x00"]
)
def test_a_length_that_does_not_hold_is_refused(data):
    with pytest.raises(Malformed):
        pairs(data)
