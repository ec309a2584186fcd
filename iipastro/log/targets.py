"""Where lines go: stderr, a file, syslog.  What takes none costs a complaint, and no more."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import select
import socket
import stat
import time
from collections.abc import Callable
from typing import Protocol

from .lines import NOTICE, stamped

SYSLOG = "/dev/log"  # rsyslog and systemd's journal both listen there

_STDERR = 2
_FACILITY = 3  # daemon
_SEVERITIES = {  # of syslog (RFC 3164, 4.1.1)
    logging.DEBUG: 7,
    logging.INFO: 6,
    NOTICE: 5,
    logging.WARNING: 4,
    logging.ERROR: 3,
    logging.CRITICAL: 2,
}

Complain = Callable[[str], None]


class Sink(Protocol):
    """What takes lines.  Each method may raise OSError."""

    def send(self, line: str, text: str, level: int) -> None:
        """Take a line at once; `text` is the same without its time, process and level."""
        ...

    def reopen(self) -> None:
        """Start anew."""
        ...

    def close(self) -> None:
        """Take no more."""
        ...


class Target:
    """A sink and its name.  It never raises.

    Parameters
    ----------
    complain : is told when lines begin to get lost, and when that is over.
    """

    def __init__(self, name: str, sink: Sink, complain: Complain):
        self._name = name
        self._sink = sink
        self._complain = complain
        self._failing = False
        self._lost = 0  # lines

    def open(self) -> None:
        """Open it for the first time."""
        try:
            self._sink.reopen()
        except OSError as error:
            self._failed(error)

    def write(self, line: str, text: str, level: int = logging.INFO) -> bool:
        """Write a line, of which `text` is what syslog is to have; return whether it was taken."""
        try:
            self._sink.send(line, text, level)
        except OSError as error:
            self._lost += 1
            self._failed(error)
            return False
        if self._failing:
            self._complain(f"{self._name} takes lines again, after {self._lost} that it did not")
            self._failing, self._lost = False, 0
        return True

    def reopen(self) -> None:
        """Open it anew.  What was open stays so if that fails."""
        try:
            self._sink.reopen()
        except OSError as error:
            self._complain(f"cannot open {self._name} anew: {error.strerror or error}")

    def close(self) -> None:
        """Let go of it."""
        self._sink.close()

    def _failed(self, error: OSError) -> None:
        if not self._failing:
            self._complain(f"cannot write to {self._name}: {error.strerror or error}")
        self._failing = True


def to_target(setting: str, complain: Complain) -> Target:
    """Return what a setting of [log] names: stderr, syslog, syslog:/PATH or /PATH."""
    if setting == "stderr":
        return to_stderr()
    kind, _, path = setting.partition(":")
    if kind == "syslog":
        return Target(setting, Syslog(path or SYSLOG), complain)
    target = Target(setting, File(setting), complain)
    target.open()
    return target


def to_stderr() -> Target:
    """Return stderr, which has none but itself to complain to."""
    return Target("stderr", Stderr(), complain_on_stderr)


def _put(descriptor: int, line: str) -> None:
    """Write a line by one write.  Raises OSError if not all of it is taken.

    Of a longer line than a pipe takes at once, the pipe gets what it takes: the
    rest could lie among the lines of others.
    """
    data = line.encode("ascii", "backslashreplace") + b"\n"
    if len(data) > select.PIPE_BUF and stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        data = data[: select.PIPE_BUF - 1] + b"\n"
    if os.write(descriptor, data) < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def complain_on_stderr(message: str) -> None:
    """Tell what cannot be told in the error log."""
    with contextlib.suppress(OSError):
        _put_on_stderr(stamped(time.time(), "warning", os.getpid(), message))


def _put_on_stderr(line: str) -> None:
    """Write a line if that needs no waiting: whoever is to read it may do so no more.

    Others write there too, so it is not made to block never: we look first.  What has
    room has it for a whole line; only who looks in the same moment could take it.
    Raises OSError.
    """
    look = select.poll()
    look.register(_STDERR, select.POLLOUT)
    if not look.poll(0):
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    _put(_STDERR, line)


class Stderr:
    """Descriptor 2, whatever it leads to."""

    def send(self, line: str, text: str, level: int) -> None:  # noqa: ARG002
        """Write the line."""
        _put_on_stderr(line)

    def reopen(self) -> None:
        """It has no name to be opened by."""

    def close(self) -> None:
        """It stays open: others write to it too."""


class File:
    """A file that is appended to; made with mode 0640 if it is not there.

    Its descriptor keeps its number when it is opened anew.
    """

    def __init__(self, path: str):
        self._path = path
        self._descriptor = -1
        self._closed = False
        self._torn = False  # the last line may have no end

    def send(self, line: str, text: str, level: int) -> None:  # noqa: ARG002
        """Write the line, by one write: lines of many processes stay whole."""
        if self._closed:
            raise OSError(errno.EBADF, "it is closed")
        if self._descriptor < 0:
            self.reopen()
        try:
            _put(self._descriptor, "\n" + line if self._torn else line)
        except OSError:
            self._torn = True
            raise
        self._torn = False

    def reopen(self) -> None:
        """Open the file of this name, whichever it is now."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK  # a pipe may have no reader
        opened = os.open(self._path, flags, 0o640)
        if self._descriptor < 0:
            self._descriptor = opened
            return
        os.dup2(opened, self._descriptor, inheritable=False)
        os.close(opened)
        self._torn = False

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._closed = -1, True


class Syslog:
    """The system's log, by the socket it listens on.  It is never waited for."""

    def __init__(self, path: str = SYSLOG):
        self._path = path
        self._socket: socket.socket | None = None

    def send(self, line: str, text: str, level: int) -> None:  # noqa: ARG002
        """Send the text as one datagram; if syslog was restarted, over a new socket."""
        severity = _SEVERITIES.get(level, 5)
        stamp = time.strftime("%b %e %H:%M:%S")
        message = f"<{_FACILITY * 8 + severity}>{stamp} iipastro[{os.getpid()}]: {text}".encode()
        if self._socket is not None:
            with contextlib.suppress(ConnectionError):
                self._socket.send(message)
                return
        self._connect().send(message)

    def reopen(self) -> None:
        """Connect anew."""
        self._connect()

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _connect(self) -> socket.socket:
        self.close()
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        opened.setblocking(False)
        try:
            opened.connect(self._path)
        except OSError:
            opened.close()
            raise
        self._socket = opened
        return opened
