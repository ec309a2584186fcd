"""The error log: one event, one line, to stderr or a file.  It never stops the service."""

from __future__ import annotations

import contextlib
import logging
import os
import time

from .errors import printable

NOTICE = 25  # between info and warning: what an administrator wants to see of a healthy service
LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "notice": NOTICE,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_NAMES = {number: name for name, number in LEVELS.items()}
_STDERR = 2


def configure(level: str, target: str) -> None:
    """Send what the logger `iipastro` gets, from `level` up, to stderr or to the file `target`.

    A file is created with mode 0640 and appended to.  If it cannot be opened,
    stderr is used and told so.  May be called again: the old file is closed.
    """
    logger = logging.getLogger("iipastro")
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = False
    logger.setLevel(LEVELS[level])
    failure = ""
    descriptor = _STDERR
    if target != "stderr":
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        except OSError as error:
            failure = error.strerror or "unknown error"
    logger.addHandler(LineHandler(descriptor))
    if failure:
        logger.warning("cannot write to %s: %s; the log goes to stderr", target, failure)


class LineHandler(logging.Handler):
    """Writes each event by one write to a descriptor, so that lines of many workers stay whole."""

    def __init__(self, descriptor: int):
        super().__init__()
        self._descriptor = descriptor
        self.setFormatter(LineFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Write the event.  A log that takes none, such as one on a full disk, gets none."""
        with contextlib.suppress(OSError):
            os.write(self._descriptor, self.format(record).encode() + b"\n")

    def close(self) -> None:
        """Let go of the file."""
        super().close()
        if self._descriptor != _STDERR:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = _STDERR


class LineFormatter(logging.Formatter):
    """Time in UTC, level, process and message, in one line of printable ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of an event."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        name = _NAMES.get(record.levelno, str(record.levelno))
        text = _message(record)
        if record.exc_info:
            text += " | " + self.formatException(record.exc_info).replace("\n", " | ")
        return f"{moment}.{int(record.msecs):03d}Z {name} [{record.process}] {printable(text)}"


def _message(record: logging.LogRecord) -> str:
    """Return the message of an event; one whose arguments do not fit is written without them."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return str(record.msg)
