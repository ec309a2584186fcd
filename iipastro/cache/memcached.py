"""Memcached as a tier.  It may be away, silent, slow or full of nonsense: each is a miss."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from ..response import Response
from .envelope import Envelope
from .tiers import Counts

ITEM_HEAD = 128  # bytes that memcached adds to key and value, at most
_QUICK = 0.001  # seconds: what a call may take at least, without being counted
_INERTIA = 8  # answers over which the time that it takes to make one is averaged
_QUIET = 60.0  # seconds without a failure after which the next one is told

_log = logging.getLogger("iipastro")


class Client(Protocol):
    """What is used of pylibmc's client."""

    def get(self, key: str) -> Any:
        """Return the value of a key, or None."""

    def set(self, key: str, val: bytes, time: int = ...) -> Any:
        """Keep a value for so many seconds; 0: for ever."""


class Options(NamedTuple):
    """How the servers are used."""

    expiry: int = 86400  # seconds; 0: never
    item_max: int = 1 << 20  # bytes: what the servers take (their -I)
    back_off: float = 10.0  # seconds without calls, when these have cost too much time
    patience: float = 0.025  # seconds that slow calls may cost in so many seconds
    clock: Callable[[], float] = time.monotonic


class Memcached:
    """Keeps answers in memcached.

    The client leaves a server alone for some seconds after it has failed.
    That bounds what a dead server costs, but not a slow one, nor many of them.
    So we keep an account of time: what a call takes beyond a millisecond, or
    beyond the time that it takes to make an answer, is added; what is below
    that is taken off, and so is the time that goes by, at the rate of
    `patience` in `back_off`.  When there is more than `patience` on it, all
    servers are left alone for `back_off` seconds.  On a machine where everybody
    waits for a turn, answers take longer to make, too: there a cache that
    seems slow is worth most.

    Parameters
    ----------
    client : opened after the fork, for a client is a socket.
    failures : what the client raises.
    envelope : makes bytes of answers.
    """

    name = "memcached"

    def __init__(
        self,
        client: Client,
        failures: type[Exception],
        envelope: Envelope,
        options: Options | None = None,
        counts: Counts | None = None,
    ):
        self._client = client
        self._failures = failures
        self._envelope = envelope
        self._options = options or Options()
        self._counts = counts or Counts()
        self._clock = self._options.clock
        self._rest_until = 0.0
        self._lost, self._lost_at = 0.0, 0.0  # seconds on the account, and when
        self._quiet_until = 0.0
        self._unanswered = ""  # the key that was asked for last, in vain
        self._missing, self._missing_at = "", 0.0  # the one that has to be made, and since when
        self._making = 0.0  # seconds that it takes to make an answer

    def get(self, key: str) -> Response | None:
        """Return the answer of a key, if it is there and sound."""
        self._unanswered = key
        data = self._called(self._client.get, key)
        response = None if data is None else self._envelope.unpack(key, data)
        if response is None:
            self._missing, self._missing_at = key, self._clock()
            self._counts.damaged += data is not None
        return response

    def put(self, key: str, value: Response) -> None:
        """Keep an answer, unless memcached would refuse it for its size.

        Not where `get` has had no answer: a call that the client does not let
        through puts off the time at which it tries the server again.
        """
        if key == self._missing:
            made_in = min(self._clock() - self._missing_at, self._options.patience)
            self._making += (made_in - self._making) / _INERTIA
        if key == self._unanswered:
            return
        data = self._envelope.pack(key, value)
        if len(data) + len(key) + ITEM_HEAD > self._options.item_max:
            self._counts.oversized += 1
            return
        self._called(self._client.set, key, data, self._options.expiry)

    def _called(self, call: Callable[..., Any], *arguments: object) -> Any:
        """Return what a call of the client gives; None where it fails, or is not worth a try."""
        begun = self._clock()
        if begun < self._rest_until:
            return None
        try:
            result = call(*arguments)
            self._unanswered = ""
            return result
        except self._failures as error:
            self._failed(error)
            return None
        finally:
            self._account(begun, self._clock())

    def _failed(self, error: Exception) -> None:
        """Count a failure, and tell of the first one in a row."""
        self._counts.errors += 1
        now = self._clock()
        if now >= self._quiet_until:
            _log.warning("memcached fails, the answers are made: %s", error)
        self._quiet_until = now + _QUIET

    def _account(self, begun: float, ended: float) -> None:
        """Add what a call has cost; too much of it gives the servers a rest."""
        options = self._options
        passed = (ended - self._lost_at) * options.patience / options.back_off
        self._lost = max(0.0, self._lost - passed)
        self._lost = max(0.0, self._lost + (ended - begun) - max(_QUICK, self._making))
        self._lost_at = ended
        if self._lost > options.patience:
            _log.info("memcached is slow, and left alone for %g s", options.back_off)
            self._rest_until = ended + options.back_off
            self._lost = 0.0
