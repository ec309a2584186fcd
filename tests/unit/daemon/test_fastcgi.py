"""The records are written out by hand from FastCGI 1.0; no reader of ours makes them."""

from __future__ import annotations

import contextlib
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iipastro.daemon import fastcgi
from iipastro.daemon.fastcgi import Malformed, Reader, Reply, Request

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT = 1, 2, 3, 4, 5, 6
DATA, GET_VALUES, RESULT, UNKNOWN = 8, 9, 10, 11
RESPONDER, AUTHORIZER = 1, 2
COMPLETE, CANT_MPX, UNKNOWN_ROLE = 0, 1, 3


def record(kind, content=b"", number=1, padding=0, version=1):
    head = struct.pack("!BBHHBx", version, kind, number, len(content), padding)
    return head + content + b"\0" * padding


def begin(number=1, role=RESPONDER, keep=False):
    return record(BEGIN, struct.pack("!HB5x", role, keep), number)


def ended(number=1, status=COMPLETE):
    return record(END, struct.pack("!LB3x", 0, status), number)


def events_of(pieces, body_limit=100):
    reader, events = Reader(body_limit), []
    for piece in pieces:
        reader.feed(piece)
        while (event := reader.next_event()) is not None:
            events.append(event)
    return events


def one_by_one(stream):
    return [stream[i : i + 1] for i in range(len(stream))]


A_PAIR = b"\x01\x02Aab"
LONG_PAIR = b"\x04\x80\x00\x00\xc8LONG" + b"v" * 200
GET = begin() + record(PARAMS, A_PAIR) + record(PARAMS) + record(STDIN)
REQUEST = Request(1, False, {"A": "ab"}, b"")

STREAMS = [  # a name, the bytes, what they ask
    (
        "the least request",
        begin() + record(PARAMS) + record(STDIN),
        [Request(1, False, {}, b"")],
    ),
    ("one pair", GET, [REQUEST]),
    (
        "padded records",
        begin() + record(PARAMS, A_PAIR, padding=3) + record(PARAMS, padding=8) + record(STDIN),
        [REQUEST],
    ),
    (
        "a pair split over records",
        begin()
        + record(PARAMS, A_PAIR[:1])
        + record(PARAMS, A_PAIR[1:4])
        + record(PARAMS, A_PAIR[4:])
        + record(PARAMS)
        + record(STDIN),
        [REQUEST],
    ),
    (
        "a long length split over records",
        begin()
        + record(PARAMS, LONG_PAIR[:3])
        + record(PARAMS, LONG_PAIR[3:])
        + record(PARAMS)
        + record(STDIN),
        [Request(1, False, {"LONG": "v" * 200}, b"")],
    ),
    (
        "an empty value, and the last of two of one name",
        begin()
        + record(PARAMS, b"\x01\x00E" + b"\x01\x01Ax" + A_PAIR)
        + record(PARAMS)
        + record(STDIN),
        [Request(1, False, {"E": "", "A": "ab"}, b"")],
    ),
    (
        "a pair of nothing, with long lengths",
        begin() + record(PARAMS, b"\x80\0\0\0" * 2) + record(PARAMS) + record(STDIN),
        [Request(1, False, {"": ""}, b"")],
    ),
    (
        "bytes that are no UTF-8",
        begin() + record(PARAMS, b"\x01\x02Q\xff\xe9") + record(PARAMS) + record(STDIN),
        [Request(1, False, {"Q": "\xff\xe9"}, b"")],
    ),
    (
        "a body in two records",
        begin() + record(PARAMS) + record(STDIN, b"FIF=") + record(STDIN, b"x.tif") + record(STDIN),
        [Request(1, False, {}, b"FIF=x.tif")],
    ),
    (
        "a body before the variables",
        begin() + record(STDIN, b"b") + record(STDIN) + record(PARAMS, A_PAIR) + record(PARAMS),
        [Request(1, False, {"A": "ab"}, b"b")],
    ),
    (
        "a body as large as allowed",
        begin() + record(PARAMS) + record(STDIN, b"b" * 100) + record(STDIN),
        [Request(1, False, {}, b"b" * 100)],
    ),
    (
        "a body larger than allowed",
        begin() + record(PARAMS) + record(STDIN, b"b" * 101) + record(STDIN, b"c") + record(STDIN),
        [Request(1, False, {}, b"b" * 100)],
    ),
    (
        "two requests on one connection",
        begin(keep=True) + record(PARAMS) + record(STDIN) + GET,
        [Request(1, True, {}, b""), REQUEST],
    ),
    (
        "a large request number",
        begin(65535) + record(PARAMS, number=65535) + record(STDIN, number=65535),
        [Request(65535, False, {}, b"")],
    ),
    ("another role", begin(7, AUTHORIZER), [Reply(ended(7, UNKNOWN_ROLE), last=True)]),
    (
        "another role on a connection to be kept",
        begin(7, AUTHORIZER, keep=True),
        [Reply(ended(7, UNKNOWN_ROLE), last=False)],
    ),
    (
        "a second request in the middle of the first",
        begin()
        + begin(2)
        + record(PARAMS, b"\x01\x01Xx", 2)
        + record(PARAMS, A_PAIR)
        + record(PARAMS)
        + record(STDIN, number=2)
        + record(STDIN),
        [Reply(ended(2, CANT_MPX)), REQUEST],
    ),
    ("an abort", begin() + record(ABORT), [Reply(ended(), last=True)]),
    (
        "an abort on a connection to be kept",
        begin(keep=True) + record(PARAMS, A_PAIR) + record(ABORT) + GET,
        [Reply(ended()), REQUEST],
    ),
    ("an abort of nothing", record(ABORT) + GET, [REQUEST]),
    ("records of nobody", record(PARAMS, b"\xff", 9) + record(STDIN, b"x", 9) + GET, [REQUEST]),
    ("data of a filter", begin() + record(DATA, b"x") + GET[16:], [REQUEST]),
    (
        "a question about what the server can do",
        record(GET_VALUES, b"\x0f\x00FCGI_MPXS_CONNS\x04\x00NONE", 0),
        [Reply(record(RESULT, b"\x0f\x01FCGI_MPXS_CONNS0", 0))],
    ),
    (
        "a question about how many connections it holds",
        record(GET_VALUES, b"\x0e\x00FCGI_MAX_CONNS", 0),
        [Reply(record(RESULT, b"\x0e\x03FCGI_MAX_CONNS512", 0))],
    ),
    (
        "a type of a later version",
        record(77, b"?", 0),
        [Reply(record(UNKNOWN, b"\x4d\0\0\0\0\0\0\0", 0))],
    ),
    (
        "such a type in a request",
        begin() + record(77) + GET[16:],
        [Reply(record(UNKNOWN, b"\x4d\0\0\0\0\0\0\0", 0)), REQUEST],
    ),
]
ids = [name for name, _, _ in STREAMS]


