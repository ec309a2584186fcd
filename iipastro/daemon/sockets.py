"""The socket that the web server finds us on: made, taken over, and removed again."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import stat
import time
from collections.abc import Iterator

from .privileges import Account, acting_as
from .systemd import FIRST_DESCRIPTOR, passed_sockets

SYSTEMD = "systemd"  # in place of an address
_PROBE_SECONDS = 1.0
_LOCK_TRIES = 40  # in two seconds


class CannotListen(Exception):
    """The socket cannot be had.  `str(error)` is one line for the administrator."""


class Entrance:
    """A listening socket that is only accepted from, at half of what that costs in `socket`.

    Two of the four µs of an `accept` and a `close` there go into names for numbers
    and into files made of sockets, which we never make.
    """

    def __init__(self, listening: socket.socket):
        self.fileno = listening.fileno
        self._take = listening._accept  # type: ignore[attr-defined]  # what `accept` itself calls
        self._kind = int(listening.family), int(listening.type), listening.proto

    def accept(self) -> tuple[socket.SocketType, object]:
        """Return the next connection and its address.  Raises OSError, as a socket does."""
        descriptor, address = self._take()
        return socket.SocketType(*self._kind, descriptor), address


class Listener:
    """A listening socket that never blocks, and the file that goes when it does."""

    def __init__(self, listening: socket.socket, path: str = ""):
        listening.setblocking(False)
        self.socket = listening
        self._path = path
        self._file = _identity(path) if path else None

    def close(self) -> None:
        """Stop listening.  A file that another server has put in our place stays.

        The file goes first: as long as the socket is open, no other file can have its number.
        """
        if self._file is not None and _identity(self._path) == self._file:
            with contextlib.suppress(PermissionError):  # root's folder: root removes it next time
                os.unlink(self._path)
        self._file = None
        self.socket.close()


def listen(address: str, backlog: int, mode: int, owner: Account | None = None) -> Listener:
    """Open `unix:PATH`, `HOST:PORT`, or take over `fd:N` or `systemd`.  Raises CannotListen.

    Parameters
    ----------
    address : `*:PORT` is every address of this host, of IPv4 and of IPv6 where it has
        that; `0.0.0.0:PORT` those of IPv4 alone; `[::1]:PORT` one of IPv6.
    backlog : connections that may wait to be accepted; a socket that is taken over has its own.
    mode : permissions of a unix socket.
    owner : of a unix socket, if not this process's.
    """
    kind, _, rest = address.partition(":")
    try:
        if kind == "fd":
            return Listener(_taken_over(int(rest)))
        if kind == "unix":
            return Listener(_unix(rest, backlog, mode, owner), rest)
        if address == SYSTEMD:
            return Listener(_taken_over(_passed_on()))
        return Listener(_tcp(address, backlog))
    except OSError as error:
        raise CannotListen(f"cannot listen on {address}: {error.strerror or error}") from error
    except UnicodeError as error:  # a label of a host's name that is empty or too long
        raise CannotListen(f"cannot listen on {address}: no such host") from error


# ---- descriptor 0


def _taken_over(descriptor: int) -> socket.socket:
    """Return a copy of a listening socket that we were started with.

    Whether it is unix or TCP, the system knows.  The descriptor itself then
    leads to nothing, so that the socket is closed when we close it.
    """
    if not is_listening(descriptor):
        raise CannotListen(f"descriptor {descriptor} is no listening socket")
    listening = socket.socket(fileno=os.dup(descriptor))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, descriptor)
    os.close(nothing)
    _send_at_once(listening)
    return listening


def _passed_on() -> int:
    """Return the descriptor of the socket that systemd passes on."""
    count = passed_sockets(os.environ)
    if count != 1:
        raise CannotListen(f"one socket is to come from systemd, {count or 'none'} has")
    return FIRST_DESCRIPTOR


def is_listening(descriptor: int) -> bool:
    """Return whether a descriptor is a socket that listens."""
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return False
    except OSError:
        return False
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        return copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1


# ---- TCP


def _tcp(address: str, backlog: int) -> socket.socket:
    host, _, port = address.rpartition(":")
    everywhere = host == "*"
    name = _any_address() if everywhere else host.removeprefix("[").removesuffix("]")
    found = socket.getaddrinfo(name, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, where = found[0]
    with _closed_on_error(socket.socket(family, kind, protocol)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if everywhere and family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        _send_at_once(listening)
        listening.bind(where)
        listening.listen(backlog)
    return listening


def _any_address() -> str:
    """Return the address that stands for all: that of IPv6 takes IPv4 too, where there is IPv6."""
    return "::" if socket.has_dualstack_ipv6() else "0.0.0.0"  # noqa: S104  as asked


def _send_at_once(listening: socket.socket) -> None:
    """Let no answer wait for the acknowledgement of another: accepted sockets inherit this."""
    if listening.family in {socket.AF_INET, socket.AF_INET6}:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


# ---- unix


def _unix(path: str, backlog: int, mode: int, owner: Account | None) -> socket.socket:
    """Bind with the right permissions, then listen: nobody gets in before they are right.

    The folder is locked meanwhile: of two servers that start at once, one finds the other.
    """
    with (
        _locked(os.path.dirname(path) or "."),
        _closed_on_error(socket.socket(socket.AF_UNIX)) as listening,
    ):
        _remove_left_over(path)
        os.fchmod(listening.fileno(), mode)  # which bind() gives to the file
        before = os.umask(0)
        try:
            _bind(listening, path, owner)
        finally:
            os.umask(before)
        listening.listen(backlog)
    return listening


def _bind(listening: socket.socket, path: str, owner: Account | None) -> None:
    """Make the file of a socket, with its owner.

    Who may write to the folder may put anything in the place of the file: so
    root acts on its path only where the owner may not.
    """
    if owner is not None:
        with contextlib.suppress(PermissionError), acting_as(owner):
            listening.bind(path)
            return
    listening.bind(path)
    if owner is not None:
        os.chown(path, owner.user, owner.group, follow_symlinks=False)


def _remove_left_over(path: str) -> None:
    """Remove the socket of a server that is gone; one that answers is never touched."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_PROBE_SECONDS)
        try:
            probe.connect(path)
        except FileNotFoundError:
            return
        except ConnectionRefusedError:
            if _is_socket(path):
                os.unlink(path)
            return  # what is no socket stays, and bind() says so
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.ETIMEDOUT, None}:
                raise
    raise CannotListen(f"cannot listen on unix:{path}: another server does")


def _is_socket(path: str) -> bool:
    return stat.S_ISSOCK(os.lstat(path).st_mode)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def _locked(folder: str) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Wait for a lock, but not for ever: anybody who can read a folder can hold one."""
    for _ in range(_LOCK_TRIES):
        with contextlib.suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(0.05)
    raise OSError(errno.EAGAIN, "another program holds the folder of the socket")


@contextlib.contextmanager
def _closed_on_error(opened: socket.socket) -> Iterator[socket.socket]:
    try:
        yield opened
    except BaseException:
        opened.close()
        raise
