"""What ends a request early: one line per error, its HTTP status beside it.

No message holds a path of the server; all are printable ASCII, so that no
request can write a header or a log line of its own.
"""

from __future__ import annotations

from typing import NamedTuple


class Refused(Exception):
    """The request ends here.  `str(error)` is the body, and is printable."""

    status = 500

    def __init__(self, message: str):
        super().__init__(printable(message))


class BadArgument(Refused):
    """An argument that no image could satisfy."""

    status = 400


class NotFound(Refused):
    """No such image, level or tile, or an image outside the root: we never say which."""

    status = 404


class Unservable(Refused):
    """The file is there, but is no image that this server can show."""

    status = 404


class BadMethod(Refused):
    """A method other than GET, HEAD, POST and OPTIONS."""

    status = 405


class TooLarge(Refused):
    """The answer would pass a limit of the configuration, and always will."""

    status = 413


class TooLong(Refused):
    """The query string passes a limit of the configuration."""

    status = 414


class Unreadable(Refused):
    """The pixels cannot be read now: a file cut short, a disk that fails."""

    status = 503


class Busy(Refused):
    """What the answer needs is being made or taken: to be asked for again in a moment."""

    status = 503

    def __init__(self, message: str, retry_seconds: int = 10):
        super().__init__(message)
        self.retry_seconds = retry_seconds


class Fault(NamedTuple):
    """An IIP error that does not end the request (spec 1.5)."""

    code: str
    argument: str


def printable(text: str) -> str:
    """Return `text` in printable ASCII: all else becomes a backslash escape."""
    ascii_text = text.encode("ascii", "backslashreplace").decode()
    if ascii_text.isprintable():
        return ascii_text
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in ascii_text)
