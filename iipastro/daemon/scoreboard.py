"""What every worker does and has done, in memory that all processes share.

It is made before the fork.  A slot is written by one process only: the first
one, which holds the sums of workers that are gone, by the arbiter; each other
one by its worker, between the arbiter's `take` and `release`.  There are no
locks: a worker that is killed leaves its own last word unfinished at most.
All numbers are words of 64 bits, aligned, so that none is read half written.
"""

from __future__ import annotations

import enum
import mmap
import os
import struct
import time
from bisect import bisect_left
from dataclasses import dataclass

SLOTS = 4096  # for a reload of 1,024 workers, and the old ones of others that still drain
BOUNDS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1),
    *(0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)  # seconds: upper ends, included, of the latency histogram; one more bucket is for the rest
STATUSES = (
    200,
    204,
    304,
    400,
    403,
    404,
    405,
    413,
    414,
    499,
    500,
    503,
)  # any other is counted last; 499: gone
TIERS = ("memory", "memcached", "miss")  # of the caches

_BYTES = 1024  # of a slot
_TEXT = 256  # bytes at its end: what is asked
_ASKED = struct.Struct(f"{_TEXT}s")  # with zeros behind a shorter text
_PID, _GENERATION, _STATE, _OPEN = range(4)  # words that are no sums
_SINCE, _HEARTBEAT, _STARTED, _SECONDS = range(5, 9)  # words that are times
_REQUESTS, _SENT, _CONNECTIONS, _SLOW = range(9, 13)
_FIRST_TIER = 13
_FIRST_STATUS = _FIRST_TIER + len(TIERS)
_FIRST_BUCKET = _FIRST_STATUS + len(STATUSES) + 1
_FIRST_EVENT = _FIRST_BUCKET + len(BOUNDS) + 1
_SUMS = (*range(_REQUESTS, _FIRST_EVENT),)
_PLACE_OF = {status: _FIRST_STATUS + number for number, status in enumerate(STATUSES)}
_OTHER = _FIRST_STATUS + len(STATUSES)
_TRIES = 100  # of a reader, a millisecond each


class Event(enum.IntEnum):
    """What the arbiter counts, by the place of its word."""

    STARTED = _FIRST_EVENT  # workers
    FAILED = _FIRST_EVENT + 1  # workers that ended unasked
    TIMED_OUT = _FIRST_EVENT + 2  # workers that were killed over a request
    RELOADED = _FIRST_EVENT + 3  # configurations taken over
    REFUSED = _FIRST_EVENT + 4  # configurations that could not be


_VERSION, _HIGHEST = Event.REFUSED + 1, Event.REFUSED + 2  # words of the arbiter's slot


class State(enum.IntEnum):
    """What a worker is ready for."""

    FREE = 0  # no worker has this slot
    STARTING = 1
    READY = 2
    LEAVING = 3  # takes no new connection

    @classmethod
    def _missing_(cls, _value: object) -> State:
        """Take a word that no worker has meant to write as the end of its worker."""
        return cls.LEAVING


@dataclass(frozen=True)
class Worker:
    """A worker at one moment.  Times are of the monotonic clock."""

    pid: int  # 0: not yet known
    generation: int  # of the configuration, from 0
    state: State
    since: float  # when its request began; 0: it has none
    heartbeat: float
    started: float
    requests: int
    connections: int  # that are open
    asked: str  # the query of its last request, cut at 256 bytes, a byte a character


@dataclass(frozen=True)
class Sums:
    """What has been counted since the start, workers that are gone included."""

    requests: int
    sent: int  # bytes of bodies
    seconds: float  # of all requests
    connections: int  # accepted
    slow: int
    tiers: tuple[int, ...]  # by TIERS
    statuses: tuple[int, ...]  # by STATUSES, and all others
    buckets: tuple[int, ...]  # requests by BOUNDS, and all longer ones; not cumulative
    events: tuple[int, ...]  # by Event


