"""The file that says which process to send signals to."""

from __future__ import annotations

import contextlib
import fcntl
import os


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

    Not for the process that holds it: looking would take its lock away.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with open(descriptor, encoding="ascii", errors="replace") as file:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = file.read(20).strip()
            return int(text) if text.isdigit() else None
    return None
