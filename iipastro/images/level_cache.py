"""The folder in which the lower levels of FITS images are kept, shared by all workers.

A file grows under a name with `.part` behind it, locked by the worker that
makes it, and gets its own name when it is whole and on the disk: what has a
name is whole.  The kernel lets go of the lock of a process that dies, so an
unlocked `.part` is litter, and is removed.  Names are only made, changed and
removed under a lock on the folder itself, which is held for a moment.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
import time
import weakref
from collections import OrderedDict, deque
from collections.abc import Iterator

from ..errors import Busy
from .level_file import LevelFacts, LevelFile, read_facts

WHOLE, PART = ".levels", ".part"
MAX_HELD = 64 << 20  # bytes of levels that are kept in memory where the folder cannot be used
MAX_MAKERS = 2  # threads of a worker that make levels
IDLE = 60.0  # seconds after which a removed file is closed when another one is opened
POLL = 0.01  # seconds between tries to lock the folder
KEEPING = 60.0  # seconds that a maker waits for the folder, as its work would be lost
DROPPING = 1.0  # seconds, as what stays is swept later
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
OLD = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_log = logging.getLogger("iipastro")


class BeingMade(Exception):
    """Another worker, or another thread, makes these levels now."""


class CannotKeep(Exception):
    """The folder cannot take these levels: it is full, not there or not ours."""


class LevelCache:
    """Files of levels by the image that they belong to (operations R10, R26).

    For one thread, but for `keep`, `drop` and `hold`, which makers call.

    Parameters
    ----------
    folder : where they are; made if it is not there. "" for none.
    most_bytes : that all of them together may take; the least recently used go first.
    """

    def __init__(self, folder: str = "", most_bytes: int = 0):
        self.makers = threading.BoundedSemaphore(MAX_MAKERS)
        self._folder = folder
        self._most = most_bytes
        self._told = False  # the log knows that the folder cannot be used
        self._held: OrderedDict[str, LevelFile] = OrderedDict()  # in memory
        self._open: weakref.WeakSet[LevelFile] = weakref.WeakSet()  # of the folder, given out
        self._finished: deque[LevelFile] = deque()  # in memory, from other threads

    def open(self, facts: LevelFacts) -> LevelFile | None:
        """Return the levels of an image if they are there, with the cuts that are kept."""
        self._take_finished()
        self._let_go()
        held = self._held.get(facts.key)
        if held is not None:
            self._held.move_to_end(facts.key)
            return held
        if not self._folder:
            return None
        try:
            descriptor = os.open(self._path(facts.key + WHOLE), OLD)
        except OSError:
            return None
        try:
            kept = read_facts(descriptor, facts)
            if kept is not None:
                with contextlib.suppress(OSError):  # of another owner
                    os.utime(descriptor)
                file = LevelFile(descriptor, kept)
                self._open.add(file)
                return file
        except OSError:
            pass
        os.close(descriptor)
        return None

    def touch(self, facts: LevelFacts) -> None:
        """Note that the levels of an image are used."""
        with contextlib.suppress(OSError):
            os.utime(self._path(facts.key + WHOLE))

    def begin(self, facts: LevelFacts, until: float = 0.0) -> LevelFile:
        """Return a new file to write the levels to, with room on the disk for all of them.

        To be given to `keep` or `drop`.  The folder is waited for until a time
        of the monotonic clock.  Raises BeingMade, also where they have been
        made just now, CannotKeep, and Busy while others use the folder.
        """
        try:
            with self._locked(until) as folder:
                made = self.open(facts)
                if made is not None:
                    if not made.in_memory:
                        made.close()
                    raise BeingMade
                self._sweep(folder, facts)
                file = self._new(folder, facts)
            self._take_room(file)
        except OSError as error:
            self._tell(error.strerror or str(error))
            raise CannotKeep from error
        self._told = False
        return file

    def keep(self, file: LevelFile) -> None:
        """Give a finished file its name.  Raises CannotKeep, Busy after a long wait."""
        key = file.facts.key
        try:
            file.sync()
            with self._locked(time.monotonic() + KEEPING) as folder:
                os.rename(key + PART, key + WHOLE, src_dir_fd=folder, dst_dir_fd=folder)
                os.fsync(folder)
        except OSError as error:
            self._tell(error.strerror or str(error))
            raise CannotKeep from error

    def drop(self, file: LevelFile) -> None:
        """Remove a file that was not finished, and close it: unlocked, it is litter at least."""
        if not file.in_memory:
            until = time.monotonic() + DROPPING
            with contextlib.suppress(OSError, Busy), self._locked(until) as folder:
                os.unlink(file.facts.key + PART, dir_fd=folder)
        file.close()

    def begin_in_memory(self, facts: LevelFacts) -> LevelFile | None:
        """Return a new file in memory; None where the levels are too large for that."""
        if facts.length > MAX_HELD // 2:
            return None
        return LevelFile(os.memfd_create("levels", os.MFD_CLOEXEC), facts, in_memory=True)

    def hold(self, file: LevelFile) -> None:
        """Keep a finished file in memory."""
        self._finished.append(file)

    def close(self) -> None:
        """Forget what is held in memory."""
        self._take_finished()
        while self._held:
            self._held.popitem()[1].close()

    # ---- the folder

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)

    @contextlib.contextmanager
    def _locked(self, until: float) -> Iterator[int]:
        """Hold the lock of the folder, and give its descriptor.  Raises OSError, Busy."""
        if not self._folder or not self._most:
            raise OSError("there is no cache_dir")
        with contextlib.suppress(FileExistsError):
            os.mkdir(self._folder, 0o750)
        folder = os.open(self._folder, FOLDER)
        try:
            _lock(folder, until)
            yield folder
        finally:
            os.close(folder)  # which unlocks it

    def _sweep(self, folder: int, facts: LevelFacts) -> None:
        """Remove litter, and the files used least recently, until there is room for one more.

        Raises BeingMade, OSError where it can never fit.
        """
        if facts.length > self._most:
            raise OSError("the levels are larger than cache_size")
        being_made, whole = facts.length, []
        for name in os.listdir(folder):
            if not name.endswith((WHOLE, PART)):
                continue
            with contextlib.suppress(FileNotFoundError):
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if name.endswith(WHOLE):
                    whole.append((max(status.st_atime_ns, status.st_mtime_ns), name, status))
                elif _abandoned(folder, name):
                    os.unlink(name, dir_fd=folder)
                    continue
                elif name == facts.key + PART:
                    raise BeingMade
                else:
                    being_made += status.st_size
        if being_made > self._most:
            raise OSError("cache_size is taken by levels that are being made")
        total = being_made + sum(status.st_size for _, _, status in whole)
        for _, name, status in sorted(whole, key=lambda entry: entry[:2]):
            if total <= self._most:
                return
            os.unlink(name, dir_fd=folder)
            total -= status.st_size

    def _new(self, folder: int, facts: LevelFacts) -> LevelFile:
        name = facts.key + PART
        descriptor = os.open(name, NEW, 0o640, dir_fd=folder)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, facts.length)  # so that others count it
        except OSError:
            os.unlink(name, dir_fd=folder)
            os.close(descriptor)
            raise
        return LevelFile(descriptor, facts)

    def _take_room(self, file: LevelFile) -> None:
        """Take room on the disk, which may last: the folder is not locked.  Raises OSError."""
        try:
            file.allocate()
        except OSError:
            self.drop(file)
            raise

    def _tell(self, what: str) -> None:
        """Tell the log once, until it works again; a folder that nobody wants is no news."""
        if self._folder and not self._told:
            _log.error("overviews of FITS images cannot be kept in %r: %s", self._folder, what)
        self._told = True

    def _let_go(self) -> None:
        """Close files that lie idle and were removed: they take room beyond cache_size."""
        since = time.monotonic() - IDLE
        for file in list(self._open):
            if file.closed:
                self._open.discard(file)
            elif file.used <= since and file.removed:
                file.close()

    def _take_finished(self) -> None:
        """Hold what other threads have finished.

        Files are closed here, in the thread that reads them: those used least
        recently, where all together are too large.
        """
        while self._finished:
            file = self._finished.popleft()
            self._held[file.facts.key] = file
        while sum(held.facts.length for held in self._held.values()) > MAX_HELD:
            self._held.popitem(last=False)[1].close()


def _lock(folder: int, until: float) -> None:
    """Lock a folder, tried once at least.  Raises Busy where others hold it until then."""
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Busy("the overviews of images are in use") from None
            time.sleep(POLL)
        else:
            return


def _abandoned(folder: int, name: str) -> bool:
    """Tell whether nobody holds the lock of a file any more."""
    descriptor = os.open(name, OLD, dir_fd=folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
