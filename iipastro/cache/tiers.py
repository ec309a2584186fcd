"""From the nearest tier to the farthest, and then to whoever can make the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..response import Response, answer


@dataclass
class Counts:
    """What has become of requests for answers that may be kept.  Written to by one worker."""

    memory: int = 0  # found there, or as a text that is remembered with its request
    memcached: int = 0
    misses: int = 0  # made
    errors: int = 0  # calls of memcached that failed
    damaged: int = 0  # values of memcached that were not ours
    oversized: int = 0  # answers too large for memcached


class Tier(Protocol):
    """A place for answers.  It never raises."""

    @property
    def name(self) -> str:
        """The field of `Counts` for what is found here."""

    def get(self, key: str) -> Response | None:
        """Return the answer of a key."""

    def put(self, key: str, value: Response) -> None:
        """Keep an answer, if possible."""


class Tiers:
    """The tiers of a worker, nearest first.

    A worker answers one request after the other, so no answer is ever made
    twice at a time: who comes second finds what the first one left.
    """

    def __init__(self, tiers: Sequence[Tier] = (), counts: Counts | None = None):
        self.counts = counts or Counts()
        self.tiers = tuple(tiers)

    def fetch(self, key: str, make: Callable[[], Response]) -> Response:
        """Return the answer of `key` from the nearest tier that has it, or make it.

        Every tier nearer than the one that answered is filled.  Only a success
        is kept, and of it only type and body: what is returned has no other
        headers, whether it was found or made.
        """
        for depth, tier in enumerate(self.tiers):
            found = tier.get(key)
            if found is not None:
                setattr(self.counts, tier.name, getattr(self.counts, tier.name) + 1)
                self._fill(key, found, depth)
                return found
        self.counts.misses += 1
        made = make()
        if made.status != 200:
            return made
        plain = answer(made.mime, made.body)
        self._fill(key, plain, len(self.tiers))
        return plain

    def _fill(self, key: str, response: Response, depth: int) -> None:
        for tier in self.tiers[:depth]:
            tier.put(key, response)