class Slot:
    """The words of one process.  What a request costs here is about 1.5 µs."""

    __slots__ = ("_raw", "_times", "_words", "index")

    def __init__(self, raw: memoryview, index: int):
        self.index = index
        self._raw = raw[index * _BYTES : (index + 1) * _BYTES]
        self._words = self._raw.cast("q")
        self._times = self._raw.cast("d")

    # ---- written by the worker

    def attach(self) -> None:
        """Make it this process's own."""
        now = time.monotonic()
        self._times[_STARTED] = self._times[_HEARTBEAT] = now
        self._words[_PID] = os.getpid()

    def be(self, state: State) -> None:
        """Tell what the worker is ready for."""
        self._words[_STATE] = state

    def beat(self, now: float, connections: int) -> None:
        """Tell that the worker goes round, in no request, with so many connections open."""
        self._times[_HEARTBEAT] = now
        self._times[_SINCE] = 0.0  # should an exception have come between `begin` and `end`
        self._words[_OPEN] = connections

    def accepted(self) -> None:
        """Count a connection."""
        self._words[_CONNECTIONS] += 1

    def begin(self, now: float, asked: str) -> None:
        """Tell that a request begins.  `asked` has a byte a character, as CGI variables have."""
        _ASKED.pack_into(self._raw, _BYTES - _TEXT, asked[:_TEXT].encode("latin-1", "replace"))
        self._times[_SINCE] = now

    def end(self, status: int, size: int, seconds: float) -> None:
        """Count the request that ends: its status, the bytes of its body, what it took."""
        words = self._words
        words[_REQUESTS] += 1
        words[_SENT] += size
        words[_PLACE_OF.get(status, _OTHER)] += 1
        words[_FIRST_BUCKET + bisect_left(BOUNDS, seconds)] += 1
        times = self._times
        times[_SECONDS] += seconds
        times[_HEARTBEAT] = times[_SINCE] + seconds
        times[_SINCE] = 0.0

    def slow(self) -> None:
        """Count a request as a slow one."""
        self._words[_SLOW] += 1

    def tiers(self, counts: tuple[int, ...]) -> None:
        """Tell how many answers each tier of the caches has given, in the order of TIERS."""
        for number, count in enumerate(counts):
            self._words[_FIRST_TIER + number] = count

    # ---- read by anybody

    @property
    def state(self) -> State:
        """What the worker is ready for."""
        return State(self._words[_STATE])

    @property
    def since(self) -> float:
        """When the request began that it works on; 0: it has none."""
        return self._times[_SINCE]

    @property
    def heartbeat(self) -> float:
        """When it last went round."""
        return self._times[_HEARTBEAT]

    @property
    def asked(self) -> str:
        """What its last request was."""
        return bytes(self._raw[_BYTES - _TEXT :]).rstrip(b"\0").decode("latin-1")

    def read(self) -> Worker:
        """Return what it does now."""
        words, times = self._words, self._times
        return Worker(
            words[_PID], words[_GENERATION], self.state, self.since, self.heartbeat,
            times[_STARTED], words[_REQUESTS], words[_OPEN], self.asked,
        )  # fmt: skip


class Scoreboard:
    """All slots.  Made by the arbiter; its children have it by the fork."""

    def __init__(self, slots: int = SLOTS):
        self._slots = slots
        raw = memoryview(mmap.mmap(-1, (slots + 1) * _BYTES))  # shared, and zero
        self._raw = raw
        self._own = Slot(raw, 0)
        self._own.attach()
        self._words, self._times = raw.cast("q"), raw.cast("d")

    # ---- written by the arbiter

    def take(self, generation: int) -> Slot | None:
        """Return a slot for a worker that is about to start; None: all are taken."""
        for index in range(1, self._slots + 1):
            base = index * _BYTES // 8
            if self._words[base + _STATE] == State.FREE:
                self._words[base + _GENERATION] = generation
                self._words[base + _STATE] = State.STARTING
                self._words[_HIGHEST] = max(index, self._words[_HIGHEST])
                self.count(Event.STARTED)
                return Slot(self._raw, index)
        return None

    def release(self, slot: Slot) -> None:
        """Add what a worker that is gone has counted to the sums, and free its slot."""
        base = slot.index * _BYTES // 8
        self._words[_VERSION] += 1  # odd: readers wait
        for place in _SUMS:
            self._words[place] += self._words[base + place]
        self._times[_SECONDS] += self._times[base + _SECONDS]
        start = slot.index * _BYTES
        self._raw[start : start + _BYTES] = bytes(_BYTES)
        self._words[_VERSION] += 1

    def count(self, event: Event) -> None:
        """Count what has happened."""
        self._words[event] += 1

    # ---- read by anybody

    @property
    def started(self) -> float:
        """When the arbiter made this."""
        return self._times[_STARTED]

    @property
    def arbiter(self) -> int:
        """The process that made this."""
        return self._words[_PID]

    def read(self) -> tuple[list[Worker], Sums]:
        """Return the workers there are, and the sums of all there have been.

        Should the arbiter die over a `release`, the sums may hold a worker twice.
        """
        for _ in range(_TRIES):
            before = self._words[_VERSION]
            found = self._read()
            if before % 2 == 0 and before == self._words[_VERSION]:
                return found
            time.sleep(0.001)
        return self._read()

    def _read(self) -> tuple[list[Worker], Sums]:
        slots = [Slot(self._raw, index) for index in range(1, self._words[_HIGHEST] + 1)]
        workers = [worker for slot in slots if (worker := slot.read()).state != State.FREE]
        bases = [index * _BYTES // 8 for index in range(len(slots) + 1)]
        sums = {place: sum(self._words[base + place] for base in bases) for place in _SUMS}
        return workers, Sums(
            sums[_REQUESTS], sums[_SENT], sum(self._times[base + _SECONDS] for base in bases),
            sums[_CONNECTIONS], sums[_SLOW],
            tuple(sums[place] for place in range(_FIRST_TIER, _FIRST_STATUS)),
            tuple(sums[place] for place in range(_FIRST_STATUS, _FIRST_BUCKET)),
            tuple(sums[place] for place in range(_FIRST_BUCKET, _FIRST_EVENT)),
            tuple(self._words[event] for event in Event),
        )  # fmt: skip
