"""The only place where a name of a client becomes a file.

A name is walked component by component, each one opened relative to the
descriptor of the directory before it and never through a symbolic link;
links are read and walked by hand.  What was checked is what is open, so there
is no moment between a check and an opening (operations R21).  The stack of
directory descriptors starts at the root, and ".." of a link target pops it:
above the root there is nothing to pop.

Every way to fail says the same, so that nobody learns what lies outside.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ..errors import NotFound, Unreadable, printable

MAX_NAME_BYTES = 4096
MAX_COMPONENT_BYTES = 255
MAX_COMPONENTS = 64  # of a name, or of the rest of it when a link has been followed
MAX_LINKS = 20
MAX_ECHO = 100  # characters of the name in a message
DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
LISTING = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
HERE, PARENT = b".", b".."
NO_SUCH_FILE = frozenset(
    {
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EACCES,
        errno.EPERM,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.EILSEQ,
        errno.EINVAL,
        errno.ENXIO,  # a socket, or a FIFO without a writer
        errno.ENODEV,
    }
)


def open_inside(root: str, name: str, follow_symlinks: bool) -> int:
    """Return a descriptor of the regular file `name` below `root`, for reading; the caller's own.

    Parameters
    ----------
    root : a directory; opened anew each time, as it may be mounted again.
    name : as the client gave it, UTF-8 with surrogate escapes. Leading
        slashes, empty components and "." mean nothing.
    follow_symlinks : True: a symbolic link counts if it stays inside the
        root; False: none does.

    Raises
    ------
    NotFound
        No such file, or one that is not for this client: never says which.
    Unreadable
        The file system fails.
    """
    with _translated(name):
        *directories, last = _components(name)
        with _Walk(root, follow_symlinks) as walk:
            walk.follow(directories)
            return walk.open_file(last)


def list_inside(root: str, name: str, follow_symlinks: bool) -> list[str]:
    """Return the names in the directory that `name` is in, in no order; raises as `open_inside`."""
    with _translated(name):
        *directories, _ = _components(name)
        with _Walk(root, follow_symlinks) as walk:
            walk.follow(directories)
            return walk.names()


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Turn an error of the system into a refusal that holds only the client's own words."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_SUCH_FILE:
            raise NotFound(f"no image {printable(name[:MAX_ECHO])[:MAX_ECHO]}") from error
        raise Unreadable("the image cannot be read now") from error


def _components(name: str) -> list[bytes]:
    """Return the parts of a client's name, at least one.  Raises OSError for a name not allowed."""
    try:
        path = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise _refusal(errno.EILSEQ) from error
    if any(
        character in "\\\x7f" or character < " " or "\x80" <= character < "\xa0"
        for character in name
    ):
        raise _refusal(errno.EINVAL)
    parts = _split(path)
    if not parts or PARENT in parts:
        raise _refusal(errno.EACCES)
    return parts


def _split(path: bytes) -> list[bytes]:
    """Return the parts of a path that mean something; bounds them."""
    parts = [part for part in path.split(b"/") if part not in (b"", HERE)]
    if (
        len(path) > MAX_NAME_BYTES
        or len(parts) > MAX_COMPONENTS
        or any(len(part) > MAX_COMPONENT_BYTES for part in parts)
    ):
        raise _refusal(errno.ENAMETOOLONG)
    return parts


def _refusal(code: int) -> OSError:
    return OSError(code, os.strerror(code))


class Sight(NamedTuple):
    """A file that a walk has found, as it can be looked at again without opening anything."""

    folders: tuple[bytes, ...]  # that are passed on the way down, as paths
    path: bytes
    facts: tuple[int, ...]


def sight_of(root: str, name: str, status: os.stat_result) -> Sight:
    """Return the sight of the file that `open_inside` has opened; `status` is of its descriptor."""
    *parts, last = _components(name)
    paths = [os.fsencode(root)]
    for part in (*parts, last):
        paths.append(os.path.join(paths[-1], part))
    return Sight(tuple(paths[1:-1]), paths[-1], _facts(status))


