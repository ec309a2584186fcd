"""Whether a web server still waits for the answer that is being made.

A worker is one thread: while it computes it reads no socket, and an export that
nobody wants any more would go on for seconds.  So a timer, which runs with the
processor time that the worker uses and never while it rests, looks at the
connection; if that is gone, the request ends by an exception, as it would by
Ctrl-C.  It is no Exception, so that what handles errors lets it pass.
"""

from __future__ import annotations

import select
import signal
import socket
import struct
from types import FrameType

_INTERVAL = 0.1  # seconds of processor time
_LEFT = select.POLLHUP | select.POLLERR
_HEADER = struct.Struct("!BBH")
_PEEK = socket.MSG_PEEK | socket.MSG_DONTWAIT
_ABORT = 2  # FCGI_ABORT_REQUEST


class ClientGone(BaseException):
    """Nobody waits for the answer."""


def has_left(client: socket.SocketType, number: int) -> bool:
    """Return whether a client has closed, or taken back the request of this number.

    A client that has closed but its own direction may still read, and gets its
    answer.  TCP does not tell that from a client that is gone: web servers do
    not half-close, so there it counts as gone.
    """
    look = select.poll()
    look.register(client, select.POLLIN | select.POLLRDHUP)
    found = look.poll(0)
    return bool(found) and _means_left(client, found[0][1], number)


def _means_left(client: socket.SocketType, events: int, number: int) -> bool:
    if events & _LEFT:
        return True
    if events & select.POLLRDHUP:
        return client.family != socket.AF_UNIX
    try:
        head = client.recv(_HEADER.size, _PEEK)
    except OSError:  # what the socket has to say comes with the answer
        return False
    return len(head) == _HEADER.size and _HEADER.unpack(head)[1:] == (_ABORT, number)


class Presence:
    """Looks after the client of the request that is being answered.

    Attributes
    ----------
    trusting : whether the next client is taken to be there when its request begins.
        True where the worker has just slept: what has come is a moment old.
    """

    def __init__(self) -> None:
        self.trusting = False
        self._client: socket.SocketType | None = None
        self._number = 0

    def begin(self, client: socket.SocketType, number: int) -> None:
        """Look after the client of request `number` from now on.

        ClientGone is raised now, if nobody waits for an answer any more, or at
        any point until `end`.
        """
        if not self.trusting and has_left(client, number):
            raise ClientGone
        self.trusting = False  # who comes next has waited for this one
        self._number = number
        self._client = client

    def end(self) -> None:
        """Look after nobody."""
        self._client = None

    def __enter__(self) -> Presence:
        """Begin to look."""
        self._before = signal.signal(signal.SIGPROF, self._look)
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._before)

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        client = self._client
        if client is not None and has_left(client, self._number):
            self._client = None  # once
            raise ClientGone
