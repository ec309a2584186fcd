"""Two lanes: answers that take long may hold some of the workers, never all (operations R23)."""

from __future__ import annotations

import fcntl
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import Busy

LIGHT = 1 << 20  # samples: what takes about as long as a few tiles goes with the tiles
RETRY_SECONDS = 1


class Exports:
    """Slots for long answers that all workers of a server share: make one before the fork.

    A slot is a record lock on a file in memory.  The kernel takes it back when
    the worker ends, however that happens.

    Parameters
    ----------
    slots : how many workers may make long answers at the same time; at least 1.
    """

    def __init__(self, slots: int):
        self.slots = slots
        self._file = os.memfd_create("exports", os.MFD_CLOEXEC)
        weakref.finalize(self, os.close, self._file)

    @contextmanager
    def slot(self, samples: int) -> Iterator[None]:
        """Hold a slot for an answer of so many samples, read or written.  Raises Busy."""
        if samples <= LIGHT:
            yield
            return
        number = self._take()
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)

    def _take(self) -> int:
        for number in range(self.slots):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
            except BlockingIOError:
                continue
            return number
        raise Busy("too many exports at the same time", RETRY_SECONDS)
