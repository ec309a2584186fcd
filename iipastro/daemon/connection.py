"""One connection of a web server: its requests are answered, and it is never waited for."""

from __future__ import annotations

import enum
import logging
import socket
import time
from collections.abc import Callable, Mapping, Sequence

from ..response import Response, cgi_head, refusal
from . import fastcgi
from .pairs import Malformed
from .presence import ClientGone, Presence

Responder = Callable[[Mapping[str, str], bytes], Response]
_Part = bytes | memoryview

_RECEIVE = 65536  # bytes: a GET comes whole in one piece
_BUFFERS = 512  # of one sendmsg(): the system takes 1024, and 512 hold 16 MB
_FLAGS = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL

_log = logging.getLogger("iipastro")


class Wants(enum.Enum):
    """What a connection waits for."""

    READ = 1  # bytes from the web server
    WRITE = 2  # room for the rest of an answer
    NOTHING = 3  # another turn: more requests have come already
    CLOSED = 4


class Connection:
    """Takes turns with the others: one turn answers at most one request.

    The socket may block; every call on it says that it must not.
    """

    __slots__ = (
        "_body_limit", "_closing", "_draining", "_kept", "_output", "_presence", "_reader",
        "_respond", "_socket", "since",
    )  # fmt: skip

    def __init__(
        self, opened: socket.SocketType, body_limit: int, respond: Responder, presence: Presence
    ):
        self._socket = opened
        self._body_limit = body_limit
        self._reader: fastcgi.Reader | None = None  # until something else than a whole GET comes
        self._respond = respond
        self._presence = presence
        self._output: Sequence[_Part] = ()
        self._closing = False  # once the output is sent
        self._draining = False  # nothing more is answered, what still comes is dropped
        self.since = time.monotonic()  # when the request began to come, or its answer last moved
        self._kept = False

    def fileno(self) -> int:
        """Return the descriptor of the socket."""
        return self._socket.fileno()

    @property
    def busy(self) -> bool:
        """Whether a part of a request or of an answer is on its way."""
        return bool(self._output) or not self._is_between

    @property
    def _is_between(self) -> bool:
        """Whether no byte of an unanswered request has come."""
        return self._reader is None or self._reader.idle

    @property
    def idle(self) -> bool:
        """Whether the web server keeps it for a later request."""
        return self._kept and not self.busy

    def overdue(self, now: float, seconds: float) -> bool:
        """Return whether it has made us wait for longer than `seconds`.

        A request must come whole in that time; an answer may take any time, as
        long as it moves.
        """
        return not self.idle and now - self.since > seconds

    def advance(self) -> Wants:
        """Take one turn.  What the web server does wrong ends the connection, nothing else."""
        try:
            wants = self._turn()
        except (OSError, Malformed) as error:
            _log.debug("a connection ends: %s", error)
            wants = Wants.CLOSED
        except ClientGone:
            _log.debug("a connection ends: its client is gone")
            wants = Wants.CLOSED
        if wants is Wants.CLOSED:
            self.close()
        return wants

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()

    def _turn(self) -> Wants:
        if self._output:
            return self._send()
        event = self._reader and not self._draining and self._reader.next_event()
        if not event:
            data = self._receive()
            if not data:
                return Wants.READ if data is None else Wants.CLOSED
            event = self._take(data)
            if event is None:
                return Wants.READ
        self._output = self._answer(event)
        self.since = time.monotonic()  # how long we took for the answer is not the client's time
        return self._send()

    def _receive(self) -> bytes | None:
        """Return what has come; None: nothing yet."""
        try:
            return self._socket.recv(_RECEIVE, _FLAGS)
        except BlockingIOError:
            return None

    def _take(self, data: bytes) -> fastcgi.Event | None:
        """Return what has come whole.  Mostly that is one request, and no reader is needed."""
        if self._draining:
            return None
        if self._is_between:
            self.since = time.monotonic()
            request = fastcgi.whole(data)
            if request is not None:
                return request
        if self._reader is None:
            self._reader = fastcgi.Reader(self._body_limit)
        self._reader.feed(data)
        return self._reader.next_event()

    def _answer(self, event: fastcgi.Event) -> Sequence[_Part]:
        if isinstance(event, fastcgi.Reply):
            self._draining = event.last
            return (event.data,)
        self._closing, self._kept = not event.keep, event.keep
        return fastcgi.answer(event.number, *self._made(event))

    def _made(self, request: fastcgi.Request) -> tuple[bytes, bytes]:
        """Return head and body.  Raises ClientGone, at any point, if nobody waits any more."""
        self._presence.begin(self._socket, request.number)
        try:
            return _answered(self._respond, request)
        finally:
            self._presence.end()

    def _send(self) -> Wants:
        """Send as much as fits: in the usual case all, at once."""
        while self._output:
            try:
                sent = self._socket.sendmsg(self._output[:_BUFFERS], (), _FLAGS)
            except BlockingIOError:
                return Wants.WRITE
            self._output = rest_of(self._output, sent)
            self.since = time.monotonic()
        if self._closing:
            return Wants.CLOSED
        if self._draining:  # to close over unread bytes could take back what was sent
            self._socket.shutdown(socket.SHUT_WR)
            return Wants.READ
        return Wants.READ if self._is_between else Wants.NOTHING


def _answered(respond: Responder, request: fastcgi.Request) -> tuple[bytes, bytes]:
    """Return head and body.  The last resort: `wsgi.respond` lets nothing through."""
    try:
        response = respond(request.environ, request.body)
        return cgi_head(response.status, response.headers), response.body
    except Exception:  # noqa: BLE001  one request never ends a worker
        _log.exception("a request failed")
        response = refusal(500, b"The server failed to answer.\n")
        return cgi_head(response.status, response.headers), response.body


def rest_of(parts: Sequence[_Part], sent: int) -> Sequence[_Part]:
    """Return what is left of `parts` after their first `sent` bytes."""
    for index, part in enumerate(parts):
        if sent < len(part):
            return [memoryview(part)[sent:], *parts[index + 1 :]]
        sent -= len(part)
    return ()