@pytest.mark.parametrize(("name", "stream", "expected"), STREAMS, ids=ids)
def test_a_stream_in_one_piece_is_understood(name, stream, expected):
    assert events_of([stream]) == expected


@pytest.mark.parametrize(("name", "stream", "expected"), STREAMS, ids=ids)
def test_a_stream_byte_by_byte_is_understood(name, stream, expected):
    assert events_of(one_by_one(stream)) == expected


@pytest.mark.parametrize(("name", "stream", "expected"), STREAMS, ids=ids)
def test_what_follows_a_stream_waits_for_its_rest(name, stream, expected):
    assert events_of([stream + GET[:20]]) == expected


BROKEN = [
    ("another version", record(PARAMS, version=2)),
    ("HTTP", b"GET / HTTP/1.0\r\n\r\n"),
    ("a short begin", record(BEGIN, b"\0\1\0")),
    ("a begin without a request number", begin(0)),
    ("a request that begins twice", begin() + begin()),
    ("variables after their end", begin() + record(PARAMS) + record(PARAMS, A_PAIR)),
    ("a body after its end", begin() + record(STDIN) + record(STDIN)),
    ("a name longer than its stream", begin() + record(PARAMS, b"\x05\x00A") + GET[-16:]),
    ("a value longer than its stream", begin() + record(PARAMS, b"\x01\x03Aab") + GET[-16:]),
    ("a name without the value's length", begin() + record(PARAMS, b"\x01") + GET[-16:]),
    ("half a long length", begin() + record(PARAMS, b"\x80\x00\x00") + GET[-16:]),
    ("half a long length of a value", begin() + record(PARAMS, b"\x00\x80\x00\x00") + GET[-16:]),
    ("a length of two gigabytes", begin() + record(PARAMS, b"\xff\xff\xff\xff\x00A") + GET[-16:]),
    ("a question with half a name", record(GET_VALUES, b"\x09\x00FCGI", 0)),
    ("endless variables", begin() + record(PARAMS, b"x" * 65528) * 5),
]


@pytest.mark.parametrize("cut", [lambda stream: [stream], one_by_one], ids=["whole", "by byte"])
@pytest.mark.parametrize(("name", "stream"), BROKEN, ids=[name for name, _ in BROKEN])
def test_a_malformed_stream_is_refused(name, stream, cut):
    with pytest.raises(Malformed):
        events_of(cut(stream))


