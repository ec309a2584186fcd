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
MOST = 1024  # as many as there may be workers
_WORD = 4  # bytes at the start of the file: how many slots the workers there are leave


class Exports:
    """Slots for long answers that all workers of a server share: make one before the fork.

    A slot is a record lock on a file in memory.  The kernel takes it back when
    the worker ends, however that happens.

    Parameters
    ----------
    most : how many workers may make long answers at the same time, if there are more than that.
    """

    def __init__(self, most: int):
        self._most = most
        self._file = os.memfd_create("exports", os.MFD_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        self.follow(most + 1)

    def follow(self, workers: int) -> None:
        """Tell all workers how many they are now: one of them is left to the tiles."""
        os.pwrite(self._file, max(1, workers - 1).to_bytes(_WORD, "little"), 0)

    @property
    def slots(self) -> int:
        """How many long answers may be made at the same time now."""
        return min(self._most, int.from_bytes(os.pread(self._file, _WORD, 0), "little"))

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
