"""The memory of one worker: the values used last, within a bound in bytes."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ..response import Response

ENTRY = 150  # bytes of a place in an OrderedDict, its table half empty, and of what malloc adds
SHARE = 8  # no value may take more than this part of all: an export does not push out the tiles

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Keeps values by key; the least recently used go first.  For one thread.

    Parameters
    ----------
    most_bytes : that keys, values and places for them may take; 0 keeps nothing.
    weigh : returns the bytes of a value.
    """

    name = "memory"

    def __init__(self, most_bytes: int, weigh: Callable[[Value], int]):
        self.bytes = self.hits = self.misses = 0
        self._most = most_bytes
        self._weigh = weigh
        self._kept: OrderedDict[str, tuple[Value, int]] = OrderedDict()  # least recent first

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self._kept)

    def get(self, key: str) -> Value | None:
        """Return the value of a key.  Nobody writes to it."""
        found = self._kept.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: str, value: Value) -> None:
        """Keep a value, unless it is too large."""
        cost = self._weigh(value) + sys.getsizeof(key) + ENTRY
        if cost > self._most // SHARE:
            return
        self._drop(self._kept.pop(key, None))
        self._kept[key] = value, cost
        self.bytes += cost
        while self.bytes > self._most:
            self._drop(self._kept.popitem(last=False)[1])

    def _drop(self, kept: tuple[Value, int] | None) -> None:
        if kept is not None:
            self.bytes -= kept[1]


def weight_of_answer(response: Response) -> int:
    """Return the bytes of an answer; 400 of them hold its headers."""
    return 400 + sys.getsizeof(response.body)


def weight_of_array(array: Any) -> int:
    """Return the bytes of an array, with those of whatever it is a part of."""
    total, owner = 0, array
    while owner is not None:
        total += sys.getsizeof(owner)
        owner = owner.obj if isinstance(owner, memoryview) else getattr(owner, "base", None)
    return total
