"""A worker process: one thread that answers, in turn, whoever has asked.

The listener and the connections that a web server keeps are waited for
together, and each gets one turn a round: a kept connection holds up no new
one, a slow client holds up nobody.
"""

from __future__ import annotations

import logging
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from .connection import Connection, Responder, Wants
from .fastcgi import CONNECTIONS, Reader
from .signals import Wakeup

_TICK = 1.0  # seconds between looks at the clock
_MASKS = {Wants.READ: select.EPOLLIN, Wants.WRITE: select.EPOLLOUT, Wants.NOTHING: 0}

_log = logging.getLogger("iipastro")


@dataclass(frozen=True)
class Limits:
    """What a connection may take."""

    seconds: float  # for a request to come in, and for an answer to be taken
    body_bytes: int  # of a request's body, that are kept for the responder


def work(
    listening: socket.socket, build: Callable[[], Responder], limits: Limits, lifeline: int
) -> int:
    """Serve until TERM comes, or the arbiter is gone; return the exit status.

    Parameters
    ----------
    build : called here, after the fork: what it opens and what it draws by lot
        is this worker's own.
    lifeline : a descriptor that becomes readable when the arbiter is no more.
    """
    with Wakeup([signal.SIGTERM]) as wakeup, Loop(listening, build(), limits) as loop:
        loop.heed(wakeup.fileno())
        loop.heed(lifeline)
        while not (woken := loop.turn()):
            pass
        loop.stop_accepting()
        while lifeline not in woken and loop.only_busy():
            woken = loop.turn()
    return 0


class Loop:
    """The listener and its connections.  It never raises for what a client does."""

    def __init__(self, listening: socket.socket, respond: Responder, limits: Limits):
        self._listening = listening
        self._respond = respond
        self._limits = limits
        self._epoll = select.epoll()
        self._connections: dict[int, Connection] = {}
        self._masks: dict[int, int] = {}
        self._unfinished: set[int] = set()  # these have more requests in hand
        self._heeded: set[int] = set()
        self._accepting = False
        self._stopping = False
        self._looked = 0.0  # at the clock
        self._accept_more(True)

    def __enter__(self) -> Loop:
        """Listening already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of every connection."""
        for connection in self._connections.values():
            connection.close()
        self._epoll.close()

    def heed(self, descriptor: int) -> None:
        """Let `turn` tell when more can be read from `descriptor`."""
        self._epoll.register(descriptor, select.EPOLLIN | select.EPOLLET)
        self._heeded.add(descriptor)

    def turn(self) -> set[int]:
        """Wait for a second at most, then let everyone who can go on do so once.

        Returns the heeded descriptors that were readable.
        """
        ready = {number for number, _ in self._epoll.poll(0 if self._unfinished else _TICK)}
        for number in ready | self._unfinished:
            if number in self._connections:
                self._advance(self._connections[number])
            elif number == self._listening.fileno():
                self._accept()
        now = time.monotonic()
        if now - self._looked >= _TICK:
            self._looked = now
            self._look_around(now)
        return ready & self._heeded

    def only_busy(self) -> bool:
        """Close every connection on which nothing is on its way; return whether any is left."""
        for connection in [c for c in self._connections.values() if not c.busy]:
            self._close(connection)
        return bool(self._connections)

    def stop_accepting(self) -> None:
        """Leave the listener alone for good."""
        self._accept_more(False)
        self._stopping = True

    def _accept_more(self, wanted: bool) -> None:
        """Watch the listener or not.  Of the workers that wait for it, one is woken."""
        if self._stopping:
            return
        if wanted and not self._accepting:
            self._epoll.register(self._listening, select.EPOLLIN | select.EPOLLEXCLUSIVE)
        elif self._accepting and not wanted:
            self._epoll.unregister(self._listening)
        self._accepting = wanted

    def _accept(self) -> None:
        """Take one connection and answer it at once: its request has mostly come already."""
        try:
            opened, _ = self._listening.accept()
        except (BlockingIOError, ConnectionAbortedError):  # another worker was first
            return
        except OSError as error:  # out of descriptors or memory: not before the next look
            _log.error("cannot accept: %s", error)
            self._accept_more(False)
            return
        connection = Connection(opened, Reader(self._limits.body_bytes), self._respond)
        self._connections[connection.fileno()] = connection
        self._advance(connection)
        if len(self._connections) >= CONNECTIONS:
            self._make_room()

    def _advance(self, connection: Connection) -> None:
        number = connection.fileno()
        wants = connection.advance()
        self._unfinished.discard(number)
        if wants is Wants.CLOSED:  # the epoll forgets a closed descriptor by itself
            del self._connections[number]
            self._masks.pop(number, None)
            return
        if wants is Wants.NOTHING:
            self._unfinished.add(number)
        self._watch(number, _MASKS[wants])

    def _watch(self, number: int, mask: int) -> None:
        before = self._masks.get(number)
        if before is None:
            self._epoll.register(number, mask)
        elif before != mask:
            self._epoll.modify(number, mask)
        self._masks[number] = mask

    def _close(self, connection: Connection) -> None:
        number = connection.fileno()
        self._epoll.unregister(number)
        self._unfinished.discard(number)
        del self._connections[number], self._masks[number]
        connection.close()

    def _look_around(self, now: float) -> None:
        """Close what has stood still for too long.

        While a long request was computed, much may have come that we have not
        seen: everyone has a last turn.
        """
        for number, connection in list(self._connections.items()):
            if not connection.overdue(now, self._limits.seconds):
                continue
            self._advance(connection)
            if number in self._connections and connection.overdue(now, self._limits.seconds):
                _log.info("a connection stood still for %g s", self._limits.seconds)
                self._close(connection)
        self._accept_more(len(self._connections) < CONNECTIONS)

    def _make_room(self) -> None:
        """Close a connection that is only kept; if none is, accept no more for now."""
        idle = next((c for c in self._connections.values() if c.idle), None)
        if idle is None:
            self._accept_more(False)
            return
        self._close(idle)
