"""A running server asked over its own socket, as a web server asks it."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import NamedTuple

from . import fastcgi
from .pairs import Malformed


class NoAnswer(Exception):
    """The server could not be asked, or did not answer.  `str(error)` says why."""


class Answer(NamedTuple):
    """What it answered."""

    status: int
    body: bytes


def ask(listen: str, variables: Mapping[str, str], seconds: float) -> Answer:
    """Return the answer to a request with these CGI variables.  Raises NoAnswer.

    Parameters
    ----------
    listen : unix:PATH or HOST:PORT, as [server] listen has it.
    seconds : in which the whole answer has to come.
    """
    kind, _, path = listen.partition(":")
    if kind in {"fd", "systemd"}:
        raise NoAnswer(f"listen = {listen} names no socket: say which with --connect")
    try:
        with _connected(kind, path, listen, seconds) as opened:
            opened.sendall(fastcgi.question(variables))
            return _parsed(fastcgi.output(_Reader(opened, time.monotonic() + seconds).read))
    except OSError as error:
        raise NoAnswer(f"no answer from {listen}: {error.strerror or error}") from error
    except (Malformed, ValueError, IndexError) as error:
        raise NoAnswer(f"{listen} does not answer as iipastro does") from error


def _connected(kind: str, path: str, listen: str, seconds: float) -> socket.socket:
    if kind != "unix":
        host, _, port = listen.rpartition(":")
        name = "localhost" if host == "*" else host.removeprefix("[").removesuffix("]")
        return socket.create_connection((name, int(port)), seconds)
    opened = socket.socket(socket.AF_UNIX)
    opened.settimeout(seconds)
    try:
        opened.connect(path)
    except OSError:
        opened.close()
        raise
    return opened


class _Reader:
    """Reads whole pieces, and not after the deadline."""

    def __init__(self, opened: socket.socket, deadline: float):
        self._socket = opened
        self._deadline = deadline

    def read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            self._socket.settimeout(max(0.001, self._deadline - time.monotonic()))
            piece = self._socket.recv(count - len(data))
            if not piece:
                raise ConnectionResetError("the connection was closed")
            data += piece
        return data


def _parsed(output: bytes) -> Answer:
    head, _, body = output.partition(b"\r\n\r\n")
    first = head.split(b"\r\n")[0]
    return Answer(int(first.split()[1]) if first.startswith(b"Status:") else 200, body)
