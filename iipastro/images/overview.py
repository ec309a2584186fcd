"""The lower levels of a FITS image: found in the cache, or made when the first tile needs them.

They are made by a thread of their own, so that a worker goes on serving while
an image of many gigabytes is read.  Whoever needs them waits, for a few
seconds from the first need on, and is then told to come back: that is enough
for most images, and a worker is never held for longer by one image.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from ..errors import Busy, Refused, Unreadable
from ..geometry import Box, Size
from .fits_pixels import Pixels
from .halving import Halver, strips, working_type
from .level_cache import BeingMade, CannotKeep, LevelCache
from .level_file import LevelFacts, LevelFile
from .source import Raw

PATIENCE = 4.0  # seconds that requests wait for the levels of an image, all together
POLL = 0.05  # seconds between looks at what another worker makes
TOUCH = 60.0  # seconds between notes that levels are used
GRUDGE = 30.0  # seconds until levels that could not be made are tried again

_log = logging.getLogger("iipastro")


@dataclass
class _Making:
    """Levels on their way."""

    file: LevelFile
    failure: Refused | None = None
    thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


class Overview:
    """The lower levels of one open image.  For one thread.

    Parameters
    ----------
    facts : of the levels.
    pixels : the full resolution, of `full` pixels; belongs to the caller.
    cache : where levels are kept.
    file : the levels, if they were found there.
    """

    def __init__(
        self,
        facts: LevelFacts,
        full: Size,
        pixels: Pixels,
        cache: LevelCache,
        file: LevelFile | None = None,
    ):
        self._facts = facts
        self._full = full
        self._pixels = pixels
        self._cache = cache
        self._file = file
        self._touched = time.monotonic()
        self._making: _Making | None = None
        self._waiting_since: float | None = None
        self._failure: tuple[float, Refused] | None = None

    def read(self, number: int, index: int, rows: slice) -> Raw:
        """Return rows of a tile of lower level `number`, 0 the largest; raises Refused."""
        file = self._file
        if file is not None and not file.closed and time.monotonic() - self._touched > TOUCH:
            self._touched = time.monotonic()
            self._cache.touch(self._facts)
            if file.removed:  # it takes room beyond cache_size
                file.close()
        if file is None or file.closed:
            file = self._file = self._wait()
        return file.read(number, index, rows)

    def close(self) -> None:
        """Let go of the file of levels.  What is being made is finished for the next one."""
        if self._file is not None and not self._file.in_memory:
            self._file.close()
        self._file = None

    # ---- waiting

    def _wait(self) -> LevelFile:
        """Return the levels, made if they have to be.  Raises Busy, or what keeps them away."""
        now = time.monotonic()
        if self._failure is not None and now < self._failure[0]:
            raise self._failure[1]
        if self._waiting_since is None:
            self._waiting_since = now
        while (file := self._cache.open(self._facts)) is None:
            self._look_after(min(self._waiting_since or now, now) + PATIENCE)
            until = min(self._waiting_since or now, now) + PATIENCE  # since work began, if it did
            if time.monotonic() >= until:
                raise Busy("the overview of the image is being made")
            if self._making is not None and self._making.thread is not None:
                self._making.thread.join(max(0.0, until - time.monotonic()))
            else:
                time.sleep(POLL)
        self._making = self._waiting_since = self._failure = None
        return file

    def _look_after(self, until: float) -> None:
        """Begin to make the levels if nobody does; raise what has gone wrong."""
        if self._making is not None and self._making.running:
            return
        making, self._making = self._making, None
        failure = making.failure if making is not None else None
        if failure is None and making is not None:  # they are there now
            return
        if failure is None:
            try:
                self._making = self._begin(until)
                if self._making is not None:
                    self._waiting_since = time.monotonic()
                return
            except Unreadable as error:
                failure = error
        self._waiting_since = None
        self._failure = (time.monotonic() + GRUDGE, failure)
        raise failure

    def _begin(self, until: float) -> _Making | None:
        """Start a thread that makes the levels; None where another one does already."""
        if not self._cache.makers.acquire(blocking=False):
            raise Busy("overviews of other images are being made")
        making = None
        try:
            making = self._room(until)
            if making is not None:
                self._start(making)
        finally:
            if making is None or making.thread is None:
                self._cache.makers.release()
        return making

    def _start(self, making: _Making) -> None:
        """Start the thread.  Raises Unreadable where the system has no room for it."""
        try:
            pixels = self._pixels.again()
        except OSError as error:  # no descriptors
            self._cache.drop(making.file)
            raise Unreadable("the overview of the image cannot be made now") from error
        thread = threading.Thread(target=self._make, args=(making, pixels), daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no threads
            pixels.close()
            self._cache.drop(making.file)
            raise Unreadable("the overview of the image cannot be made now") from error
        making.thread = thread

    def _room(self, until: float) -> _Making | None:
        """Return a file to fill, on the disk or, if that cannot be, in memory."""
        try:
            return _Making(self._cache.begin(self._facts, until))
        except BeingMade:
            return None
        except CannotKeep:
            file = self._cache.begin_in_memory(self._facts)
            if file is None:
                raise Unreadable("the overview of the image cannot be kept now") from None
            return _Making(file)

    # ---- in the thread

    def _make(self, making: _Making, pixels: Pixels) -> None:
        """Fill the file of levels and hand it to the cache."""
        kept = False
        try:
            make_levels(making.file, self._full, pixels)
            if making.file.in_memory:
                self._cache.hold(making.file)
            else:
                self._cache.keep(making.file)
            kept = True
        except Refused as error:
            making.failure = error
        except (CannotKeep, OSError, MemoryError) as error:
            _log.error("the overview of a FITS image was not made: %s", error)
            making.failure = Unreadable("the overview of the image cannot be kept now")
        finally:
            self._end(making, kept)
            pixels.close()
            self._cache.makers.release()

    def _end(self, making: _Making, kept: bool) -> None:
        if not kept and making.failure is None:
            making.failure = Unreadable("the overview of the image cannot be made")
        if not kept:
            self._cache.drop(making.file)
        elif not making.file.in_memory:
            making.file.close()


def make_levels(file: LevelFile, full: Size, pixels: Pixels) -> None:
    """Fill a file of levels from the full resolution, read once, from the top.

    Raises Unreadable where the image fails or changes meanwhile, OSError
    where the file does.
    """
    facts = file.facts
    file.start()
    halver = Halver([full, *facts.sizes], lambda halvings, *rows: file.write(halvings - 1, *rows))
    dtype = working_type(facts.dtype)
    for top, rows in strips(full.height, full.width * facts.channels * dtype.itemsize, facts.tile):
        strip = pixels.read(Box(0, top, full.width, rows))
        halver.add(strip.astype(facts.dtype, copy=False))
    if pixels.identity != facts.identity:
        raise Unreadable("the image file has changed")
