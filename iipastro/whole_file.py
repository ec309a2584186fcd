"""A file that appears whole or not at all (operations R12).

It grows under its name with `.part` behind it, locked, so that two runs never
write one file; what a killed run left there is written over by the next.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

PART = ".part"
ATTEMPTS = 10  # to lock a part that others put in place meanwhile


@contextmanager
def whole_file(path: str) -> Iterator[BinaryIO]:
    """Give a file to write, which replaces `path` at the end of the block, or vanishes.

    At the name only when all of it is on the disk.  Where `path` is a link, the
    file that it leads to is replaced.  Raises OSError where another run writes the
    same file, where something is that is no file, and for every error of the disk.
    """
    place = os.path.realpath(path)
    _check_place(place)
    with os.fdopen(_locked(place + PART), "w+b") as file:
        try:
            yield file
            _put_in_place(file, place)
        except BaseException:
            if _is_still_there(file.fileno(), place + PART):
                os.unlink(place + PART)
            raise


def names_of(path: str) -> tuple[str, str]:
    """Return the names that writing `path` uses up: its own, and that of the part."""
    place = os.path.realpath(path)
    return place, place + PART


def _check_place(place: str) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(place).st_mode):
            raise OSError("there is something that is no file")


def _locked(part: str) -> int:
    """Open the part, lock it and empty it.  Raises OSError, BlockingIOError where it is in use."""
    for _ in range(ATTEMPTS):
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(part, flags, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still_there(descriptor, part):
                os.ftruncate(descriptor, 0)
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise OSError("another run is writing it") from None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the run that had it has just put it in place, or removed it
    raise OSError("other runs are writing it")


def _is_still_there(descriptor: int, part: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(part))
    except FileNotFoundError:
        return False


def _put_in_place(file: BinaryIO, place: str) -> None:
    file.flush()
    os.fsync(file.fileno())
    os.replace(place + PART, place)
    folder = os.open(os.path.dirname(place), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
