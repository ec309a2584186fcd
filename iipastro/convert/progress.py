"""How far a long run is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

BAR = 30  # characters
REFRESH = 0.2  # seconds between two pictures of the bar
STEP = 10  # percent between two lines

Progress = Callable[[int, int], None]  # pixels done, of all


def silent(done: int, whole: int) -> None:
    """Tell nothing."""


def make_progress(
    stream: TextIO, name: str, clock: Callable[[], float] = time.monotonic
) -> Progress:
    """Return what tells of the progress of `name` on `stream`."""
    return Bar(stream, name, clock) if stream.isatty() else Lines(stream, name, clock)


class Lines:
    """A line for every tenth of the work."""

    def __init__(self, stream: TextIO, name: str, clock: Callable[[], float]):
        self._stream, self._name, self._clock = stream, name, clock
        self._start = clock()
        self._told = 0

    def __call__(self, done: int, whole: int) -> None:
        """Take in that `done` of `whole` pixels are done."""
        percent = 100 * done // whole // STEP * STEP
        if percent > self._told:
            self._told = percent
            pace = pace_of(done, whole, self._clock() - self._start)
            self._stream.write(f"{self._name}: {percent} %, {pace}\n")
            self._stream.flush()


class Bar:
    """A line that is written again and again."""

    def __init__(self, stream: TextIO, name: str, clock: Callable[[], float]):
        self._stream, self._name, self._clock = stream, name, clock
        self._start = clock()
        self._next = self._start
        self._open = False  # whether the line has begun, and not ended

    def __call__(self, done: int, whole: int) -> None:
        """Take in that `done` of `whole` pixels are done."""
        now = self._clock()
        if now < self._next and done < whole:
            return
        self._next = now + REFRESH
        filled = BAR * done // whole
        bar = "#" * filled + "." * (BAR - filled)
        pace = pace_of(done, whole, now - self._start)
        end = "\n" if done >= whole else ""
        self._open = not end
        self._stream.write(f"\r{self._name}: [{bar}] {100 * done // whole} %, {pace}\x1b[K{end}")
        self._stream.flush()

    def leave(self) -> None:
        """End the line, for what comes next."""
        if self._open:
            self._stream.write("\n")
            self._open = False


def pace_of(done: int, whole: int, seconds: float) -> str:
    """Return the rate, and the time that is left, or at the end the time that it took."""
    if seconds <= 0 or done <= 0:
        return "0 Mpixel/s"
    rate = done / seconds
    rest = (
        f"{duration(seconds)} in all"
        if done >= whole
        else f"{duration((whole - done) / rate)} left"
    )
    return f"{rate / 1e6:.1f} Mpixel/s, {rest}"


def duration(seconds: float) -> str:
    """Return a time in the words of a clock: 0:05, 12:00, 1:00:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
