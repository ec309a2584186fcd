"""The turns of a worker: one thread that answers, one after the other, whoever has asked.

The listener and the connections that a web server keeps are waited for
together, and each gets one turn a round: a kept connection holds up no new
one, a slow client holds up nobody.
"""

from __future__ import annotations

import logging
import random
import select
import time
from collections.abc import Mapping
from dataclasses import dataclass

from ..response import Response
from .connection import Connection, Responder, Wants
from .fastcgi import CONNECTIONS
from .presence import Presence
from .scoreboard import Slot
from .sockets import Entrance

_TICK = 1.0  # seconds between looks at the clock
_ASLEEP = 20e-6  # seconds that a wait takes which was none, and some more
_MASKS = {Wants.READ: select.EPOLLIN, Wants.WRITE: select.EPOLLOUT, Wants.NOTHING: 0}
_JITTER = 0.1  # of the requests of a worker: so that not all are replaced at once

_log = logging.getLogger("iipastro")


@dataclass(frozen=True)
class Limits:
    """What a connection and a worker may take."""

    seconds: float  # for a request to come in, and for an answer to be taken
    body_bytes: int  # of a request's body, that are kept for the responder
    requests: int = 0  # that a worker answers, and up to a tenth more; 0: no limit


class Loop:
    """The listener and its connections.  It never raises for what a client does."""

    def __init__(
        self,
        listening: Entrance,
        respond: Responder,
        limits: Limits,
        slot: Slot,
        presence: Presence,
    ):
        self._listening = listening
        self._listener = listening.fileno()
        self._respond = respond
        self._limits = limits
        self._slot = slot
        self._presence = presence
        self._left = limits.requests * random.uniform(1, 1 + _JITTER) or float("inf")  # noqa: S311
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

    @property
    def worn(self) -> bool:
        """Whether as many requests have been answered as may be."""
        return self._left <= 0

    def turn(self) -> set[int]:
        """Wait for a second at most, then let everyone who can go on do so once.

        Returns the heeded descriptors that were readable.
        """
        before = time.monotonic()
        events = self._epoll.poll(0 if self._unfinished else _TICK)
        self._presence.trusting = time.monotonic() - before > _ASLEEP
        ready = [number for number, _ in events]
        for number in {*ready, *self._unfinished} if self._unfinished else ready:
            if number == self._listener:
                self._accept()
            elif number in self._connections:
                self._advance(self._connections[number])
        self._presence.trusting = False
        now = time.monotonic()
        self._slot.beat(now, len(self._connections))
        if now - self._looked >= _TICK:
            self._looked = now
            self._look_around(now)
        return self._heeded.intersection(ready)

    def only_busy(self) -> bool:
        """Close every connection on which nothing is on its way; return whether any is left.

        A request that has come but was not read yet is on its way, and so is the
        first one of a connection, for a moment: web servers connect in order to ask.
        """
        for connection in [c for c in self._connections.values() if not c.busy]:
            self._advance(connection)
        now = time.monotonic()
        for connection in [c for c in self._connections.values() if not c.busy]:
            if connection.idle or connection.overdue(now, _TICK):
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
            self._epoll.register(self._listener, select.EPOLLIN | select.EPOLLEXCLUSIVE)
        elif self._accepting and not wanted:
            self._epoll.unregister(self._listener)
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
        self._slot.accepted()
        connection = Connection(opened, self._limits.body_bytes, self._answer, self._presence)
        number = connection.fileno()
        wants = connection.advance()
        if wants is Wants.CLOSED:  # the usual case
            return
        self._connections[number] = connection
        self._wait(number, wants)
        if len(self._connections) >= CONNECTIONS:
            self._make_room()

    def _answer(self, environ: Mapping[str, str], body: bytes) -> Response:
        self._left -= 1
        return self._respond(environ, body)

    def _advance(self, connection: Connection) -> None:
        number = connection.fileno()
        wants = connection.advance()
        self._unfinished.discard(number)
        if wants is Wants.CLOSED:  # the epoll forgets a closed descriptor by itself
            del self._connections[number]
            self._masks.pop(number, None)
            return
        self._wait(number, wants)

    def _wait(self, number: int, wants: Wants) -> None:
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
        """Close that which is only kept for the longest; if none is, accept no more for now."""
        kept = (connection for connection in self._connections.values() if connection.idle)
        idle = min(kept, key=lambda connection: connection.since, default=None)
        if idle is None:
            self._accept_more(False)
            return
        self._close(idle)
