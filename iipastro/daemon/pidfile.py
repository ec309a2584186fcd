"""The file that says which process to send signals to."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct

_LOCK = "hhqqi0q"  # struct flock: kind, whence, start, length, process


class Pidfile:
    """A file with our number in it, locked for as long as we live.

    The lock belongs to this process alone: a child does not have it, and the
    kernel takes it away however we end.  So a file that is not locked says nothing.
    """

    def __init__(self, path: str):
        """Write it.  Raises OSError; BlockingIOError: another server's."""
        self._path = path
        self._descriptor = os.open(
            path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644
        )
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, f"{os.getpid()}\n".encode())
        except OSError:
            os.close(self._descriptor)
            raise

    def close(self) -> None:
        """Remove it.  In a folder that is not ours it stays, unlocked."""
        with contextlib.suppress(OSError):
            if os.path.samestat(os.stat(self._path), os.fstat(self._descriptor)):
                os.unlink(self._path)
        os.close(self._descriptor)


def running(path: str) -> int | None:
    """Return the process that holds the file; None: no server does.  Raises OSError.

    The kernel says who that is: what the file says, and where a link leads, is
    up to its owner, and root may be about to send a signal.  Not for the process
    that holds it: to close the file would take its lock away.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return None
    try:
        asked = struct.pack(_LOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        found = fcntl.fcntl(descriptor, fcntl.F_GETLK, asked)
    finally:
        os.close(descriptor)
    kind, _, _, _, process = struct.unpack(_LOCK, found)
    return process if kind != fcntl.F_UNLCK and process > 0 else None
