"""Signals that end a command: they become an exception, so that it can clean up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal has asked for the end: no error, so nothing but a cleanup may catch it."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped in this thread, the main one, at the first signal; later ones do nothing."""
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def stop(number: int, _: FrameType | None) -> None:
        for other in SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        raise Stopped(f"stopped by {signal.Signals(number).name}")

    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # nohup shall stay nohup
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