def is_unchanged(sight: Sight) -> bool:
    """Return whether a walk would find this file again, and nothing of it has changed.

    False says nothing: only a walk can tell what is behind a link.  The change
    time is among the facts: a file that was renamed, or may be read no more,
    has another one.  So whoever moves folders about while we look can at most
    make us take the file for unchanged that is open already.
    """
    try:
        for folder in sight.folders:
            if not stat.S_ISDIR(os.lstat(folder).st_mode):
                return False
        return _facts(os.lstat(sight.path)) == sight.facts
    except OSError:
        return False


def _facts(status: os.stat_result) -> tuple[int, ...]:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


class _Walk:
    """A way down from the root: the descriptors of the directories passed, the root first."""

    def __init__(self, root: str, follow_symlinks: bool):
        self._root = root
        self._links = MAX_LINKS if follow_symlinks else 0  # still allowed
        self._stack = [os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)]

    def __enter__(self) -> _Walk:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave(0)

    def _leave(self, depth: int) -> None:
        """Go back up until `depth` directories are on the stack."""
        while len(self._stack) > depth:
            os.close(self._stack.pop())

    def follow(self, parts: list[bytes]) -> None:
        """Go down into directories; links among them are followed."""
        waiting = list(reversed(parts))
        while waiting:
            part = waiting.pop()
            if part == PARENT:
                self._up()
                continue
            try:
                self._stack.append(os.open(part, DIRECTORY, dir_fd=self._stack[-1]))
            except OSError as error:
                if error.errno not in (errno.ENOTDIR, errno.ELOOP):  # what a link here gives
                    raise
                waiting.extend(reversed(self._target(part)))
            if len(waiting) + len(self._stack) > 2 * MAX_COMPONENTS:
                raise _refusal(errno.ENAMETOOLONG)

    def open_file(self, last: bytes) -> int:
        """Return a descriptor of the regular file `last`, or of what it links to."""
        while True:
            if last == PARENT:
                raise _refusal(errno.EISDIR)
            try:
                return _open_regular(last, self._stack[-1])
            except OSError as error:
                if error.errno != errno.ELOOP:  # what a link here gives
                    raise
            *directories, last = self._target(last) or [PARENT]
            self.follow(directories)

    def names(self) -> list[str]:
        """Return the names in the directory that was reached."""
        listing = os.open(".", LISTING, dir_fd=self._stack[-1])
        try:
            found = os.listdir(listing)
        finally:
            os.close(listing)
        return [os.fsencode(name).decode("utf-8", "surrogateescape") for name in found]

    def _up(self) -> None:
        if len(self._stack) == 1:
            raise _refusal(errno.EACCES)
        self._leave(len(self._stack) - 1)

    def _target(self, part: bytes) -> list[bytes]:
        """Return where the link `part` leads, from the directory that is on top afterwards.

        Raises OSError where it is no link (EINVAL), or one too many.
        """
        if self._links == 0:
            raise _refusal(errno.ELOOP)
        self._links -= 1
        target = os.readlink(part, dir_fd=self._stack[-1])
        parts = _split(target)
        if not target.startswith(b"/"):
            return parts
        self._leave(1)
        return self._below_root(parts)

    def _below_root(self, parts: list[bytes]) -> list[bytes]:
        """Return an absolute target from the root on, compared part by part, never as text."""
        for root in (os.path.realpath(self._root), os.path.abspath(self._root)):
            above = _split(os.fsencode(root))
            if parts[: len(above)] == above:
                return parts[len(above) :]
        raise _refusal(errno.EACCES)


def _open_regular(name: bytes, directory: int) -> int:
    """Open a regular file.  Raises OSError, also for anything else than a regular file."""
    descriptor = os.open(name, FILE, dir_fd=directory)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _refusal(errno.ENODEV)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
