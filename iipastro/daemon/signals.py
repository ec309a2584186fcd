"""Signals as something to wait for: a handler does nothing but put its number into a pipe."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterable, Iterator
from types import FrameType


class Wakeup:
    """The signals that have come since they were last taken, and a descriptor to wait on.

    The interpreter writes each signal's number into the pipe as it arrives, so
    none is lost between looking and waiting.  One at a time can be open.
    """

    def __init__(self, numbers: Iterable[signal.Signals]):
        self._out, self._in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._in, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _nothing) for number in numbers}

    def __enter__(self) -> Wakeup:
        """Open already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def fileno(self) -> int:
        """Return the descriptor that becomes readable."""
        return self._out

    def take(self) -> set[signal.Signals]:
        """Return what has come, without waiting."""
        try:
            return {signal.Signals(number) for number in os.read(self._out, 4096)}
        except BlockingIOError:
            return set()

    def wait(self, seconds: float, others: Iterable[int] = ()) -> set[signal.Signals]:
        """Return what has come, or comes before the time is over.

        Other descriptors of which one can be read end the waiting too.
        """
        poll = select.poll()
        for descriptor in (self._out, *others):
            poll.register(descriptor, select.POLLIN)
        poll.poll(max(0, round(seconds * 1000)))
        return self.take()

    def close(self) -> None:
        """Put back the handlers that were there before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        os.close(self._in)
        os.close(self._out)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Take the place of the default action."""


@contextlib.contextmanager
def held_back(numbers: Iterable[signal.Signals]) -> Iterator[None]:
    """Let signals wait until the block is left."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
