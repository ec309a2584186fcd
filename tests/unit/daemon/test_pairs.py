"""FastCGI 1.0, 3.4; test_fastcgi.py has damaged ones as they come in streams."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iipastro.daemon.pairs import Malformed, _frame, environ_of, pairs


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


# ---- the same, from what was read before

NAMES = [b"QUERY_STRING", b"REQUEST_URI", b"HTTP_REFERER", b"A"]
QUERIES = [b"FIF=a&JTL=1,%d" % n + b"0" * long for n in (1, 22) for long in (9, 200, 300)]


def asked(query):
    named = {b"QUERY_STRING": query, b"METHOD": b"GET", b"URI": b"/f?" + query}
    return b"".join(pair(*each) for each in named.items())


@pytest.mark.parametrize("query", [*QUERIES, b"", b"short"])
def test_a_query_is_read_into_every_value_that_holds_it(query):
    for _ in range(2):
        environ = environ_of(asked(query))
        assert environ == {
            "QUERY_STRING": query.decode(), "METHOD": "GET", "URI": "/f?" + query.decode(),
        }  # fmt: skip


def test_the_next_request_has_an_environment_of_its_own():
    environ_of(asked(QUERIES[0]))["METHOD"] = "POST"
    assert environ_of(asked(QUERIES[0]))["METHOD"] == "GET"


def test_long_parameters_are_not_remembered():
    _frame.cache_clear()
    environ_of(asked(QUERIES[0]) + pair(b"HTTP_COOKIE", b"c" * 5000))
    assert _frame.cache_info().currsize == 0
    environ_of(asked(QUERIES[0]) + pair(b"HTTP_COOKIE", b"c" * 500))
    assert _frame.cache_info().currsize == 1


def test_a_query_that_looks_like_the_stream_around_it_changes_nothing():
    value = b"v" * 100
    trap = b"d" + b"HTTP_USER_AGENT" + value[:1]  # its first letter says how long a value is
    data = pair(b"QUERY_STRING", trap) + pair(b"HTTP_USER_AGENT", value)
    other = data.replace(trap, b"e" + trap[1:], 1)
    for _ in range(2):
        assert environ_of(data) == pairs(data)
        assert environ_of(other) == pairs(other)


def test_a_length_that_does_not_hold_is_refused_whatever_was_read_before():
    data = asked(QUERIES[0])
    environ_of(data)
    with pytest.raises(Malformed):
        environ_of(data[:-1])


_ODD = [b"", b"\xff" * 20, b"\xfe" * 22, b"QUERY_STRING"]
_TEXTS = st.sampled_from([*QUERIES, *_ODD]) | st.binary(max_size=40)


@given(st.lists(st.tuples(st.sampled_from(NAMES), _TEXTS, _TEXTS), max_size=5))
def test_any_pairs_are_read_as_they_are(found):
    data = b"".join(pair(name, first + second) for name, first, second in found)
    assert environ_of(data) == pairs(data)
