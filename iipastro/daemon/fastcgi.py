"""The FastCGI wire: bytes in, requests and replies out.  Nothing here touches a socket.

The numbers and layouts are flup's (FastCGI 1.0, sections 3, 5 and 8); its own
connection is not used.  The web server may cut the stream anywhere: records lie
across reads, name-value pairs across records.  So a `Reader` collects bytes and
`next_event` takes one event off at a time: whoever answers slowly does not have
to keep more than one request in hand.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from flup.server import fcgi_base as wire

from .pairs import Malformed, environ_of, pairs

PAYLOAD = 65528  # bytes of a full record: the largest multiple of 8 that its length can say
PARAMS_LIMIT = 1 << 18  # bytes: no web server passes on a head as large as this
CONNECTIONS = 512  # that one worker holds open; what FCGI_GET_VALUES is told

_HEADER = struct.Struct(wire.FCGI_Header)
_BEGIN = struct.Struct(wire.FCGI_BeginRequestBody)
_END = struct.Struct(wire.FCGI_EndRequestBody)
_UNKNOWN = struct.Struct(wire.FCGI_UnknownTypeBody)
_OF_A_REQUEST = frozenset(  # FCGI_DATA is the filter's: none of ours has it, and it is ignored
    (wire.FCGI_PARAMS, wire.FCGI_STDIN, wire.FCGI_ABORT_REQUEST, wire.FCGI_DATA)
)
_CAPABILITIES = {
    wire.FCGI_MAX_CONNS: str(CONNECTIONS).encode(),
    wire.FCGI_MAX_REQS: str(CONNECTIONS).encode(),
    wire.FCGI_MPXS_CONNS: b"0",
}


class Request(NamedTuple):
    """A whole request."""

    number: int
    keep: bool  # the web server wants to use the connection again
    environ: dict[str, str]  # CGI variables, decoded as latin-1
    body: bytes  # no more than the reader keeps


class Reply(NamedTuple):
    """Bytes to send that are no answer to a whole request."""

    data: bytes
    last: bool = False  # close after sending


Event = Request | Reply


@dataclass(slots=True)
class _Receiving:
    """The request that is coming in."""

    number: int
    keep: bool
    params: bytearray = field(default_factory=bytearray)
    body: bytearray = field(default_factory=bytearray)
    params_ended: bool = False
    body_ended: bool = False


class Reader:
    """What one connection has sent.

    Parameters
    ----------
    body_limit : bytes of a request's body that are kept.  The rest is read and dropped: a
        limit one above what is allowed lets the responder see that a body is too long.
    """

    def __init__(self, body_limit: int):
        self._body_limit = body_limit
        self._buffer = bytearray()
        self._receiving: _Receiving | None = None

    @property
    def idle(self) -> bool:
        """Whether no byte of an unanswered request has come."""
        return self._receiving is None and not self._buffer

    def feed(self, data: bytes) -> None:
        """Take what was received."""
        self._buffer += data

    def next_event(self) -> Event | None:
        """Return the next request or reply; None: more bytes are needed.  Raises Malformed."""
        buffer = self._buffer
        at, event = 0, None
        while event is None and len(buffer) - at >= 8:
            version, kind, number, length, padding = _HEADER.unpack_from(buffer, at)
            if version != wire.FCGI_VERSION_1:
                raise Malformed(f"version {version}")
            end = at + 8 + length
            if len(buffer) < end + padding:
                break
            event = self._record(kind, number, buffer[at + 8 : end])
            at = end + padding
        del buffer[:at]
        return event

    def _record(self, kind: int, number: int, content: bytearray) -> Event | None:
        """Take one whole record.  One for a request that we do not know is ignored (3.3)."""
        if kind in _OF_A_REQUEST:
            receiving = self._receiving
            if receiving is None or number != receiving.number:
                return None
            return self._of_request(receiving, kind, content)
        if kind == wire.FCGI_BEGIN_REQUEST:
            return self._begin(number, content)
        if kind == wire.FCGI_GET_VALUES and number == wire.FCGI_NULL_REQUEST_ID:
            return Reply(_values(content))
        return Reply(_record(wire.FCGI_UNKNOWN_TYPE, 0, _UNKNOWN.pack(kind)))

    def _of_request(self, receiving: _Receiving, kind: int, content: bytearray) -> Event | None:
        if kind == wire.FCGI_PARAMS:
            _params(receiving, content)
        elif kind == wire.FCGI_STDIN:
            _stdin(receiving, content, self._body_limit)
        elif kind == wire.FCGI_ABORT_REQUEST:
            self._receiving = None
            return Reply(end_request(receiving.number), last=not receiving.keep)
        if not (receiving.params_ended and receiving.body_ended):
            return None
        self._receiving = None
        environ = pairs(bytes(receiving.params))
        return Request(receiving.number, receiving.keep, environ, bytes(receiving.body))

    def _begin(self, number: int, content: bytearray) -> Reply | None:
        if len(content) != _BEGIN.size or number == wire.FCGI_NULL_REQUEST_ID:
            raise Malformed("FCGI_BEGIN_REQUEST")
        role, flags = _BEGIN.unpack(content)
        keep = bool(flags & wire.FCGI_KEEP_CONN)
        if self._receiving is not None:
            if self._receiving.number == number:
                raise Malformed("a request begins twice")
            return Reply(end_request(number, wire.FCGI_CANT_MPX_CONN))
        if role != wire.FCGI_RESPONDER:
            return Reply(end_request(number, wire.FCGI_UNKNOWN_ROLE), last=not keep)
        self._receiving = _Receiving(number, keep)
        return None


def _params(receiving: _Receiving, content: bytearray) -> None:
    if receiving.params_ended or len(receiving.params) + len(content) > PARAMS_LIMIT:
        raise Malformed("FCGI_PARAMS")
    receiving.params += content
    receiving.params_ended = not content


def _stdin(receiving: _Receiving, content: bytearray, limit: int) -> None:
    if receiving.body_ended:
        raise Malformed("FCGI_STDIN")
    receiving.body += content[: limit - len(receiving.body)]
    receiving.body_ended = not content


def _values(content: bytearray) -> bytes:
    """Return the answer to FCGI_GET_VALUES: the names that we know (FastCGI 4.1)."""
    asked = pairs(bytes(content))
    known = [
        wire.encode_pair(name.encode(), value)
        for name, value in _CAPABILITIES.items()
        if name in asked
    ]
    return _record(wire.FCGI_GET_VALUES_RESULT, 0, b"".join(known))


def _record(kind: int, number: int, content: bytes = b"") -> bytes:
    return _HEADER.pack(wire.FCGI_VERSION_1, kind, number, len(content), 0) + content


def end_request(number: int, status: int = wire.FCGI_REQUEST_COMPLETE) -> bytes:
    """Return the record that ends a request."""
    return _record(wire.FCGI_END_REQUEST, number, _END.pack(0, status))


def answer(number: int, head: bytes, body: bytes) -> list[bytes | memoryview]:
    """Return the buffers that hold a whole answer, in the order they go out.

    The body is not copied.  `head` is shorter than a record.
    """
    first, end = PAYLOAD - len(head), _END_OF_FIRST if number == 1 else _end_of(number)
    if len(body) <= first:
        return [_stdout(number, len(head) + len(body)) + head, body, end]
    rest = memoryview(body)
    parts: list[bytes | memoryview] = [_stdout(number, PAYLOAD) + head, rest[:first]]
    for start in range(first, len(body), PAYLOAD):
        piece = rest[start : start + PAYLOAD]
        parts += (_stdout(number, len(piece)), piece)
    return [*parts, end]


def _stdout(number: int, size: int) -> bytes:
    return _HEADER.pack(wire.FCGI_VERSION_1, wire.FCGI_STDOUT, number, size, 0)


def _end_of(number: int) -> bytes:
    return _stdout(number, 0) + end_request(number)


_END_OF_FIRST = _end_of(1)


_FIRST = struct.pack("!BBHHBxH", wire.FCGI_VERSION_1, wire.FCGI_BEGIN_REQUEST, 1, 8, 0, 1)
_PARAMS = struct.pack("!BBH", wire.FCGI_VERSION_1, wire.FCGI_PARAMS, 1)
_LAST = _record(wire.FCGI_PARAMS, 1) + _record(wire.FCGI_STDIN, 1)


def whole(data: bytes) -> Request | None:
    """Return the request that `data` is, if it has the form that web servers send.

    That is request 1 of a responder, its parameters in one record, and no body.
    None: it may still be anything, for a `Reader` to find out.  Raises Malformed.
    """
    if not (data.endswith(_LAST) and data.startswith(_FIRST) and data.startswith(_PARAMS, 16)):
        return None
    end = 24 + (data[20] << 8 | data[21])
    if end == 24 or end + data[22] + len(_LAST) != len(data):
        return None
    return Request(1, bool(data[10] & wire.FCGI_KEEP_CONN), environ_of(data[24:end]), b"")


# ---- the asking side: the command line instead of a web server


def question(variables: Mapping[str, str]) -> bytes:
    """Return a whole request with these CGI variables and no body."""
    params = b"".join(
        wire.encode_pair(name.encode("latin-1"), value.encode("latin-1"))
        for name, value in variables.items()
    )
    return b"".join(
        (
            _record(wire.FCGI_BEGIN_REQUEST, 1, _BEGIN.pack(wire.FCGI_RESPONDER, 0)),
            _record(wire.FCGI_PARAMS, 1, params),
            _record(wire.FCGI_PARAMS, 1),
            _record(wire.FCGI_STDIN, 1),
        )
    )


def output(read: Callable[[int], bytes]) -> bytes:
    """Return what a request gave, head and body.

    `read` returns as many bytes as it is asked for.  Raises Malformed, and what `read` does.
    """
    found = bytearray()
    while True:
        version, kind, _, length, padding = _HEADER.unpack(read(_HEADER.size))
        if version != wire.FCGI_VERSION_1:
            raise Malformed(f"version {version}")
        content = read(length + padding)[:length]
        if kind == wire.FCGI_STDOUT:
            found += content
        elif kind == wire.FCGI_END_REQUEST:
            return bytes(found)
