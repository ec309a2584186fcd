"""Making every cache forget an image: its files get a new time, and with it new keys.

The time is part of what an image is to memory, memcached, the levels of FITS
files and the browser, on all machines that see the file.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator

from ..errors import NotFound, Unreadable
from .sandbox import list_inside, open_inside
from .selection import split_selection
from .sequence import FIRST, find_sequence

SECOND = 10**9  # in ns: what Last-Modified tells apart
PATIENCE = 5.0  # seconds until the clock of a file system must have moved on
_POLL = 0.02  # seconds


def purge(root: str, name: str, suffix: str, pattern: str, follow_symlinks: bool) -> int:
    """Set the time of an image's files to now, and return how many there are.

    Parameters
    ----------
    name : as behind FIF=. What is in brackets is passed over: it is the file that
        changes.  Of a sequence, all members are meant.
    suffix, pattern : of the names of files, and of members of sequences.

    Raises
    ------
    NotFound
        No such image.
    OSError
        A file is not ours to write.
    Unreadable
        The file system keeps the old time.
    """
    names = list(_files(root, name, suffix, pattern, follow_symlinks))
    for each in names:
        descriptor = open_inside(root, each, follow_symlinks)
        try:
            _touch(descriptor)
        finally:
            os.close(descriptor)
    return len(names)


def _files(root: str, name: str, suffix: str, pattern: str, follow_symlinks: bool) -> Iterator[str]:
    """Yield the names of an image's files, in the order in which a request looks for them."""
    split = split_selection(name)
    for candidate in (name, *(split[:1] if split else ())):
        try:
            os.close(open_inside(root, candidate + suffix, follow_symlinks))
        except NotFound:
            continue
        yield candidate + suffix
        return
    sequence = find_sequence(root, name, pattern, follow_symlinks)
    if sequence is None:
        os.close(open_inside(root, name + suffix, follow_symlinks))  # raises NotFound
        return
    folder, slash, stem = name.rpartition("/")
    member = re.compile(rf"{re.escape(stem + pattern)}[0-9]{{3}}_[0-9]{{3}}\.{sequence.suffix}")
    for found in sorted(list_inside(root, sequence.member(FIRST), follow_symlinks)):
        if member.fullmatch(found):
            yield folder + slash + found


def _touch(descriptor: int) -> None:
    """Set the time of a file to now: another second than before, as headers count in seconds."""
    before = os.fstat(descriptor).st_mtime_ns // SECOND
    until = time.monotonic() + PATIENCE
    while True:
        os.utime(descriptor)
        if os.fstat(descriptor).st_mtime_ns // SECOND != before:
            return
        if time.monotonic() >= until:
            raise Unreadable("the file system keeps the time of the file")
        time.sleep(_POLL)