def test_the_largest_head_allowed_is_read():
    value = b"\x01\x80\x03\xff\xfaA" + b"v" * 0x3FFFA  # 2^18 in all
    records = b"".join(record(PARAMS, value[i : i + 60000]) for i in range(0, len(value), 60000))
    (request,) = events_of([begin() + records + record(PARAMS) + record(STDIN)])
    assert request.environ == {"A": "v" * 0x3FFFA}


def test_a_reader_is_idle_until_a_byte_comes_and_again_after_the_request():
    reader = Reader(0)
    assert reader.idle
    reader.feed(GET[:1])
    assert not reader.idle
    reader.feed(GET[1:30])
    assert reader.next_event() is None
    assert not reader.idle
    reader.feed(GET[30:])
    assert reader.next_event() == REQUEST
    assert reader.idle


def test_one_event_is_taken_at_a_time():
    reader = Reader(0)
    reader.feed(GET + GET)
    assert reader.next_event() == REQUEST
    assert not reader.idle
    assert reader.next_event() == REQUEST
    assert reader.next_event() is None


# ---- answers


@pytest.mark.parametrize(
    ("head", "body", "records"),
    [
        (b"H\r\n\r\n", b"", [b"H\r\n\r\n"]),
        (b"H\r\n\r\n", b"body", [b"H\r\n\r\nbody"]),
        (b"12345678", b"b" * 65520, [b"12345678" + b"b" * 65520]),
        (b"12345678", b"b" * 65521, [b"12345678" + b"b" * 65520, b"b"]),
        (b"", b"b" * 131057, [b"b" * 65528, b"b" * 65528, b"b"]),
    ],
    ids=["no body", "short", "one full record", "one byte more", "three records"],
)
def test_an_answer_is_whole_records_an_empty_one_and_the_end(head, body, records):
    expected = b"".join(record(STDOUT, content, 5) for content in records)
    expected += record(STDOUT, b"", 5) + ended(5)
    assert b"".join(fastcgi.answer(5, head, body)) == expected


def test_the_body_of_an_answer_is_not_copied():
    body = b"b" * 100
    assert any(part is body for part in fastcgi.answer(1, b"", body))


# ---- anything at all


@given(st.lists(st.binary(max_size=64), max_size=8))
def test_any_bytes_give_events_or_malformed(pieces):
    with contextlib.suppress(Malformed):
        events_of(pieces)


def test_mutated_streams_give_events_or_malformed_however_they_are_cut():
    rng = random.Random(1)
    for _ in range(2000):
        stream = bytearray(rng.choice(STREAMS)[1] + rng.choice(STREAMS)[1])
        for _ in range(rng.randrange(4)):
            stream[rng.randrange(len(stream))] = rng.randrange(256)
        at = rng.randrange(len(stream))
        assert outcome([bytes(stream)]) == outcome([bytes(stream[:at]), bytes(stream[at:])])


def outcome(pieces):
    try:
        return events_of(pieces)
    except Malformed:
        return Malformed


# ---- a request as web servers send it, without a reader


def test_a_whole_request_is_read_as_a_reader_reads_it():
    for keep in (False, True):
        for padding in (0, 5):
            params = record(PARAMS, A_PAIR + LONG_PAIR, padding=padding)
            stream = begin(keep=keep) + params + record(PARAMS) + record(STDIN)
            assert [fastcgi.whole(stream)] == events_of([stream])


@pytest.mark.parametrize(
    "stream",
    [
        GET[:-1],
        GET + b"\1",
        GET + GET,
        begin(number=2)
        + record(PARAMS, A_PAIR, 2)
        + record(PARAMS, number=2)
        + record(STDIN, b"", 2),
        begin(role=AUTHORIZER) + record(PARAMS, A_PAIR) + record(PARAMS) + record(STDIN),
        begin() + record(PARAMS, A_PAIR) + record(PARAMS) + record(STDIN, b"body") + record(STDIN),
        begin() + record(PARAMS, A_PAIR) + record(PARAMS, A_PAIR) + record(PARAMS) + record(STDIN),
        begin() + record(PARAMS) + record(STDIN),
        begin() + record(PARAMS) + record(PARAMS) + record(STDIN),
        b"",
    ],
)
def test_all_else_is_left_to_a_reader(stream):
    assert fastcgi.whole(stream) is None


@given(st.binary(max_size=80), st.integers(0, 80))
def test_whatever_comes_is_read_as_a_reader_reads_it_or_left_to_it(noise, at):
    stream = GET[:at] + noise + GET[at + len(noise) :]
    with contextlib.suppress(Malformed):
        found = fastcgi.whole(stream)
        if found is not None:
            assert [found] == events_of([stream])
